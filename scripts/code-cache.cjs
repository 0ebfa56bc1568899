'use strict';
/**
 * Writes V8's code cache beside the packed command: runs it once as a user would, then keeps what was compiled on the
 * way. Called without flags, as the launcher calls Node: they are part of what a cache fits to. Its stdout is nobody's.
 */
const { existsSync, mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { cacheOf, load, loaded } = require('../bin/packed.js');

const root = path.join(__dirname, '..');
const LAB = path.join(root, 'test', 'captures', 'lab', 'mixed-reject', 'inside.pcap');

/** Without the lab's captures (an installed package) an empty one: pcap's header alone, little endian, Ethernet. */
function sample(folder) {
  if (existsSync(LAB)) return LAB;
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(65535, 16);
  header.writeUInt32LE(1, 20);
  writeFileSync(path.join(folder, 'empty.pcap'), header);
  return path.join(folder, 'empty.pcap');
}

const swallow = (_text, ...rest) => {
  rest.find((one) => typeof one === 'function')?.();
  return true;
};

/** Where the addon is not built yet the command ends with its error: what was compiled until then is kept all the same. */
async function runOnce() {
  const folder = mkdtempSync(path.join(tmpdir(), 'deadair-cache-'));
  const err = process.stderr.write.bind(process.stderr);
  process.stderr.write = swallow;
  try {
    const { main: run } = load(path.join(root, 'dist', 'bundle', 'cli.cjs'));
    for (const format of [[], ['--json']]) {
      await run(['read', '--quiet', '--shortest', '2s', ...format, sample(folder)]);
    }
  } finally {
    process.stderr.write = err;
    process.exitCode = 0;
    rmSync(folder, { recursive: true });
  }
}

async function main() {
  await runOnce();
  for (const [file, { script }] of loaded) writeFileSync(cacheOf(file), script.createCachedData());
}

void main();
