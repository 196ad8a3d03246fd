import {$, call, facts, json, say} from './api.js';

const videos = new Map();

async function make(request, of = '') {
  say($('generate-status'), '');
  try {
    const job = await (await call(of ? `v1/videos/${of}/remix` : 'v1/videos', json(request))).json();
    say($('generate-status'), 'It is in the queue, below.');
    show(job);
  } catch (failure) {
    say($('generate-status'), failure.message, true);
  }
}

function generate(event) {
  event.preventDefault();
  const request = {prompt: $('prompt').value, num_frames: Number($('video-frames').value)};
  if ($('size').value) request.size = $('size').value;
  if ($('steps').value) request.num_inference_steps = Number($('steps').value);
  if ($('seed').value) request.seed = Number($('seed').value);
  make(request, $('prompt').dataset.remix);
  stopRemixing();
}

function stopRemixing() {
  delete $('prompt').dataset.remix;
  $('remix-of').hidden = true;
}

function item(job) {
  const known = videos.get(job.id);
  if (known) return known;
  const element = $('job').content.firstElementChild.cloneNode(true);
  element.dataset.id = job.id;
  element.querySelector('.cancel').onclick = () => act(`v1/videos/${job.id}/cancel`, 'POST');
  element.querySelector('.delete').onclick = async () => {
    if (await act(`v1/videos/${job.id}`, 'DELETE')) {
      (element.nextElementSibling ?? element.previousElementSibling)?.querySelector('.delete').focus();
      element.remove();
      videos.delete(job.id);
      $('no-jobs').hidden = videos.size > 0;
    }
  };
  element.querySelector('.remix').onclick = () => {
    $('prompt').value = job.prompt;
    $('prompt').dataset.remix = job.id;
    $('remix-of').hidden = false;
    $('prompt').focus();
  };
  element.querySelector('.again').onclick = () => make({
    prompt: job.prompt, num_frames: job.kinora.frames, fps: job.kinora.fps,
    ...(job.size === 'auto' ? {} : {size: job.size}),
    seed: Math.floor(Math.random() * 2 ** 31),
  });
  for (const one of element.querySelectorAll('button')) one.setAttribute('aria-label', `${one.textContent}: ${job.prompt}`);
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
    say($('generate-status'), failure.message, true);
    return false;
  }
}

async function show(job) {
  const element = item(job);
  const ended = job.status === 'completed' || job.status === 'failed';
  const state = element.querySelector('.state');
  element.querySelector('.prompt').textContent = job.prompt;
  const cancelled = job.error?.code === 'cancelled';
  state.textContent = cancelled ? 'cancelled' : job.error ? `${job.status}: ${job.error.message}`
      : job.status === 'in_progress' ? `step ${job.kinora.step} of ${job.kinora.steps}` : job.status;
  state.classList.toggle('failed', job.status === 'failed' && !cancelled);
  const progress = element.querySelector('progress');
  progress.hidden = ended;
  progress.value = job.progress;
  progress.setAttribute('aria-label', `progress of ${job.prompt}`);
  element.querySelector('.cancel').hidden = ended;
  element.querySelector('.remix').hidden = job.status !== 'completed';
  const made = element.querySelector('video');
  facts(element.querySelector('dl'), [
    ['size', made.videoWidth ? `${made.videoWidth}x${made.videoHeight}` : job.size],
    ['steps', job.kinora.steps], ['length', `${job.kinora.frames} frames at ${job.kinora.fps} a second`], ['seed', job.kinora.seed],
    ['remix of', job.remixed_from_video_id ?? ''], ['id', job.id],
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

export async function refreshVideos() {
  const page = await (await call('v1/videos?limit=20')).json();
  for (const job of page.data.reverse()) await show(job);
}

export function startVideos() {
  $('generate-form').onsubmit = generate;
  $('remix-stop').onclick = stopRemixing;
}
