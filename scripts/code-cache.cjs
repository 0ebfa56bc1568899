'use strict';
/**
 * Writes V8's code cache beside the packed command: runs it once as a user would, then keeps what was compiled on the
 * way. Called with the launcher's own flags, and once without any (bin/packed.js says why).
 */
const { existsSync, mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { cacheOf, load, loaded } = require('../bin/packed.js');

const root = join(__dirname, '..');
const LAB = join(root, 'test', 'captures', 'lab', 'mixed-reject', 'inside.pcap');

/** Without the lab's captures (an installed package) an empty one: pcap's header alone, little endian, Ethernet. */
function sample(folder) {
  if (existsSync(LAB)) return LAB;
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(65535, 16);
  header.writeUInt32LE(1, 20);
  writeFileSync(join(folder, 'empty.pcap'), header);
  return join(folder, 'empty.pcap');
}

async function main() {
  const folder = mkdtempSync(join(tmpdir(), 'deadair-cache-'));
  const write = process.stdout.write;
  try {
    const { main: run } = load(join(root, 'dist', 'bundle', 'cli.cjs'));
    process.stdout.write = (_text, ...rest) => (
      rest.find((one) => typeof one === 'function')?.(), true
    );
    for (const format of [[], ['--json']]) {
      await run(['read', '--quiet', '--shortest', '2s', ...format, sample(folder)]);
      if (process.exitCode) throw new Error(`the packed command ended with ${process.exitCode}`);
    }
  } finally {
    process.stdout.write = write;
    rmSync(folder, { recursive: true });
  }
  for (const [path, { script }] of loaded) writeFileSync(cacheOf(path), script.createCachedData());
}

main();
