const $ = id => document.getElementById(id);
const POLL_MILLIS = 1000;

let model = '';
let asking = null;
const videos = new Map();

function headers(more = {}) {
  const key = $('key').value.trim();
  return key ? {...more, authorization: `Bearer ${key}`} : more;
}

async function call(path, options = {}) {
  const response = await fetch(path, {...options, headers: headers(options.headers)});
  if (!response.ok) {
    const body = await response.json().catch(() => null);
    if (response.status === 401) $('access').open = true;
    throw new Error(body?.error?.message ?? `the service answered ${response.status}`);
  }
  return response;
}

function facts(list, pairs) {
  list.replaceChildren(...pairs.filter(([, value]) => value !== undefined && value !== '').flatMap(([name, value]) => {
    const dt = document.createElement('dt');
    const dd = document.createElement('dd');
    dt.textContent = name;
    dd.textContent = value;
    return [dt, dd];
  }));
}

const seconds = value => `${value.toFixed(value < 1 ? 3 : 2)} s`;

// Asking.

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

/** The events of a stream, as JSON; an event named error is thrown. */
async function* events(response) {
  const decoder = new TextDecoder();
  let text = '';
  for await (const bytes of response.body) {
    text += decoder.decode(bytes, {stream: true});
    const parts = text.split('\n\n');
    text = parts.pop();
    for (const part of parts) {
      const lines = part.split('\n');
      const data = lines.filter(line => line.startsWith('data: ')).map(line => line.slice(6)).join('\n');
      if (!data || data === '[DONE]') continue;
      const event = JSON.parse(data);
      if (event.error) throw new Error(event.error.message);
      yield event;
    }
  }
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

async function ask(event) {
  event.preventDefault();
  asking?.abort();
  asking = new AbortController();
  const {signal} = asking;
  const answer = $('answer');
  answer.textContent = '';
  answer.classList.remove('failed');
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
    if (failure.name !== 'AbortError') {
      answer.textContent = failure.message;
      answer.classList.add('failed');
    }
  } finally {
    $('ask-stop').disabled = true;
  }
}

// Making videos.

async function make(request) {
  $('generate-status').textContent = '';
  $('generate-status').classList.remove('failed');
  try {
    const job = await (await call('v1/videos', {
      method: 'POST', headers: {'content-type': 'application/json'}, body: JSON.stringify(request),
    })).json();
    $('generate-status').textContent = 'It is in the queue, below.';
    show(job);
  } catch (failure) {
    $('generate-status').textContent = failure.message;
    $('generate-status').classList.add('failed');
  }
}

function generate(event) {
  event.preventDefault();
  const request = {prompt: $('prompt').value, num_frames: Number($('video-frames').value)};
  if ($('size').value) request.size = $('size').value;
  if ($('steps').value) request.num_inference_steps = Number($('steps').value);
  if ($('seed').value) request.seed = Number($('seed').value);
  make(request);
}

function item(job) {
  const known = videos.get(job.id);
  if (known) return known;
  const element = $('job').content.firstElementChild.cloneNode(true);
  element.dataset.id = job.id;
  element.querySelector('.cancel').onclick = () => act(`v1/videos/${job.id}/cancel`, 'POST');
  element.querySelector('.delete').onclick = async () => {
    if (await act(`v1/videos/${job.id}`, 'DELETE')) {
      element.remove();
      videos.delete(job.id);
      $('no-jobs').hidden = videos.size > 0;
    }
  };
  element.querySelector('.again').onclick = () => make({
    prompt: job.prompt, num_frames: job.kinora.frames, fps: job.kinora.fps,
    ...(job.size === 'auto' ? {} : {size: job.size}),
    seed: Math.floor(Math.random() * 2 ** 31),
  });
  videos.set(job.id, element);
  $('job-list').prepend(element);
  $('no-jobs').hidden = true;
  return element;
}

async function act(path, method) {
  try {
    await call(path, {method});
    return true;
  } catch (failure) {
    $('generate-status').textContent = failure.message;
    $('generate-status').classList.add('failed');
    return false;
  }
}

async function show(job) {
  const element = item(job);
  const ended = job.status === 'completed' || job.status === 'failed';
  const state = element.querySelector('.state');
  element.querySelector('.prompt').textContent = job.prompt;
  state.textContent = job.error ? `${job.status}: ${job.error.message}`
      : job.status === 'in_progress' ? `step ${job.kinora.step} of ${job.kinora.steps}` : job.status;
  state.classList.toggle('failed', job.status === 'failed');
  const progress = element.querySelector('progress');
  progress.hidden = ended;
  progress.value = job.progress;
  progress.setAttribute('aria-label', `progress of ${job.prompt}`);
  element.querySelector('.cancel').hidden = ended;
  facts(element.querySelector('dl'), [
    ['size', job.size], ['length', `${job.kinora.frames} frames at ${job.kinora.fps} a second`], ['seed', job.kinora.seed], ['id', job.id],
  ]);
  const preview = element.querySelector('img');
  if (job.kinora.preview && !ended) {
    preview.src = job.kinora.preview;
    preview.alt = `preview of ${job.prompt}`;
    preview.hidden = false;
  }
  const video = element.querySelector('video');
  if (job.status === 'completed' && !video.src) {
    // Fetched rather than linked, since a key cannot go into a link.
    const bytes = await (await call(`v1/videos/${job.id}/content`)).blob();
    video.src = URL.createObjectURL(bytes);
    video.setAttribute('aria-label', job.prompt);
    video.autoplay = !matchMedia('(prefers-reduced-motion: reduce)').matches;
    video.hidden = false;
    preview.hidden = true;
  }
}

async function refresh() {
  try {
    const page = await (await call('v1/videos?limit=20')).json();
    for (const job of page.data.reverse()) await show(job);
  } catch {
    // The next round tries again; the header says if the service is gone.
  }
}

async function hello() {
  try {
    const list = await (await call('v1/models')).json();
    model = list.data[0].id;
    $('model').textContent = list.data[0].untrained ? `${model}, untrained: answers and videos mean nothing` : model;
    $('model').classList.remove('failed');
  } catch (failure) {
    $('model').textContent = failure.message;
    $('model').classList.add('failed');
  }
}

$('ask-form').onsubmit = ask;
$('ask-stop').onclick = () => asking?.abort();
$('generate-form').onsubmit = generate;
$('key-form').onsubmit = event => event.preventDefault();
$('key').onchange = () => { hello(); refresh(); };
$('clip-file').onchange = () => {
  const file = $('clip-file').files[0];
  const video = $('clip');
  if (video.src) URL.revokeObjectURL(video.src);
  video.hidden = !file?.type.startsWith('video/');
  if (!video.hidden) video.src = URL.createObjectURL(file);
};

await hello();
await refresh();
setInterval(() => { hello(); refresh(); }, POLL_MILLIS);
