// A spool on a disk that fills up and is freed again, as it is told on stdin; says on stdout what the spool holds.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { openLog } from '../../dist/src/base/log.js';
import { Spool } from '../../dist/src/queue/spool.js';

const disk = process.argv[2];
const spool = new Spool(join(disk, 'spool'), openLog('spool'));
const filler = join(disk, 'filler');
const taken = [];
let next = 1;

function append(count) {
  for (let n = 0; n < count; n++, next++) {
    const value = { id: `f_${next}`, update: 0, pad: 'x'.repeat(10_000) };
    if (spool.append({ kind: 'finding', value })) taken.push(next);
  }
}

function fill() {
  for (const size of [2 ** 20, 4096]) {
    try {
      for (;;) writeFileSync(filler, Buffer.alloc(size, 1), { flag: 'a' });
    } catch (thrown) {
      if (thrown.code !== 'ENOSPC') throw thrown;
    }
  }
}

/** Numbers of the findings that are on the disk. */
function stored() {
  const found = [];
  let at = { segment: 0, offset: 0 };
  for (;;) {
    const { records, until } = spool.read(at, 2 ** 20);
    if (records.length === 0) return found;
    found.push(...records.map(({ value }) => Number(value.id.slice(2))));
    at = until;
  }
}

const commands = {
  append: (count) => append(Number(count)),
  fill,
  free: () => rmSync(filler),
  flush: () => spool.flushed(),
  state: () => {},
};

for await (const line of createInterface({ input: process.stdin })) {
  const [command, word] = line.split(' ');
  await commands[command](word);
  const found = stored();
  const inOrder = found.every((n, at) => n === taken[at]);
  const counts = { taken: taken.length, refused: spool.refused.finding, stored: found.length };
  process.stdout.write(`${JSON.stringify({ ...counts, inOrder })}\n`);
}
await spool.close();
