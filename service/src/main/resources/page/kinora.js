import {$, call, say} from './api.js';
import {startAsking} from './ask.js';
import {refreshCluster, startCluster} from './cluster.js';
import {refreshVideos, startVideos} from './videos.js';

const POLL_MILLIS = 1000;
const CLUSTER_EVERY = 3;

let model = '';
let round = 0;

async function hello() {
  const list = await (await call('v1/models')).json();
  model = list.data[0].id;
  say($('model'), list.data[0].untrained ? `${model}, untrained: answers and videos mean nothing` : model);
}

/** The next round begins when this one is over, however long that takes. */
async function refresh() {
  try {
    await hello();
    await refreshVideos();
    if (round++ % CLUSTER_EVERY === 0) await refreshCluster();
  } catch (failure) {
    say($('model'), failure.message, true);
  }
  setTimeout(refresh, POLL_MILLIS);
}

startAsking(() => model);
startVideos();
startCluster();
$('key-form').onsubmit = event => event.preventDefault();
$('key').onchange = () => { round = 0; };
refresh();
