// What the inspector's page and the program report on the given links: both have to be equal.

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const given = path.join(path.dirname(fileURLToPath(import.meta.url)), '../wild/given.jsonl');
// Every how many cases with a secret are run: some search for seconds, in the page for longer.
const SAMPLE = Number(process.env.SAMPLE || 1);

// Every case in the modes that its description in ../wild/README.md names: A and B with credentials, A and C with the response.
export const cases = () => {
  const found = [];
  let withSecret = 0;
  for (const line of fs.readFileSync(given, 'utf8').split('\n').filter(Boolean)) {
    const one = JSON.parse(line);
    for (const mode of Object.keys(one.modes)) {
      const hasSecret = 'AB'.includes(mode);
      if (hasSecret && (withSecret += 1) % SAMPLE !== 0) continue;
      const hasResponse = 'AC'.includes(mode);
      found.push({
        name: `${one.id} ${mode}`,
        at: new Date(one.at),
        fields: {
          url: one.url,
          method: one.method || '',
          headers: one.headers.join('\n'),
          status: hasResponse && one.status !== null ? String(one.status) : '',
          response: (hasResponse && one.response) || '',
          id: hasSecret ? one.env.AWS_ACCESS_KEY_ID : '',
          secret: hasSecret ? one.env.AWS_SECRET_ACCESS_KEY : '',
          token: (hasSecret && one.env.AWS_SESSION_TOKEN) || '',
        },
      });
    }
  }
  return found;
};

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'inspector-'));
process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));

const reported = (program, fields, at, ...options) => {
  const args = [...options, '--at', at.toISOString().replace('.000Z', 'Z')];
  const env = { PATH: process.env.PATH, HOME: '/nonexistent', LANG: 'C.UTF-8' };
  if (fields.id) Object.assign(env, { AWS_ACCESS_KEY_ID: fields.id, AWS_SECRET_ACCESS_KEY: fields.secret });
  if (fields.token) env.AWS_SESSION_TOKEN = fields.token;
  const done = spawnSync(program, [...args, '--', fields.url], { env, encoding: 'utf8', maxBuffer: 1 << 26 });
  return { status: done.status, text: done.stdout.trimEnd(), complaint: done.stderr };
};

// The reports of the program.
export const ofProgram = (program, { fields, at }) => {
  const options = [];
  if (fields.method) options.push('--method', fields.method);
  for (const header of fields.headers.split('\n').filter(Boolean)) options.push('--header', header);
  if (fields.status) options.push('--status', fields.status);
  if (fields.response) {
    const file = path.join(folder, 'response');
    fs.writeFileSync(file, fields.response);
    options.push('--response', file);
  }
  const none = { id: '', secret: '', token: '', url: fields.url };
  return {
    diagnosis: reported(program, fields, at, 'diagnose', '--json', ...options),
    diagnosisText: reported(program, fields, at, 'diagnose', ...options),
    inspection: reported(program, none, at, 'inspect', '--json'),
    inspectionText: reported(program, none, at, 'inspect'),
  };
};

// The time that a search takes differs, and the page calls credentials otherwise than the program those of the environment.
export const comparable = (text) => text
  .replace(/"milliseconds":\d+/, '"milliseconds":0')
  .replace(/tried in \d+ ms/, 'tried in 0 ms')
  .replaceAll('the given credentials', 'AWS_ACCESS_KEY_ID');

// Names of the reports that differ. Texts are compared without line breaks, whose places depend on what credentials are called.
export const differences = (page, program) => {
  const unfolded = (text) => comparable(text.replace(/\s+/g, ' '));
  const differ = [];
  if (comparable(page.diagnosis_json) !== comparable(program.diagnosis.text)) differ.push('diagnose --json');
  if (unfolded(page.diagnosis_text) !== unfolded(program.diagnosisText.text)) differ.push('diagnose');
  if (page.inspection_json !== program.inspection.text) differ.push('inspect --json');
  if (page.inspection_text !== program.inspectionText.text) differ.push('inspect');
  if ('is_good' in page && page.is_good !== (program.diagnosis.status === 0)) differ.push('exit code');
  return differ;
};
