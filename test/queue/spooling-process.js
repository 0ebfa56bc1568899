// Appends findings for ever and says how many are on the disk. Somebody kills it.
import { NO_LOG } from '../../dist/src/base/log.js';
import { Spool } from '../../dist/src/queue/spool.js';

const spool = new Spool(process.argv[2], NO_LOG);
for (let n = 1; ; n++) {
  spool.append({ kind: 'finding', value: { id: `f_${n}`, update: 0 } });
  if (n % 5 === 0) {
    await spool.flushed();
    process.stdout.write(`${n}\n`);
  }
}
