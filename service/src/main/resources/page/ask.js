import {$, call, events, facts, say, seconds} from './api.js';

const TOPIC = 'kafka://';
let asking = null;

function dataUrl(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}

async function medium() {
  const file = $('clip-file').files[0];
  const url = file ? await dataUrl(file) : $('clip-address').value.trim();
  if (!url) return [];
  const picture = file ? file.type.startsWith('image/') : /\.(png|jpe?g|webp)$/i.test(url);
  return [picture ? {type: 'image_url', image_url: {url}} : {type: 'video_url', video_url: {url}}];
}

async function showSeen(times) {
  const video = $('clip');
  $('seen').replaceChildren();
  $('seen').hidden = !times.length || video.hidden;
  if ($('seen').hidden) return;
  const eye = document.createElement('video');
  eye.muted = true;
  eye.src = video.src;
  await new Promise(resolve => { eye.onloadeddata = resolve; eye.onerror = resolve; });
  for (const time of times) {
    await new Promise(resolve => { eye.onseeked = resolve; eye.onerror = resolve; eye.currentTime = time; });
    const canvas = document.createElement('canvas');
    canvas.width = eye.videoWidth;
    canvas.height = eye.videoHeight;
    canvas.getContext('2d').drawImage(eye, 0, 0);
    const item = document.createElement('li');
    item.append(canvas, `${time.toFixed(2)} s`);
    $('seen').append(item);
  }
}

async function ask(event, model) {
  event.preventDefault();
  asking?.abort();
  asking = new AbortController();
  const {signal} = asking;
  const answer = $('answer');
  say(answer, '');
  facts($('ask-facts'), []);
  $('seen').hidden = true;
  $('ask-stop').disabled = false;
  const began = performance.now();
  let first = 0;
  try {
    const content = [...await medium(), {type: 'text', text: $('question').value}];
    const response = await call('v1/chat/completions', {
      method: 'POST', signal, headers: {'content-type': 'application/json'},
      body: JSON.stringify({
        model, stream: true, stream_options: {include_usage: true}, max_tokens: 128,
        media_io_kwargs: {video: {num_frames: Number($('frames').value)}},
        messages: [{role: 'user', content}],
      }),
    });
    let about = null;
    for await (const chunk of events(response)) {
      const text = chunk.choices[0]?.delta?.content;
      if (text) {
        first ||= performance.now() - began;
        answer.textContent += text;
      }
      about = chunk.kinora ?? about;
      if (chunk.usage && about) {
        const {prompt_tokens: prompt, completion_tokens: made, prompt_tokens_details: details} = chunk.usage;
        facts($('ask-facts'), [
          ['first token', seconds(first / 1000)],
          ['tokens', `${made} new, ${prompt} of the prompt, ${details.cached_tokens} of them reused`],
          ['clip', about.media_reused ? 'known already: neither decoded nor encoded again' : `decoded in ${seconds(about.seconds.decode)}, encoded in ${seconds(about.seconds.encode)}`],
          ['note', about.untrained ? 'this checkpoint is untrained: the answer means nothing' : ''],
        ]);
        await showSeen(about.frame_seconds);
      }
    }
  } catch (failure) {
    if (failure.name !== 'AbortError') say(answer, failure.message, true);
  } finally {
    $('ask-stop').disabled = true;
  }
}

/** Shows a clip beside what is asked about it; nothing where it is no clip. */
function showClip(bytes) {
  const video = $('clip');
  if (video.src) URL.revokeObjectURL(video.src);
  video.removeAttribute('src');
  $('seen').hidden = true;
  video.hidden = !bytes || bytes.type.startsWith('image/');
  if (!video.hidden) video.src = URL.createObjectURL(bytes);
}

/** Shows the clip of a topic; others lie elsewhere, and the page loads nothing from there. */
async function showAddressed() {
  const address = $('clip-address').value.trim();
  $('clip-file').value = '';
  showClip(null);
  if (!address.startsWith(TOPIC)) return;
  try {
    const bytes = await (await call(`v1/clips/${address.slice(TOPIC.length)}/content`)).blob();
    if ($('clip-address').value.trim() === address) showClip(bytes);
  } catch (failure) {
    say($('answer'), failure.message, true);
  }
}

/** Puts the clip of a topic where the question about it comes next. */
export async function askAbout(clip) {
  $('clip-address').value = clip;
  $('question').focus();
  await showAddressed();
}

/** @param model gives the model's name */
export function startAsking(model) {
  $('ask-form').onsubmit = event => ask(event, model());
  $('ask-stop').onclick = () => asking?.abort();
  $('clip-address').onchange = showAddressed;
  $('clip-file').onchange = () => {
    $('clip-address').value = '';
    showClip($('clip-file').files[0]);
  };
}
