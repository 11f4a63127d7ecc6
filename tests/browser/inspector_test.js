// The inspector's page from a file, in headless Chromium.
//
//   node inspector_test.js PROGRAM PAGE
//
// Reads CHROMIUM (a path), SCREENSHOTS (a directory) and SAMPLE (every how many cases with a secret are run).

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { cases, differences, ofProgram } from './inspector_corpus.js';

const [program, file] = process.argv.slice(2).map((name) => path.resolve(name));
const url = String(pathToFileURL(file));
const axe = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
});

// The example of Amazon's documentation.
const LINK = 'https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256'
  + '&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z'
  + '&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404';
const SIGNATURE = LINK.slice(-64);
const ID = 'AKIAIOSFODNN7EXAMPLE';
const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const AT = new Date('2013-05-24T00:30:00Z');

const open = async (options = {}) => {
  const context = await browser.newContext({ viewport: { width: 900, height: 800 }, ...options });
  const page = await context.newPage();
  const seen = { requests: [], complaints: [] };
  page.on('request', (request) => seen.requests.push(request.url()));
  page.on('console', (message) => seen.complaints.push(message.text()));
  page.on('pageerror', (error) => seen.complaints.push(String(error)));
  await page.addInitScript(() => {
    // What the page keeps of its memories is seen by the test.
    const { instantiate } = WebAssembly;
    window.memories = [];
    WebAssembly.instantiate = async (...args) => {
      const instance = await instantiate(...args);
      // Only the last: a browser has room for about a hundred at a time.
      window.memories = [instance.exports.memory];
      return instance;
    };
  });
  await page.clock.setFixedTime(AT);
  // The clock of the page stands still, so this one measures.
  const started = performance.now();
  await page.goto(url);
  return { page, seen, context, loaded: performance.now() - started };
};
const unfold = (page) => page.evaluate(() => document.querySelectorAll('details').forEach((part) => { part.open = true; }));
const result = async (page) => {
  await page.waitForFunction(() => !document.getElementById('examine').disabled && (!document.getElementById('result').hidden || !document.getElementById('error').hidden), null, { timeout: 120_000 });
  return page.evaluate(() => {
    const text = (id) => document.getElementById(id).textContent;
    if (!document.getElementById('error').hidden) return { error: text('error') };
    return Object.fromEntries(['diagnosis_text', 'diagnosis_json', 'inspection_text', 'inspection_json'].map((name) => [name, text(name.replace('_', '-'))]));
  });
};
const inspect = async (page, fields) => {
  await page.evaluate((values) => {
    for (const [name, value] of Object.entries(values)) document.getElementById(name).value = value;
  }, fields);
  await page.click('#examine');
  return result(page);
};
const isQuiet = (seen) => {
  assert.deepEqual(seen.complaints, []);
  assert.deepEqual(seen.requests.filter((one) => one !== url && !one.startsWith('data:')), [], 'requests');
};
const isAccessible = async (page) => {
  // The policy of the page allows no script of the test: it runs in the debugger's world.
  await page.evaluate(axe);
  const report = await page.evaluate(async () => (await window.axe.run()).violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(' ')}`));
  assert.deepEqual(report, []);
};
const shot = (page, name) => process.env.SCREENSHOTS && page.screenshot({ path: path.join(process.env.SCREENSHOTS, `inspector-${name}.png`), fullPage: true });

const tests = {
  async 'with the keyboard alone'() {
    const { page, seen, context } = await open();
    // The focus is in the first field.
    await page.keyboard.insertText(LINK);
    for (const stop of ['response', 'SUMMARY', 'SUMMARY']) {
      await page.keyboard.press('Tab');
      assert.ok(await page.evaluate((name) => [document.activeElement.id, document.activeElement.tagName].includes(name), stop), stop);
    }
    await page.keyboard.press('Enter');
    for (const text of [ID, SECRET]) {
      await page.keyboard.press('Tab');
      await page.keyboard.insertText(text);
    }
    await page.keyboard.press('Enter');
    const found = await result(page);
    assert.equal(JSON.parse(found.diagnosis_json).verdict, 'ok');
    assert.equal(await page.textContent('#signature'), 'signature: matches');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'diagnosis-title');
    assert.match(await page.textContent('#rows'), /examplebucket/);
    isQuiet(seen);
    await context.close();
  },

  async 'secrets are hidden, kept nowhere and wiped'() {
    const { page, seen, context } = await open();
    await unfold(page);
    for (const name of ['secret', 'token']) {
      assert.equal(await page.getAttribute(`#${name}`, 'type'), 'password');
      assert.equal(await page.getAttribute(`#${name}`, 'autocomplete'), 'off');
    }
    await inspect(page, { url: LINK, id: ID, secret: SECRET });
    const shown = await page.evaluate(() => document.body.innerText);
    assert.ok(!shown.includes(SECRET) && !shown.includes(SIGNATURE));
    const left = await page.evaluate(() => window.memories.map((memory) => new Uint8Array(memory.buffer).reduce((sum, byte) => sum + byte, 0)));
    assert.deepEqual(left, [0], 'bytes are left in the memory');
    assert.deepEqual(await page.evaluate(async () => [localStorage.length, sessionStorage.length, document.cookie, location.hash, (await indexedDB.databases()).length]), [0, 0, '', '', 0]);
    await page.click('#clear');
    assert.ok(await page.isHidden('#result'));
    assert.equal(await page.inputValue('#secret'), '');
    assert.equal(await page.textContent('#diagnosis-text'), '');
    isQuiet(seen);
    await context.close();
  },

  async 'nothing can connect'() {
    const { page, context } = await open();
    const policy = await page.getAttribute('meta[http-equiv]', 'content');
    assert.match(policy, /^default-src 'none'; script-src 'sha256-[^']*' 'wasm-unsafe-eval'; style-src 'sha256-[^']*'; img-src data:; base-uri 'none'; form-action 'none'$/);
    const outcomes = await page.evaluate(async () => {
      const blocked = [];
      document.addEventListener('securitypolicyviolation', (event) => blocked.push(event.effectiveDirective));
      await fetch('https://example.com/').catch(() => {});
      await new Promise((resolve) => { const image = new Image(); image.onerror = image.onload = resolve; image.src = 'https://example.com/a.png'; });
      document.body.append(Object.assign(document.createElement('script'), { textContent: 'window.ran = true' }));
      try { new WebSocket('wss://example.com/'); } catch { /* refused at once */ }
      navigator.sendBeacon('https://example.com/');
      await new Promise((resolve) => setTimeout(resolve, 200));
      return { blocked, ran: window.ran === true };
    });
    assert.equal(outcomes.ran, false);
    assert.ok(outcomes.blocked.filter((name) => name === 'connect-src').length >= 3 && outcomes.blocked.includes('img-src'), String(outcomes.blocked));
    await context.close();
  },

  async 'errors are stated'() {
    const { page, seen, context } = await open();
    for (const [fields, message] of [[{ url: '' }, 'no URL is given'], [{ url: 'ftp' }, '`ftp` is not a URL'], [{ url: LINK, secret: SECRET }, 'the access key ID is missing']]) {
      const { error } = await inspect(page, fields);
      assert.match(error, new RegExp(`error: ${message}.*hint: `, 's'));
    }
    await isAccessible(page);
    isQuiet(seen);
    await context.close();
  },

  async 'loads in less than a second, on a phone and in the dark'() {
    assert.ok(fs.statSync(file).size <= 2 << 20);
    for (const [name, options] of [['light', {}], ['phone-dark', { viewport: { width: 390, height: 844 }, colorScheme: 'dark' }]]) {
      const { page, seen, context, loaded } = await open(options);
      console.log(`    ${name}: loaded in ${Math.round(loaded)} ms`);
      assert.ok(loaded < 1000, `${loaded} ms`);
      await isAccessible(page);
      await inspect(page, { url: LINK, id: ID, secret: SECRET.replace('w', 'W'), response: 'HTTP/1.1 403 Forbidden\n\n<Error><Code>SignatureDoesNotMatch</Code></Error>' });
      await unfold(page);
      await isAccessible(page);
      const width = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      assert.ok(width[0] <= width[1], String(width));
      await shot(page, name);
      isQuiet(seen);
      await context.close();
    }
  },

  async 'the reports are those of the program'() {
    const { page, seen, context } = await open();
    const failed = [];
    const all = cases();
    assert.ok(all.length > 200, String(all.length));
    for (const one of all) {
      await page.clock.setFixedTime(one.at);
      const found = await inspect(page, one.fields);
      const differ = found.error ? [found.error] : differences(found, ofProgram(program, one));
      if (differ.length > 0) failed.push(`${one.name}: ${differ.join(', ')}`);
    }
    assert.deepEqual(failed, []);
    isQuiet(seen);
    await context.close();
  },
};

let failed = 0;
for (const [name, test] of Object.entries(tests)) {
  try {
    await test();
    console.log(`ok: ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED: ${name}\n${error.stack}`);
  }
}
await browser.close();
console.log(`${Object.keys(tests).length} tests, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
