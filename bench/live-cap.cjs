/**
 * The live path of `cap` (npm), in a process of its own: it counts what its callback is given. It hands over no time and
 * no count of drops, so what it lost is what was sent less this.
 */
const { Cap } = require('cap');

const capture = new Cap();
const buffer = Buffer.alloc(65535);
let packets = 0;
capture.open(process.argv[2], '', 64 * 2 ** 20, buffer);
// Its handle alone does not keep a process alive.
setInterval(() => {}, 60_000);
capture.on('packet', () => {
  // The bytes are looked at, as any user would; cap itself keeps no hold of its buffer, and one that was collected is
  // written to all the same.
  packets += buffer[0] === undefined ? 0 : 1;
});
process.stderr.write('listening\n');
process.on('SIGINT', () => {
  process.stdout.write(`${JSON.stringify({ packets })}\n`);
  process.exit();
});
