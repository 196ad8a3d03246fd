import {$, button, call, element, json, say} from './api.js';
import {askAbout} from './ask.js';

const thumbnails = new Map();
const questions = new Map(); // texts of those that stand, by id

/** A picture of a clip; fetched rather than linked, since a key cannot go into a link. */
function thumbnail(clip) {
  const image = element('img');
  image.alt = '';
  if (!thumbnails.has(clip)) {
    thumbnails.set(clip, call(`v1/clips/${clip.slice('kafka://'.length)}/thumbnail`)
        .then(response => response.blob()).then(bytes => URL.createObjectURL(bytes)));
    if (thumbnails.size > 200) {
      const [oldest, address] = thumbnails.entries().next().value;
      thumbnails.delete(oldest);
      address.then(URL.revokeObjectURL, () => {});
    }
  }
  thumbnails.get(clip).then(address => { image.src = address; }, () => image.remove());
  return image;
}

const time = at => element('time', '', new Date(at).toLocaleString());

/** Writes a list anew only where it has changed. Who is in it with the keyboard stays at the same button, or else at the list's first. */
function renew(list, entries, draw) {
  const state = JSON.stringify(entries);
  if (list.dataset.state === state) return;
  list.dataset.state = state;
  const held = list.contains(document.activeElement) && document.activeElement.getAttribute('aria-label');
  list.replaceChildren(...entries.map(draw));
  if (!held) return;
  const buttons = [...list.querySelectorAll('button')];
  (buttons.find(one => one.getAttribute('aria-label') === held) ?? buttons[0])?.focus();
}

async function streams() {
  const {data} = await (await call('v1/streams')).json();
  $('no-streams').hidden = data.length > 0;
  renew($('stream-list'), data, stream => {
    const choose = button('Ask about it', `(the latest clip of ${stream.id})`, () => askAbout(stream.latest.clip), $('stream-status'));
    return element('li', '', thumbnail(stream.latest.clip), element('div', '', element('p', 'prompt', stream.id),
        element('p', 'state', `${stream.clips === 1 ? 'one clip,' : `${stream.clips} clips, the latest`} `, time(stream.latest.at)), choose));
  });
}

async function standing() {
  const {data} = await (await call('v1/subscriptions')).json();
  $('no-standing').hidden = data.length > 0;
  for (const one of data) questions.set(one.id, one.question.text);
  renew($('standing-list'), data, one => {
    const path = `v1/subscriptions/${encodeURIComponent(one.id)}`;
    const paused = one.state === 'paused';
    const status = $('standing-status');
    return element('li', '', element('div', '', element('p', 'prompt', one.question.text),
        element('p', 'state', `${one.id}, of ${one.streams}${paused ? ', paused' : ''}${one.alert ? `, alert when “${one.alert.choice}” reaches ${one.alert.threshold}` : ''}`),
        element('div', 'row',
            button(paused ? 'Resume' : 'Pause', one.question.text, async () => { await call(`${path}/${paused ? 'resume' : 'pause'}`, {method: 'POST'}); await standing(); }, status),
            button('Delete', one.question.text, async () => { await call(path, {method: 'DELETE'}); await standing(); }, status))));
  });
}

async function alerts() {
  const {data} = await (await call('v1/alerts?limit=20')).json();
  $('no-alerts').hidden = data.length > 0;
  renew($('alert-list'), data, alert => {
    const image = element('img');
    image.alt = '';
    if (alert.thumbnail) image.src = alert.thumbnail;
    return element('li', alert.kind, alert.thumbnail ? image : '', element('div', '',
        element('p', 'prompt', `${questions.get(alert.subscription.id) ?? `${alert.subscription.id}:`} ${alert.kind === 'raised' ? alert.choice : `no more: ${alert.choice}`}`),
        element('p', 'state', `${alert.stream}, probability ${alert.probability.toFixed(3)}, `, time(alert.at))));
  });
}

async function stand(event) {
  event.preventDefault();
  const choices = $('stand-choices').value.split(',').map(choice => choice.trim()).filter(Boolean);
  const body = {streams: $('stand-streams').value || '*', question: {text: $('stand-question').value, ...(choices.length ? {choices} : {})}};
  if (choices.length && $('stand-threshold').value) body.alert = {choice: choices[0], threshold: Number($('stand-threshold').value)};
  try {
    const made = await (await call('v1/subscriptions', json(body))).json();
    say($('standing-status'), `It stands as ${made.id}.`);
    $('stand-form').reset();
    await standing();
  } catch (failure) {
    say($('standing-status'), failure.message, true);
  }
}

async function letters() {
  const {data} = await (await call('v1/dead-letters?limit=50')).json();
  $('no-letters').hidden = data.length > 0;
  renew($('letter-list'), data, letter => {
    const path = `v1/dead-letters/${letter.place.slice('kafka://'.length)}`;
    const decide = what => async () => {
      await call(`${path}/${what}`, {method: 'POST'});
      say($('letter-status'), what === 'redrive' ? 'It was sent back.' : 'It was dropped.');
      await letters();
    };
    return element('li', '', element('div', '', element('p', 'prompt', `${letter.code}: ${letter.message}`),
        element('p', 'state', time(letter.at), ` from ${letter.from}${letter.key ? `, key ${letter.key}` : ''}, ${letter.bytes} bytes`),
        element('div', 'row', button('Send back', letter.from, decide('redrive'), $('letter-status')), button('Drop', letter.from, decide('drop'), $('letter-status')))));
  });
}

const gib = bytes => `${(bytes / 2 ** 30).toFixed(2)} GiB`;

async function node() {
  const [it, topics] = await Promise.all(['v1/node', 'v1/topics'].map(async path => (await call(path)).json()));
  const rows = [
    ['model', `${it.model.id}, revision ${it.model.revision}`], ['engine', `${it.engine} on ${it.device}`], ['shards', `${it.shards}`],
    ['memory', `heap ${gib(it.memory.heap_used)} of ${gib(it.memory.heap_max)}`],
    ['load', `${it.load.running} at work, ${it.load.waiting} waiting, cache ${(100 * it.load.kv_cache_usage).toFixed(0)} %`],
    ['up for', `${Math.floor(it.uptime_seconds / 60)} min`],
  ];
  renew($('node-facts'), rows, ([name, value]) => element('div', '', element('dt', '', name), element('dd', '', value)));
  renew($('topic-list'), topics.data, topic => element('tr', '', element('th', '', topic.id), element('td', '', `${topic.records}`),
      element('td', '', Object.entries(topic.lag).map(([group, lag]) => `${lag} (${group})`).join(', '))));
}

const parts = {streams, standing: async () => { await standing(); await alerts(); }, letters, node};

const reveal = (name, seen) => {
  for (const part of document.querySelectorAll(`#${name}, nav a[href="#${name}"]`)) part.hidden = !seen;
};

/** Shows each part once its first figures are there; hides what is for operators from those who are none. */
export async function refreshCluster() {
  await Promise.all(Object.entries(parts).map(async ([name, load]) => {
    try {
      await load();
      reveal(name, true);
    } catch (failure) {
      if (failure.status !== 403 && failure.status !== 401) throw failure;
      reveal(name, false);
    }
  }));
}

export function startCluster() {
  $('stand-form').onsubmit = stand;
}
