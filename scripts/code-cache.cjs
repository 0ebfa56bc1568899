'use strict';
/**
 * Writes V8's code cache beside the packed command: runs it as users would, on the captures of the lab, then keeps what
 * was compiled on the way. Called without flags, as the launcher calls Node: they are part of what a cache fits to. Its
 * stdout is nobody's.
 */
const { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { setFlagsFromString } = require('node:v8');
const { cacheOf, load, loaded } = require('../bin/packed.js');

const root = path.join(__dirname, '..');
const LAB = path.join(root, 'test', 'captures', 'lab');

/** Without the lab's captures (an installed package) an empty one: pcap's header alone, little endian, Ethernet. */
function samples(folder) {
  const inLab = existsSync(LAB) ? readdirSync(LAB) : [];
  const captures = inLab.map((name) => path.join(LAB, name, 'inside.pcap')).filter(existsSync);
  if (captures.length > 0) return captures;
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(65535, 16);
  header.writeUInt32LE(1, 20);
  writeFileSync(path.join(folder, 'empty.pcap'), header);
  return [path.join(folder, 'empty.pcap')];
}

const swallow = (_text, ...rest) => {
  rest.find((one) => typeof one === 'function')?.();
  return true;
};

/** Where the addon is not built yet the command ends with its error: what was compiled until then is kept all the same. */
async function runAll() {
  const folder = mkdtempSync(path.join(tmpdir(), 'deadair-cache-'));
  const err = process.stderr.write.bind(process.stderr);
  process.stderr.write = swallow;
  process.setMaxListeners(0); // one for Ctrl-C a run
  try {
    const { main: run } = load(path.join(root, 'dist', 'bundle', 'cli.cjs'));
    for (const capture of samples(folder)) {
      for (const format of [[], ['--json']])
        await run(['read', '--quiet', '--shortest', '2s', ...format, capture]);
    }
  } finally {
    process.stderr.write = err;
    process.exitCode = 0;
    rmSync(folder, { recursive: true });
  }
}

/**
 * Functions that run often here are not to be marked as such: V8 would make machine code of them at once in a process that
 * runs them once. And what is not run for a while is to stay. Both are V8's defaults again before the cache is written,
 * which holds what flags it fits to.
 */
async function main() {
  setFlagsFromString('--no-sparkplug --no-flush-bytecode');
  await runAll();
  setFlagsFromString('--sparkplug --flush-bytecode');
  for (const [file, { script }] of loaded) writeFileSync(cacheOf(file), script.createCachedData());
}

void main();
