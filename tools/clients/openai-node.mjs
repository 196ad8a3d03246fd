// Talks to a running Kinora with OpenAI's client for Node: node tools/clients/openai-node.mjs http://localhost:8080 clip.mp4 [KEY]
// Needs the package openai (npm install openai); ends with 0 if all went as it should.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import OpenAI from 'openai';

const [address, clip, key = 'none'] = process.argv.slice(2);
const openai = new OpenAI({apiKey: key, baseURL: `${address}/v1`, maxRetries: 0});
const model = (await openai.models.list()).data[0].id;
console.log('model', model);

const url = `data:video/mp4;base64,${readFileSync(clip).toString('base64')}`;
const question = {
  model, max_tokens: 12,
  messages: [{role: 'user', content: [{type: 'video_url', video_url: {url}}, {type: 'text', text: 'What moves?'}]}],
};
const whole = (await openai.chat.completions.create(question)).choices[0].message.content;
let streamed = '';
let usage = null;
for await (const chunk of await openai.chat.completions.create({...question, stream: true, stream_options: {include_usage: true}})) {
  streamed += chunk.choices[0]?.delta?.content ?? '';
  usage = chunk.usage ?? usage;
}
assert.equal(streamed, whole);
assert.ok(usage.completion_tokens >= 1 && usage.completion_tokens <= 12);
console.log('chat', JSON.stringify(whole));

await assert.rejects(openai.chat.completions.create({...question, model: 'no-such-model'}), OpenAI.NotFoundError);
await assert.rejects(
  openai.chat.completions.create({...question, messages: [{role: 'user', content: [{type: 'video_url', video_url: {url: 'http://127.0.0.1/'}}]}]}),
  OpenAI.BadRequestError);

let video = await openai.videos.create({prompt: 'a blue star spins', model, seconds: '2', num_inference_steps: 2});
while (video.status === 'queued' || video.status === 'in_progress') {
  await new Promise(resolve => setTimeout(resolve, 500));
  video = await openai.videos.retrieve(video.id);
}
assert.equal(video.status, 'completed');
const bytes = Buffer.from(await (await openai.videos.downloadContent(video.id)).arrayBuffer());
assert.equal(bytes.subarray(4, 8).toString(), 'ftyp');
assert.ok((await openai.videos.list()).data.some(listed => listed.id === video.id));
assert.ok((await openai.videos.delete(video.id)).deleted);
console.log('video', bytes.length, 'bytes');
