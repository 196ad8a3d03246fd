// Talks to a running Kinora with OpenAI's client for Node, after `npm ci` in this folder:
//   node openai-node.mjs http://localhost:8080 clip.mp4 [--key KEY] [--breaking ADDRESS] [--pictures ADDRESS]
// Says "ok" or "failed" of each thing it does, and ends with 0 if none failed. What needs a service of another kind (one whose answers break off, one
// that makes pictures) is done where its address is given. The test suite gives all three.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {parseArgs} from 'node:util';
import OpenAI, {toFile} from 'openai';

const {values: {key, breaking, pictures}, positionals: [address, clip]} = parseArgs({
  allowPositionals: true,
  options: {key: {type: 'string', default: 'none'}, breaking: {type: 'string'}, pictures: {type: 'string'}},
});
const client = at => new OpenAI({apiKey: key, baseURL: `${at}/v1`, maxRetries: 0});
const openai = client(address);
const model = (await openai.models.list()).data[0].id;
const url = `data:video/mp4;base64,${readFileSync(clip).toString('base64')}`;
const about = link => [{role: 'user', content: [{type: 'video_url', video_url: {url: link}}, {type: 'text', text: 'What moves?'}]}];
const question = {model, messages: about(url), max_completion_tokens: 12, temperature: 0};

async function does(what, work) {
  try {
    await work();
    console.log(`ok ${what}`);
  } catch (failure) {
    console.log(`failed ${what}: ${failure.stack}`);
    process.exitCode = 1;
  }
}

await does('models', async () => {
  assert.equal((await openai.models.retrieve(model)).owned_by, 'kinora');
  await assert.rejects(openai.models.retrieve('no-such-model'), OpenAI.NotFoundError);
});

await does('a chat about a clip', async () => {
  const answer = await openai.chat.completions.create(question);
  assert.equal(answer.choices[0].message.role, 'assistant');
  assert.ok(answer.choices[0].message.content.length > 0);
  assert.equal(answer.usage.total_tokens, answer.usage.prompt_tokens + answer.usage.completion_tokens);
  await assert.rejects(openai.chat.completions.create({...question, model: 'no-such-model'}), OpenAI.NotFoundError);
  await assert.rejects(openai.chat.completions.create({...question, messages: about('http://127.0.0.1/')}), OpenAI.BadRequestError);
});

await does('a streamed chat about an uploaded clip', async () => {
  const whole = (await openai.chat.completions.create(question)).choices[0].message.content;
  const file = await openai.files.create({file: await toFile(readFileSync(clip), 'clip.mp4', {type: 'video/mp4'}), purpose: 'user_data'});
  let streamed = '';
  let usage = null;
  for await (const chunk of await openai.chat.completions.create(
      {...question, messages: about(file.id), stream: true, stream_options: {include_usage: true}})) {
    streamed += chunk.choices[0]?.delta?.content ?? '';
    usage = chunk.usage ?? usage;
  }
  assert.equal(streamed, whole);
  assert.ok(usage.completion_tokens >= 1 && usage.completion_tokens <= 12);
  assert.ok((await openai.files.delete(file.id)).deleted);
});

if (breaking) await does('an error in the middle of a stream', async () => {
  let heard = '';
  await assert.rejects(async () => {
    for await (const chunk of await client(breaking).chat.completions.create({...question, stream: true})) {
      heard += chunk.choices[0]?.delta?.content ?? '';
    }
  }, failure => failure instanceof OpenAI.APIError && failure.message.includes('a stage broke'));
  assert.equal(heard, 'A red');
});

await does('videos', async () => {
  let video = await openai.videos.create({prompt: 'a blue star spins', model, seconds: '2', num_inference_steps: 2});
  assert.equal(video.status, 'queued');
  while (video.status === 'queued' || video.status === 'in_progress') {
    await new Promise(resolve => setTimeout(resolve, 200));
    video = await openai.videos.retrieve(video.id);
  }
  assert.equal(video.status, 'completed', JSON.stringify(video));
  const bytes = Buffer.from(await (await openai.videos.downloadContent(video.id)).arrayBuffer());
  assert.equal(bytes.subarray(4, 8).toString(), 'ftyp');
  const listed = [];
  for await (const one of openai.videos.list({limit: 5})) listed.push(one.id);
  assert.ok(listed.includes(video.id));
  assert.equal(new Set(listed).size, listed.length);
  assert.ok((await openai.videos.delete(video.id)).deleted);
  await assert.rejects(openai.videos.retrieve(video.id), OpenAI.NotFoundError);
});

if (pictures) {
  const painter = client(pictures);
  const prompt = {prompt: 'a lighthouse', model: (await painter.models.list()).data[0].id, size: '64x64', num_inference_steps: 4, seed: 7};
  let whole;
  await does('pictures', async () => {
    whole = (await painter.images.generate(prompt)).data[0].b64_json;
    assert.deepEqual([...Buffer.from(whole, 'base64').subarray(0, 4)], [0x89, 0x50, 0x4e, 0x47]);
  });
  await does('streamed pictures', async () => {
    let completed;
    for await (const event of await painter.images.generate({...prompt, stream: true, partial_images: 2})) {
      if (event.type === 'image_generation.completed') completed = event.b64_json;
      else assert.equal(event.type, 'image_generation.partial_image');
    }
    assert.equal(completed, whole);
  });
}
