// What the scripts share: the case from a file, and the answers that the driver reads.

const fs = require('node:fs');
const readline = require('node:readline');

const given = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));

// `sign` takes a key and returns its URL, or a promise of it; whoever returns no promise is not made to wait for one.
async function run(sign) {
  const { keys } = given;
  const first = sign(keys[0]);
  const waits = first instanceof Promise;
  console.log(await first);
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const links = Number(line);
    let length = 0;
    const start = process.hrtime.bigint();
    for (let i = 0; i < links; i++) {
      const url = sign(keys[i % keys.length]);
      length += (waits ? await url : url).length;
    }
    console.log(Number(process.hrtime.bigint() - start) / 1e9);
    if (length === 0) throw new Error('no links');
  }
}

module.exports = { given, run };
