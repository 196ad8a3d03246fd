// Uses the page of a running Kinora in a browser, as a person would: node tools/browser/page.mjs http://localhost:8080 clip.mp4 [FOLDER]
// Needs the package playwright-core (npm ci) and a Chromium (CHROMIUM=/usr/bin/chromium); FOLDER gets screenshots. Ends with 0 if all went as it should. Clips
// should come on a stream all the while, so that a standing question has something to alert of, and a record that is no question lie on the questions topic.
// STEPS=4 makes rough videos soon, PATIENCE=600 waits ten minutes for each thing.
import assert from 'node:assert/strict';
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
      && (node.placeholder || [...node.childNodes].some(child => child.nodeType === 3 && child.textContent.trim()))).map(node => {
    const hint = node.placeholder && !node.value;
    const [a, b] = [luminance(getComputedStyle(node, hint ? '::placeholder' : null).color), luminance(backdrop(node))].sort((x, y) => y - x);
    return [(hint ? node.placeholder : node.textContent).trim().slice(0, 30), (a + 0.05) / (b + 0.05)];
  }).filter(([, contrast]) => contrast < 4.5);
});

const nameless = page => page.evaluate(() => [...document.querySelectorAll('button, input, select, a, video')]
    .filter(node => node.checkVisibility() && !(node.getAttribute('aria-label') || node.textContent.trim() || node.labels?.length))
    .map(node => node.outerHTML.slice(0, 80)));

/** What the keyboard cannot reach, or reaches unseen. */
const unreached = async page => {
  await page.evaluate(() => {
    document.activeElement?.blur();
    window.reached = new Set();
    document.addEventListener('focusin', event => {
      if (getComputedStyle(event.target).outlineStyle !== 'none') window.reached.add(event.target);
    });
  });
  for (let i = 0; i < 150; i++) await page.keyboard.press('Tab');
  return page.evaluate(() => [...document.querySelectorAll('a, button, input, select, summary, video')]
      .filter(node => node.checkVisibility() && !node.disabled && !window.reached.has(node)).map(node => node.outerHTML.slice(0, 80)));
};

const page = await open({colorScheme: 'light', viewport: {width: 1280, height: 900}});
await page.setInputFiles('#clip-file', clip);
await page.fill('#question', 'What moves?');
await page.keyboard.press('Enter');
await page.waitForSelector('#ask-facts dt', PATIENCE);
await page.waitForFunction(() => document.querySelectorAll('#seen li').length === 8, null, PATIENCE);

await page.fill('#stand-question', 'What colour is the shape?');
await page.fill('#stand-choices', 'blue, red');
await page.fill('#stand-threshold', '0.0001');
await page.click('#stand-form button[type=submit]');
await page.waitForFunction(() => document.querySelector('#standing-list li'), null, PATIENCE);

await page.fill('#prompt', 'a blue star spins');
await page.fill('#seed', '7');
if (process.env.STEPS) await page.fill('#steps', process.env.STEPS);
await page.click('#generate-form button[type=submit]');
await page.waitForFunction(() => { const video = document.querySelector('#job-list li:first-child video'); return document.querySelector('#job-list li:first-child .prompt')?.textContent === 'a blue star spins' && video?.src && !video.hidden; }, null, PATIENCE);
await page.waitForFunction(() => { const video = document.querySelector('#job-list li:first-child video'); return video.readyState > 1 && (video.currentTime > 0 || video.play()); }, null, PATIENCE);
await page.click('#job-list li:first-child .remix');
assert.equal(await page.inputValue('#prompt'), 'a blue star spins');
await page.click('#remix-stop');

await page.waitForFunction(() => document.querySelector('#stream-list img')?.src, null, PATIENCE);
await page.click('#stream-list li:last-child button:has-text("Ask about it")');
assert.ok(await page.evaluate(() => document.activeElement.id === 'question'), 'the question does not come next');
await page.waitForFunction(() => document.getElementById('clip').readyState > 1, null, PATIENCE);
await page.fill('#question', 'What happens in the video?');
await page.click('#ask-form button[type=submit]');
await page.waitForFunction(() => document.querySelectorAll('#seen li').length === 8 && document.getElementById('answer').textContent, null, PATIENCE);

await page.waitForFunction(() => document.querySelector('#alert-list li.raised img')?.src, null, PATIENCE);
await page.waitForFunction(() => document.querySelectorAll('#topic-list tr').length > 5, null, PATIENCE);
await page.waitForFunction(() => document.querySelector('#letter-list button'), null, PATIENCE);
await page.waitForFunction(() => document.querySelector('#job-list li:first-child dd').textContent.includes('x'), null, PATIENCE);
await shot(page, 'page-light');
assert.deepEqual(await contrasts(page), []);
assert.deepEqual(await nameless(page), []);
assert.deepEqual(await unreached(page), []);
await page.click('#letter-list button:has-text("Drop")');
await page.waitForFunction(() => !document.querySelector('#letter-list button'), null, PATIENCE);
const standing = '#standing-list li:has-text("What colour is the shape?")';
await page.focus(`${standing} button:has-text("Pause")`);
await page.keyboard.press('Enter');
await page.waitForSelector(`${standing} button:has-text("Resume")`, PATIENCE);
assert.ok(await page.evaluate(() => document.activeElement.closest('#standing-list')), 'pausing loses the place of the keyboard');
await page.click(`${standing} button:has-text("Delete")`);
await page.waitForFunction(() => !document.querySelector('#standing-list li'), null, PATIENCE);

await page.fill('#prompt', 'a red circle');
await page.fill('#steps', '200');
await page.click('#generate-form button[type=submit]');
await page.waitForFunction(() => document.querySelector('#job-list li:first-child .prompt').textContent === 'a red circle', null, PATIENCE);
await page.waitForFunction(() => { const job = document.querySelector('#job-list li:first-child'); return job.querySelector('progress').value > 0 && !job.querySelector('img').hidden; }, null, PATIENCE);
await shot(page, 'page-making');
await page.click('#job-list li:first-child .cancel');
await page.waitForFunction(() => document.querySelector('#job-list li:first-child .state').textContent.includes('cancelled'), null, PATIENCE);

const dark = await open({colorScheme: 'dark', viewport: {width: 1280, height: 900}});
await dark.waitForFunction(() => !document.getElementById('letters').hidden && document.querySelector('#stream-list img')?.src && document.querySelectorAll('#topic-list tr').length > 5, null, PATIENCE);
assert.deepEqual(await contrasts(dark), []);
assert.deepEqual(await nameless(dark), []);
await shot(dark, 'page-dark');

const narrow = await open({colorScheme: 'dark', viewport: {width: 390, height: 844}});
await narrow.waitForFunction(() => !document.getElementById('letters').hidden && document.querySelector('#stream-list img')?.src && document.querySelectorAll('#topic-list tr').length > 5, null, PATIENCE);
assert.ok(await narrow.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'a narrow screen scrolls sideways');
assert.deepEqual(await contrasts(narrow), []);
await shot(narrow, 'page-dark-narrow');
assert.deepEqual(await unreached(narrow), []);

await browser.close();
assert.deepEqual(complaints, []);
console.log('the page works');
