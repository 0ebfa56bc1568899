/**
 * The traces: made from a seed when needed, compressed by the ordinary programs, deleted after use.
 *
 * Every trace has a sidecar with its truth (packets, connections, kills), counted as it is written.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { bench, cache, compile } from './compile.js';

/** Bytes on disk for a packet, a little more than measured, by kind. */
const BYTES_A_PACKET = { full: 1100, vxlan: 160, ipv6: 125, pcapng: 125 };

export const generator = (folder = cache) =>
  compile('generate', [join(bench, 'generate.cc')], { watched: [join(bench, 'generate')], folder });

/** { kind, packets, flows?, seed?, flood? } → { path, truth, bytes }. */
export function makeTrace(wanted) {
  const { kind, packets, flows, seed = 1, flood } = wanted;
  const name = [kind, packets, flows, flood, `s${seed}`]
    .filter((part) => part !== undefined)
    .join('-');
  const path = join(cache, `${name}.${kind === 'pcapng' ? 'pcapng' : 'pcap'}`);
  const words = { kind, packets, flows, seed, flood, out: path };
  const given = Object.entries(words).filter(([, value]) => value !== undefined);
  const make = generator();
  if (modified(`${path}.json`) < modified(make)) {
    needRoom((packets + (flood ?? 0)) * (BYTES_A_PACKET[kind] ?? 105));
    execFileSync(
      make,
      given.flatMap(([option, value]) => [`--${option}`, String(value)]),
    );
  }
  return { path, truth: readTruth(path), bytes: statSync(path).size };
}

const modified = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

const readTruth = (path) => JSON.parse(readFileSync(`${path}.json`, 'utf8'));

const COMPRESSORS = { gzip: ['gzip', '-1', '.gz'], zstd: ['zstd', '-3', '.zst'] };

/** The same capture, compressed by `gzip` or `zstd`. */
export function compressTrace(trace, by) {
  const [program, level, ending] = COMPRESSORS[by];
  const path = trace.path + ending;
  needRoom(trace.bytes / 2);
  if (modified(path) < modified(trace.path)) {
    const output = openSync(path, 'w');
    execFileSync(program, [level, '-c', trace.path], { stdio: ['ignore', output, 'inherit'] });
    closeSync(output);
  }
  return { path, truth: trace.truth, bytes: statSync(path).size };
}

/** Brings the file into the page cache, so that nobody pays for the disk. */
export const warm = (trace) =>
  spawnSync('cat', [trace.path], { stdio: ['ignore', 'ignore', 'inherit'] });

export function dropTrace(trace) {
  rmSync(trace.path, { force: true });
  rmSync(`${trace.path}.json`, { force: true });
}

/** Whatever is left: the main trace outlives its scene, the compressed ones are made of it. */
export function dropTraces() {
  for (const name of readdirSync(cache)) {
    if (/\.pcap(ng)?(\.gz|\.zst)?(\.json)?$/.test(name)) rmSync(join(cache, name));
  }
}

function needRoom(bytes) {
  const { bavail, bsize } = statfsSync(cache);
  const free = bavail * bsize;
  if (free < bytes * 1.1 + 1e9) {
    throw new Error(
      `bench/traces needs ${(bytes / 1e9).toFixed(1)} GB and has ${(free / 1e9).toFixed(1)} GB`,
    );
  }
}
