'use strict';

const $ = (id) => document.getElementById(id);
const FIELDS = ['url', 'method', 'headers', 'status', 'response', 'id', 'secret', 'token'];
const encoder = new TextEncoder();
let core = null;

// Compiled once; each examination runs in an instance and a memory of its own.
const compiled = () => {
  core ??= WebAssembly.compile(Uint8Array.from(atob($('core').textContent.trim()), (c) => c.charCodeAt(0)));
  return core;
};

const run = async () => {
  const { exports } = await WebAssembly.instantiate(await compiled(), {});
  try {
    const values = FIELDS.map((name) => encoder.encode($(name).value));
    const length = values.reduce((sum, value) => sum + 4 + value.length, 0);
    let at = exports.reserve_input(length);
    const memory = new Uint8Array(exports.memory.buffer);
    for (const value of values) {
      new DataView(memory.buffer).setUint32(at, value.length, true);
      memory.set(value, at + 4);
      at += 4 + value.length;
      value.fill(0);
    }
    const started = performance.now();
    exports.examine(Math.floor(Date.now() / 1000));
    const output = exports.write_output(performance.now() - started);
    return JSON.parse(new TextDecoder().decode(new Uint8Array(exports.memory.buffer, output, exports.output_length())));
  } finally {
    // Also what was left on the stack and in freed blocks.
    new Uint8Array(exports.memory.buffer).fill(0);
  }
};

const element = (name, text, className) => {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
};

const showFinding = (finding) => {
  const item = document.createElement('li');
  const title = element('h3', `${finding.code} `);
  title.append(element('span', `(${finding.certainty})`, 'certainty'));
  item.append(title, element('p', finding.message));
  if (finding.evidence.length > 0) item.append(element('pre', finding.evidence.join('\n')));
  if (finding.fix) item.append(element('p', `fix: ${finding.fix}`));
  return item;
};

const show = (found) => {
  $('error').hidden = !found.error;
  $('result').hidden = Boolean(found.error);
  if (found.error) {
    $('error').firstElementChild.textContent = `error: ${found.error}`;
    $('error').lastElementChild.textContent = `hint: ${found.hint}`;
    return;
  }
  const report = JSON.parse(found.diagnosis_json);
  $('warning').hidden = !found.warning;
  $('warning').textContent = `warning: ${found.warning}`;
  $('signature').textContent = found.diagnosis_text.split('\n').find((line) => line.startsWith('signature: '));
  $('findings').replaceChildren(...report.findings.map(showFinding));
  $('rows').replaceChildren(...found.rows.flatMap(([name, value]) => [element('dt', name), element('dd', value)]));
  for (const name of ['diagnosis_text', 'diagnosis_json', 'inspection_text', 'inspection_json']) {
    $(name.replace('_', '-')).textContent = found[name];
  }
  $('diagnosis-title').focus();
};

const clear = () => {
  $('state').textContent = '';
  $('error').hidden = true;
  $('result').hidden = true;
  for (const node of $('result').querySelectorAll('#findings, #rows, #signature, #warning, pre')) node.replaceChildren();
};

$('form').addEventListener('submit', async (event) => {
  event.preventDefault();
  clear();
  $('state').textContent = 'Inspecting …';
  $('examine').disabled = true;
  // The browser paints first: a search keeps this thread busy for seconds.
  await new Promise((resolve) => setTimeout(resolve, 30));
  let found;
  try {
    found = await run();
  } catch (error) {
    found = { error: `this browser cannot run the page (${error.name})`, hint: 'use a current version of Firefox, Chromium or Safari' };
  }
  $('state').textContent = '';
  $('examine').disabled = false;
  show(found);
});
$('form').addEventListener('reset', () => {
  clear();
  $('url').focus();
});
// A page that the browser keeps for its Back button must not keep secrets.
addEventListener('pagehide', () => $('form').reset());
