// The page that the built program prints, in headless Chromium, uploading to a real store from another origin.
//
//   node page_test.js PROGRAM
//
// Reads ENDPOINT, ACCESS_KEY, SECRET_KEY and REGION from the environment, CHROMIUM (a path), and SCREENSHOTS (a directory).

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const program = path.resolve(process.argv[2]);
const { ENDPOINT, ACCESS_KEY, SECRET_KEY, REGION } = process.env;
const axe = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const bucket = `pages-${randomBytes(4).toString('hex')}`;
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'upload-page-'));
const screenshots = process.env.SCREENSHOTS || folder;
const MB = 1_000_000;

// The program and the store

const run = (...args) => {
  const env = { PATH: process.env.PATH, AWS_ACCESS_KEY_ID: ACCESS_KEY, AWS_SECRET_ACCESS_KEY: SECRET_KEY };
  const done = spawnSync(program, [...args, '--endpoint', ENDPOINT, '--region', REGION, '--quiet'], { env, encoding: 'utf8', maxBuffer: 1 << 26 });
  assert.equal(done.status, 0, `${args}: ${done.stderr}`);
  return done.stdout;
};

const stored = async (key) => {
  const answer = await fetch(run('get', '--bucket', bucket, '--key', key).trim());
  return answer.status === 200 ? { body: Buffer.from(await answer.arrayBuffer()), type: answer.headers.get('content-type') } : null;
};

const allow = (...origins) => {
  const command = run('cors', bucket, ...origins.flatMap((origin) => ['--origin', origin]), '--output', 'curl');
  const done = spawnSync('sh', ['-c', command], { encoding: 'utf8' });
  assert.equal(done.status, 0, done.stderr);
};

// The pages

const pages = new Map();
const server = http.createServer((request, response) => {
  const page = pages.get(request.url);
  response.writeHead(page ? 200 : 404, { 'Content-Type': 'text/html; charset=utf-8' });
  response.end(page || '');
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const origin = `http://127.0.0.1:${server.address().port}`;

let count = 0;
const serve = (html) => {
  count += 1;
  pages.set(`/${count}.html`, html);
  return `${origin}/${count}.html`;
};

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
});

// Opens a page and watches what it asks for and what it complains about.
const open = async (url, options = {}) => {
  const context = await browser.newContext({ viewport: { width: 900, height: 700 }, ...options });
  const page = await context.newPage();
  const seen = { requests: [], complaints: [] };
  page.on('request', (request) => seen.requests.push(`${request.method()} ${request.url().split('?')[0]}`));
  page.on('console', (message) => {
    // Chromium writes a line for every answer above 400, which is what the test wants to see.
    if (['error', 'warning'].includes(message.type()) && !/Failed to load resource|CORS policy/.test(message.text())) seen.complaints.push(message.text());
  });
  page.on('pageerror', (error) => seen.complaints.push(String(error)));
  // With somebody who listens from the start, no chooser opens before it is looked for.
  page.on('filechooser', () => {});
  if (options.clock) await page.clock.install({ time: options.clock });
  await page.goto(url);
  return { page, seen, close: () => context.close() };
};

const write = (name, content) => {
  const file = path.join(folder, name);
  fs.writeFileSync(file, content);
  return file;
};
const choose = (page, ...files) => page.setInputFiles('#choose', files);
const send = (page) => page.click('#send');
const says = async (page, pattern) => {
  await page.waitForFunction((source) => new RegExp(source, 's').test(document.getElementById('status').textContent), pattern.source, { timeout: 30_000 })
    .catch(async () => assert.fail(`the page says "${await page.textContent('#status')}" and not ${pattern}`));
};
const toStore = (seen) => seen.requests.filter((line) => line.includes(ENDPOINT));
const nothingOdd = (seen, url) => {
  assert.deepEqual(seen.complaints, []);
  const strangers = seen.requests.filter((line) => !line.includes(url) && !line.includes(ENDPOINT) && !line.includes('data:'));
  assert.deepEqual(strangers, [], 'requests to anybody else');
};
const shot = (page, name) => page.screenshot({ path: path.join(screenshots, `${name}.png`), fullPage: true });
const isAccessible = async (page) => {
  await page.evaluate(axe).catch(() => {});
  const report = await page.evaluate(async () => (window.axe ? (await window.axe.run()).violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(' ')}`) : ['axe did not run']));
  assert.deepEqual(report, []);
};

const form = (...args) => run('post', `${bucket}/in/`, '--output', 'html', '--keep-names', ...args);
const listed = async (prefix) => run('get', `${bucket}/${prefix}`, '--recursive', '--output', 'tsv').trim().split('\n').map((line) => line.split('\t')[0]);
const upload = async (key, body) => {
  const answer = await fetch(run('put', `${bucket}/${key}`).trim(), { method: 'PUT', body });
  assert.equal(answer.status, 200, await answer.text());
};
// A picture of one pixel.
const PIXEL = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

const tests = {
  async 'several files of a folder, with odd names'() {
    const url = serve(form('--max-size', '5MB', '--title', 'Photos of the damage', '--message', 'Please send us all photos\nbefore <b>Friday</b>.'));
    const { page, seen, close } = await open(url);
    assert.equal(await page.textContent('h1'), 'Photos of the damage');
    assert.equal(await page.textContent('.message'), 'Please send us all photos\nbefore <b>Friday</b>.');
    assert.match(await page.textContent('#clock'), /expires in 59 min|expires in 1 h 0 min/);
    assert.match(await page.textContent('#limits'), /at most 5 MB/);
    const names = ['späth & co (1) #%.txt', 'big.bin', "it's a+b.txt"];
    const content = { [names[0]]: 'first', [names[1]]: randomBytes(3 * MB), [names[2]]: 'third' };
    await shot(page, 'empty');
    await choose(page, ...names.map((name) => write(name, content[name])));
    assert.equal(await page.textContent('#send'), 'Upload 3 files');
    await isAccessible(page);
    await shot(page, 'ready');
    await send(page);
    await says(page, /3 files are uploaded\. Thank you/);
    for (const name of names) {
      const found = await stored(`in/${name}`);
      assert.ok(found && found.body.equals(Buffer.from(content[name])), name);
    }
    assert.equal(await page.locator('#files li .good').count(), 3);
    assert.ok(await page.isDisabled('#send'));
    await isAccessible(page);
    await shot(page, 'done');
    nothingOdd(seen, url);
    await close();
  },

  async 'files of one name from several senders are all kept'() {
    const url = serve(run('post', `${bucket}/own/`, '--output', 'html', '--from', 'Ms <b>Roof</b>'));
    for (const body of ['first', 'second', 'third']) {
      const { page, seen, close } = await open(url);
      assert.equal(await page.textContent('.from'), 'Requested by Ms <b>Roof</b>');
      await choose(page, write('roof & chimney.jpg', body));
      await send(page);
      await says(page, /1 file is uploaded\. Thank you/);
      nothingOdd(seen, url);
      await close();
    }
    const keys = await listed('own/');
    assert.equal(keys.length, 3, keys.join());
    for (const key of keys) assert.match(key, /^own\/\d{8}-\d{6}-[0-9a-f]{10}-roof_chimney\.jpg$/);
    const bodies = await Promise.all(keys.map(async (key) => (await stored(key)).body.toString()));
    assert.deepEqual(bodies.sort(), ['first', 'second', 'third']);
  },

  async 'in other languages, on a screen that is touched'() {
    for (const [lang, button, done] of [['de', /Dateien auswählen/, /1 Datei ist hochgeladen\. Vielen Dank/], ['es', /Elegir archivos/, /1 archivo se ha subido/], ['fr', /Choisir des fichiers/, /1 fichier est envoyé/]]) {
      const url = serve(form('--lang', lang));
      const { page, seen, close } = await open(url, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
      assert.equal(await page.getAttribute('html', 'lang'), lang);
      assert.match(await page.textContent('#button'), button);
      assert.ok(!(await page.isVisible('#hint')), 'nothing can be dropped with a finger');
      await choose(page, write(`${lang}.txt`, lang));
      await send(page);
      await says(page, done);
      await isAccessible(page);
      nothingOdd(seen, url);
      await close();
    }
  },

  async 'a page of links'() {
    for (let i = 0; i < 11; i += 1) await upload(`links/note-${i}.txt`, `note ${i}`);
    await upload('links/photo.png', PIXEL);
    const html = run('get', `${bucket}/links/`, '--recursive', '--output', 'html');
    const url = serve(html);
    const { page, seen, close } = await open(url);
    assert.equal(await page.textContent('h1'), 'links');
    assert.match(await page.textContent('main'), /12 files, \d+ bytes/);
    assert.match(await page.textContent('#clock'), /expire in 59 min|expire in 1 h 0 min/);
    await page.waitForFunction(() => document.images[0].naturalWidth === 1);
    await page.fill('#search', 'NOTE 1');
    await page.fill('#search', 'note-1');
    assert.equal(await page.locator('#files li:visible').count(), 2);
    assert.equal(await page.textContent('#found'), '2 of 12 files');
    // One button downloads what is shown, without leaving the page.
    const downloads = [];
    page.on('download', (download) => downloads.push(download.suggestedFilename()));
    assert.equal(await page.textContent('#all'), 'Download these');
    await page.click('#all');
    await page.waitForFunction(() => document.getElementById('started').textContent.startsWith('2 of 2'));
    await page.waitForTimeout(1500);
    assert.deepEqual(downloads.sort(), ['note-1.txt', 'note-10.txt']);
    await page.fill('#search', '');
    assert.equal(await page.textContent('#all'), 'Download all');
    await isAccessible(page);
    await shot(page, 'links');
    // With the keyboard: from the search field to the first link.
    await page.focus('#search');
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'all');
    await page.keyboard.press('Tab');
    assert.match(await page.evaluate(() => document.activeElement.textContent), /note-0\.txt/);
    await page.locator('summary').focus();
    await page.keyboard.press('Enter');
    assert.match(await page.inputValue('#command'), /^curl --fail .*\nurl = "http/);
    const first = await page.getAttribute('#files a', 'href');
    assert.equal(await (await fetch(first)).text(), 'note 0');
    nothingOdd(seen, url);
    await close();

    const phone = await open(url, { viewport: { width: 390, height: 844 }, colorScheme: 'dark' });
    assert.ok((await phone.page.evaluate(() => document.documentElement.scrollWidth)) <= 390);
    await isAccessible(phone.page);
    await shot(phone.page, 'links-phone-dark');
    await phone.close();

    const plain = await open(url, { javaScriptEnabled: false });
    assert.equal(await plain.page.locator('#files a').count(), 12);
    assert.match(await plain.page.textContent('#clock'), /The links expire on \d{4}-/);
    assert.ok(!(await plain.page.isVisible('#search')));
    assert.ok(!(await plain.page.isVisible('#all')));
    await plain.close();

    const shown = await open(serve(run('get', `${bucket}/links/`, '--recursive', '--output', 'html', '--inline')));
    assert.ok(!(await shown.page.isVisible('#all')));
    await shown.close();

    const short = serve(run('get', `${bucket}/links/`, '--recursive', '--output', 'html', '--expires', '90'));
    const late = await open(short, { clock: new Date() });
    await late.page.clock.runFor(95_000);
    assert.match(await late.page.textContent('#clock'), /The links expired on .* ask for new ones/);
    await late.close();
  },

  async 'files that are dropped'() {
    const url = serve(form());
    const { page, seen, close } = await open(url);
    await page.evaluate(() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File(['dropped'], 'dropped.txt', { type: 'text/plain' }));
      document.getElementById('zone').dispatchEvent(new DragEvent('dragover', { dataTransfer: transfer, bubbles: true, cancelable: true }));
      document.getElementById('zone').dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
    });
    await says(page, /1 file is ready/);
    await send(page);
    await says(page, /1 file is uploaded/);
    assert.equal((await stored('in/dropped.txt')).body.toString(), 'dropped');
    nothingOdd(seen, url);
    await close();
  },

  async 'with the keyboard alone'() {
    const url = serve(form());
    const { page, close } = await open(url);
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'choose');
    const outline = await page.evaluate(() => getComputedStyle(document.getElementById('button')).outlineStyle);
    assert.equal(outline, 'solid', 'the focus can be seen');
    const chooser = page.waitForEvent('filechooser');
    await page.keyboard.press('Enter');
    await (await chooser).setFiles(write('keyboard.txt', 'typed'));
    await page.waitForSelector('#files li');
    for (let i = 0; i < 5 && (await page.evaluate(() => document.activeElement.id)) !== 'send'; i += 1) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await says(page, /1 file is uploaded/);
    assert.equal((await stored('in/keyboard.txt')).body.toString(), 'typed');
    await close();
  },

  async 'what is not accepted is not sent'() {
    const url = serve(form('--max-size', '1MB', '--min-size', '3', '--content-type', 'image/*'));
    const { page, seen, close } = await open(url);
    assert.equal(await page.getAttribute('#choose', 'accept'), 'image/*');
    for (const [file, words] of [
      [write('report.png', Buffer.alloc(12_345_678)), /report\.png has 12\.3 MB; at most 1 MB are accepted/],
      [write('exact.png', Buffer.alloc(1_000_001)), /exact\.png is just over the limit of 1 MB/],
      [write('small.png', 'x'), /has 1 byte; at least 3 bytes are required/],
      [write('notes.txt', 'some text'), /notes\.txt is not accepted; accepted: images/],
      [write('no-ending', 'some text'), /The type of no-ending is unknown to this browser; accepted: images/],
    ]) {
      await choose(page, file);
      await says(page, words);
      assert.equal(await page.locator('#files li').count(), 0);
    }
    await shot(page, 'refused');
    assert.deepEqual(toStore(seen), []);
    await choose(page, write('photo.png', 'image'));
    await choose(page, path.join(folder, 'photo.png'));
    await says(page, /A file photo\.png is already in the list/);
    await send(page);
    await says(page, /1 of 6 files were uploaded\. Not uploaded: report\.png has .*notes\.txt is not accepted/);
    assert.doesNotMatch(await page.textContent('main'), /image\/\*|\d{5} bytes/);
    const found = await stored('in/photo.png');
    assert.deepEqual([found.body.toString(), found.type], ['image', 'image/png']);
    nothingOdd(seen, url);
    await close();
  },

  async 'what the store refuses is told in words'() {
    // Another size in the page than in the policy, as if somebody had changed it.
    const url = serve(form('--max-size', '10').replace('"maxSize":10,', '"maxSize":1000,'));
    const { page, close } = await open(url);
    await choose(page, write('large.txt', 'more than ten bytes'));
    await send(page);
    await says(page, /Not uploaded: large\.txt\. The file is too large\. \(400, EntityTooLarge\)/);
    assert.equal(await stored('in/large.txt'), null);
    assert.equal(await page.locator('#files li button').textContent(), 'Try again');
    await isAccessible(page);
    await shot(page, 'store-refused');
    await close();
  },

  async 'a page whose time is over'() {
    const url = serve(form('--expires', '90'));
    const { page, seen, close } = await open(url, { clock: new Date() });
    await choose(page, write('late.txt', 'late'));
    assert.match(await page.textContent('#clock'), /expires in 1 min|expires in \d+ s/);
    await page.clock.runFor(95_000);
    assert.match(await page.textContent('#clock'), /This page expired on .* Please request a new one/);
    assert.ok(await page.isDisabled('#send') && await page.isDisabled('#choose'));
    await says(page, /This page has expired\. Please request a new one/);
    await isAccessible(page);
    await shot(page, 'closed');
    assert.deepEqual(toStore(seen), []);
    await close();

    // The clock of a visitor may be wrong; then it is the store that says so.
    const short = serve(form('--expires', '1').replace(/"expiresAt":\d+/, '"expiresAt":4000000000'));
    const late = await open(short);
    await choose(late.page, write('late.txt', 'late'));
    await new Promise((resolve) => setTimeout(resolve, 2500));
    await send(late.page);
    await says(late.page, /The store refused access\. The page may have expired.*\(403, AccessDenied\)/);
    assert.equal(await stored('in/late.txt'), null);
    await late.close();
  },

  async 'an origin that the bucket does not allow'() {
    allow('https://www.example.com');
    const url = serve(form());
    const { page, close } = await open(url);
    await choose(page, write('cors.txt', 'cors'));
    await send(page);
    await says(page, new RegExp(`does not allow uploads from this page \\(${origin}\\).*cos-presign cors ${bucket} --origin ${origin}`));
    await shot(page, 'cors');
    allow(origin, 'null');
    await page.click('#files li button');
    await says(page, /1 file is uploaded/);
    await close();
  },

  async 'opened from a file'() {
    const file = write('page.html', form());
    const { page, seen, close } = await open(pathToFileURL(file).href);
    await choose(page, write('from-file.txt', 'file'));
    await send(page);
    await says(page, /1 file is uploaded/);
    assert.equal((await stored('in/from-file.txt')).body.toString(), 'file');
    assert.deepEqual(seen.complaints, []);
    await close();
  },

  async 'one object by a link'() {
    const note = write('note.txt', 'A note.\n');
    const url = serve(run('put', `${bucket}/one/note.txt`, '--content-type', 'text/plain', '--metadata', 'from=page', '--output', 'html'));
    const { page, seen, close } = await open(url);
    assert.equal(await page.textContent('h1'), 'Upload note.txt');
    await choose(page, write('other.png', 'x'));
    await says(page, /other\.png is not accepted; accepted: TXT files/);
    await choose(page, note);
    await send(page);
    await says(page, /1 file is uploaded/);
    assert.ok(await page.isDisabled('#choose'));
    assert.equal((await stored('one/note.txt')).type, 'text/plain');
    nothingOdd(seen, url);
    await close();

    const pinned = serve(run('put', `${bucket}/one/pinned.txt`, '--from-file', note, '--pin-content', '--output', 'html'));
    const second = await open(pinned);
    await choose(second.page, write('longer.txt', 'A longer note.\n'));
    await says(second.page, /only a file of exactly 8 bytes is accepted/);
    await choose(second.page, write('same-length.txt', 'A nota.\n'));
    await send(second.page);
    await says(second.page, /Not uploaded.*BadDigest/);
    await choose(second.page, note);
    await send(second.page);
    await says(second.page, /1 file is uploaded/);
    assert.equal((await stored('one/pinned.txt')).body.toString(), 'A note.\n');
    assert.deepEqual(second.seen.complaints, []);
    await second.close();

    const free = serve(run('put', `${bucket}/one/free`, '--output', 'html'));
    const third = await open(free);
    await choose(third.page, write('free.png', 'png'));
    await send(third.page);
    await says(third.page, /1 file is uploaded/);
    assert.equal((await stored('one/free')).body.toString(), 'png');
    await third.close();
  },

  async 'a large object in parts'() {
    const content = randomBytes(12 * 1024 * 1024 + 17);
    const big = write('parts.bin', content);
    const url = serve(run('multipart', `${bucket}/parts.bin`, '--from-file', big, '--part-size', '5MiB', '--output', 'html'));
    const { page, seen, close } = await open(url);
    await choose(page, big);
    await send(page);
    await says(page, /1 file is uploaded/);
    const hash = (bytes) => createHash('sha256').update(bytes).digest('hex');
    assert.equal(hash((await stored('parts.bin')).body), hash(content));
    assert.equal(toStore(seen).filter((line) => line.startsWith('PUT')).length, 3);
    nothingOdd(seen, url);
    await close();
  },

  async 'an upload that is cancelled and tried again'() {
    const url = serve(form());
    const { page, close } = await open(url);
    let hold;
    const held = new Promise((resolve) => { hold = resolve; });
    await page.route(`${ENDPOINT}/**`, async (route) => { await held; await route.continue().catch(() => {}); });
    await choose(page, write('cancel.txt', 'cancel'));
    await send(page);
    await page.waitForSelector('#files li button:has-text("Cancel")');
    await page.click('#files li button');
    await says(page, /Not uploaded: cancel\.txt\. Cancelled/);
    hold();
    await page.unroute(`${ENDPOINT}/**`);
    assert.equal(await stored('in/cancel.txt'), null);
    await page.click('#files li button');
    await says(page, /1 file is uploaded/);
    await choose(page, write('removed.txt', 'x'));
    await page.locator('#files li', { hasText: 'removed.txt' }).locator('button').click();
    assert.equal(await page.locator('#files li').count(), 1);
    await close();
  },

  async 'thanks on another page'() {
    const thanks = serve('<!doctype html><title>Thanks</title>');
    const url = serve(form('--success-redirect', thanks));
    const { page, seen, close } = await open(url);
    await choose(page, write('redirected.txt', 'there'));
    await send(page);
    await page.waitForURL(thanks, { timeout: 30_000 });
    assert.equal((await stored('in/redirected.txt')).body.toString(), 'there');
    assert.deepEqual(seen.complaints, []);
    await close();
  },

  async 'without script'() {
    const url = serve(run('post', `${bucket}/plain.txt`, '--output', 'html', '--success-status', '201'));
    const { page, close } = await open(url, { javaScriptEnabled: false });
    assert.ok(!(await page.isVisible('#page')));
    await page.setInputFiles('input[name=file]', write('plain.txt', 'plain'));
    await Promise.all([page.waitForEvent('framenavigated'), page.click('noscript button, form[action] button')]);
    assert.equal((await stored('plain.txt')).body.toString(), 'plain');
    await close();
  },

  async 'on a phone, in the dark, with words that want to break out'() {
    const title = '</title><script>document.title="broken"</script>"\'&amp; Photos ' + 'x'.repeat(60);
    const url = serve(form('--title', title, '--message', '</script><img src=x onerror=alert(1)>'));
    const { page, seen, close } = await open(url, { viewport: { width: 320, height: 640 }, colorScheme: 'dark' });
    assert.equal(await page.title(), title);
    assert.equal(await page.textContent('.message'), '</script><img src=x onerror=alert(1)>');
    assert.equal(await page.locator('img').count(), 0);
    await choose(page, write(`${'long-name-'.repeat(15)}.txt`, 'x'));
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 320, `${width} pixels wide`);
    await isAccessible(page);
    await shot(page, 'phone-dark');
    nothingOdd(seen, url);
    await close();
  },
};

let failed = 0;
try {
  const made = await fetch(run('request', 'PUT', bucket).trim(), { method: 'PUT' });
  assert.equal(made.status, 200, await made.text());
  for (const [name, test] of Object.entries(tests)) {
    allow(origin, 'null');
    try {
      await test();
      console.log(`ok: ${name}`);
    } catch (error) {
      failed += 1;
      console.log(`FAILED: ${name}\n${error.stack}`);
    }
  }
} finally {
  await browser.close();
  server.close();
  fs.rmSync(folder, { recursive: true, force: true });
}
console.log(`${Object.keys(tests).length} tests, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
