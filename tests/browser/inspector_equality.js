// The reports of the inspector's WebAssembly and of the program on the given links are equal. Without a browser:
//
//   node inspector_equality.js PROGRAM PAGE
//
// SAMPLE: every how many cases with a secret are run (1, all of them).

import fs from 'node:fs';
import path from 'node:path';
import { cases, differences, ofProgram } from './inspector_corpus.js';

const [program, page] = process.argv.slice(2).map((file) => path.resolve(file));
const code = fs.readFileSync(page, 'utf8').match(/id="core">([^<]*)</)[1];
const core = new WebAssembly.Module(Buffer.from(code, 'base64'));
const encoder = new TextEncoder();

const ofCore = ({ fields, at }) => {
  const { exports } = new WebAssembly.Instance(core, {});
  const values = ['url', 'method', 'headers', 'status', 'response', 'id', 'secret', 'token'].map((name) => encoder.encode(fields[name]));
  let place = exports.reserve_input(values.reduce((sum, value) => sum + 4 + value.length, 0));
  for (const value of values) {
    new DataView(exports.memory.buffer).setUint32(place, value.length, true);
    new Uint8Array(exports.memory.buffer).set(value, place + 4);
    place += 4 + value.length;
  }
  const started = performance.now();
  exports.examine(at.getTime() / 1000);
  const milliseconds = performance.now() - started;
  const output = exports.write_output(milliseconds);
  const found = JSON.parse(new TextDecoder().decode(new Uint8Array(exports.memory.buffer, output, exports.output_length())));
  return { found, milliseconds };
};

let [failed, slowest, slowestName] = [0, 0, ''];
const all = cases();
for (const one of all) {
  const { found, milliseconds } = ofCore(one);
  if (milliseconds > slowest) [slowest, slowestName] = [milliseconds, one.name];
  const expected = ofProgram(program, one);
  const differ = found.error ? [`error: ${found.error}`] : differences(found, expected);
  if (differ.length > 0) {
    failed += 1;
    console.log(`FAILED: ${one.name}: ${differ.join(', ')}`);
    if (process.env.SHOW) console.log(found, expected);
  }
}
console.log(`${all.length} cases, ${failed} differ; the slowest took ${Math.round(slowest)} ms (${slowestName})`);
process.exit(all.length > 200 && failed === 0 ? 0 : 1);
