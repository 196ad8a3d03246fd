// Uses the page of a running Kinora in a browser, as a person would: node tools/browser/page.mjs http://localhost:8080 clip.mp4 [FOLDER]
// Needs the package playwright-core (npm ci) and a Chromium (CHROMIUM=/usr/bin/chromium); FOLDER gets screenshots. Ends with 0 if all went as it should. The clip
// should have come on a stream before, and a record that is no question lie on the questions topic, so that there is something to see. With
// BROKER=localhost:9092 and kcat at hand the clip comes once more while a question stands, and its alert is waited for. STEPS=4 makes rough videos soon,
// PATIENCE=600 waits ten minutes for each thing.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {chromium} from 'playwright-core';

const [address, clip, folder] = process.argv.slice(2);
const browser = await chromium.launch({executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox']});
const complaints = [];
const PATIENCE = {timeout: 1000 * Number(process.env.PATIENCE ?? 120)};

async function open(options) {
  const page = await browser.newPage(options);
  page.setDefaultTimeout(PATIENCE.timeout);
  page.on('console', message => { if (message.type() === 'error') complaints.push(message.text()); });
  page.on('pageerror', failure => complaints.push(failure.message));
  page.on('request', request => { if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(address)) complaints.push(`it called ${request.url()}`); });
  await page.goto(address);
  await page.waitForFunction(() => !document.getElementById('model').textContent.includes('connecting'), null, PATIENCE);
  return page;
}

const shot = async (page, name) => { if (folder) await page.screenshot({path: `${folder}/${name}.png`, fullPage: true}); };

/** WCAG's contrast of the text of everything that has some of its own. */
const contrasts = page => page.evaluate(() => {
  const numbers = colour => colour.match(/[\d.]+/g).map(Number);
  const luminance = colour => {
    const [r, g, b] = numbers(colour).map(v => v / 255).map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const backdrop = node => {
    for (let at = node; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if ((numbers(colour)[3] ?? 1) > 0) return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  return [...document.querySelectorAll('body *')].filter(node => node.checkVisibility() && !node.disabled
      && [...node.childNodes].some(child => child.nodeType === 3 && child.textContent.trim())).map(node => {
    const [a, b] = [luminance(getComputedStyle(node).color), luminance(backdrop(node))].sort((x, y) => y - x);
    return [node.textContent.trim().slice(0, 30), (a + 0.05) / (b + 0.05)];
  }).filter(([, contrast]) => contrast < 4.5);
});

const nameless = page => page.evaluate(() => [...document.querySelectorAll('button, input, select, a, video')]
    .filter(node => node.checkVisibility() && !(node.getAttribute('aria-label') || node.textContent.trim() || node.labels?.length || node.id === 'clip'))
    .map(node => node.outerHTML.slice(0, 80)));

const page = await open({colorScheme: 'light', viewport: {width: 1280, height: 900}});
await page.setInputFiles('#clip-file', clip);
await page.fill('#question', 'What moves?');
await page.click('#ask-form button[type=submit]');
await page.waitForSelector('#ask-facts dt', PATIENCE);
await page.waitForFunction(() => document.querySelectorAll('#seen li').length === 8, null, PATIENCE);

await page.fill('#stand-question', 'Is the gate open?');
await page.fill('#stand-choices', 'yes, no');
await page.fill('#stand-threshold', '0.0001');
await page.click('#stand-form button[type=submit]');
await page.waitForFunction(() => document.querySelector('#standing-list li'), null, PATIENCE);

if (process.env.BROKER) {
  execFileSync('kcat', ['-P', '-b', process.env.BROKER, '-t', 'kinora.clips', '-k', 'camera-1', '-H', 'content-type=video/mp4', clip]);
  await page.waitForFunction(() => document.querySelector('#alert-list li.raised img')?.src, null, PATIENCE);
}

await page.fill('#prompt', 'a blue star spins');
if (process.env.STEPS) await page.fill('#steps', process.env.STEPS);
await page.click('#generate-form button[type=submit]');
await page.waitForFunction(() => { const video = document.querySelector('#job-list li:first-child video'); return document.querySelector('#job-list li:first-child .prompt')?.textContent === 'a blue star spins' && video?.src && !video.hidden; }, null, PATIENCE);
await page.waitForFunction(() => { const video = document.querySelector('#job-list li:first-child video'); return video.readyState > 1 && (video.currentTime > 0 || video.play()); }, null, PATIENCE);
await page.click('#job-list li:first-child .remix');
assert.equal(await page.inputValue('#prompt'), 'a blue star spins');
await page.click('#remix-stop');

await page.waitForFunction(() => document.querySelector('#stream-list img')?.src, null, PATIENCE);
await page.waitForFunction(() => document.querySelectorAll('#topic-list tr').length > 5, null, PATIENCE);
await page.waitForFunction(() => document.querySelector('#letter-list button'), null, PATIENCE);
await page.waitForFunction(() => document.querySelector('#job-list li:first-child dd').textContent.includes('x'), null, PATIENCE);
await shot(page, 'page-light');
assert.deepEqual(await contrasts(page), []);
assert.deepEqual(await nameless(page), []);
await page.click('#letter-list button:has-text("Drop")');
await page.waitForFunction(() => !document.querySelector('#letter-list button'), null, PATIENCE);
await page.click('#standing-list li:has-text("Is the gate open?") button:has-text("Delete")');

await page.fill('#prompt', 'a red circle');
await page.fill('#steps', '1000');
await page.click('#generate-form button[type=submit]');
await page.waitForFunction(() => document.querySelector('#job-list li:first-child .prompt').textContent === 'a red circle', null, PATIENCE);
await page.click('#job-list li:first-child .cancel');
await page.waitForFunction(() => document.querySelector('#job-list li:first-child .state').textContent.includes('cancelled'), null, PATIENCE);

const dark = await open({colorScheme: 'dark', viewport: {width: 1280, height: 900}});
await dark.waitForFunction(() => document.querySelector('#stream-list img')?.src && document.querySelectorAll('#topic-list tr').length > 5, null, PATIENCE);
assert.deepEqual(await contrasts(dark), []);
assert.deepEqual(await nameless(dark), []);
await shot(dark, 'page-dark');

const narrow = await open({colorScheme: 'dark', viewport: {width: 390, height: 844}});
await narrow.waitForFunction(() => !document.getElementById('letters').hidden && document.querySelector('#stream-list img')?.src && document.querySelectorAll('#topic-list tr').length > 5, null, PATIENCE);
assert.ok(await narrow.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'a narrow screen scrolls sideways');
assert.deepEqual(await contrasts(narrow), []);
await shot(narrow, 'page-dark-narrow');
await narrow.keyboard.press('Tab');
assert.ok(await narrow.evaluate(() => document.activeElement !== document.body), 'the keyboard reaches nothing');

await browser.close();
assert.deepEqual(complaints, []);
console.log('the page works');
