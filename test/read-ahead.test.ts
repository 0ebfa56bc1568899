/** A large file of small packets has a thread that reads it ahead, where a core is idle; nobody sees it in the report. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type AnalysisOptions, addon } from '../src/capture/addon.ts';
import { withFolder } from './kit/temporary.ts';

const RECORD = 16;
const LARGE = 48 * 2 ** 20;

/** Frames of this length, that are no TCP, a microsecond apart. */
function capture(length: number): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(65_535, 16);
  header.writeUInt32LE(1, 20);
  const frames = Buffer.alloc(Math.ceil(LARGE / (RECORD + length)) * (RECORD + length));
  for (let at = 0, n = 0; at < frames.length; at += RECORD + length, n++) {
    frames.writeUInt32LE(1_700_000_000 + Math.floor(n / 1e6), at);
    frames.writeUInt32LE(n % 1e6, at + 4);
    frames.writeUInt32LE(length, at + 8);
    frames.writeUInt32LE(length, at + 12);
  }
  return Buffer.concat([header, frames]);
}

function threadsAhead(): number {
  const names = readdirSync('/proc/self/task').map((task) => {
    try {
      return readFileSync(`/proc/self/task/${task}/comm`, 'utf8');
    } catch {
      return 'it has just ended';
    }
  });
  return names.filter((name) => name === 'deadair-ahead\n').length;
}

/** Reads to the end. → the most threads that were reading ahead, and what the source was like */
function read(path: string, ahead: boolean) {
  const options: AnalysisOptions = {
    paths: [path],
    shard: 0,
    shards: 1,
    shortestNs: 20_000_000_000n,
    maxFlows: 1000,
    filter: null,
    ahead,
  };
  const analysis = addon().openAnalysis(options);
  let threads = 0;
  while (analysis.run(1) === 'more') threads = Math.max(threads, threadsAhead());
  const [source] = analysis.finish().sources;
  analysis.close();
  return { threads, source };
}

test.each([
  { length: 60, threads: 1, why: 'analysing them takes longer than reading' },
  { length: 1000, threads: 0, why: 'they are read faster than a thread hands them over' },
  { length: 300_000, threads: 0, why: 'what of them is looked at is mapped' },
])('packets of $length bytes have $threads such threads: $why', ({ length, threads }) =>
  withFolder(async (folder) => {
    const path = join(folder, 'large.pcap');
    const bytes = capture(length);
    writeFileSync(path, bytes);
    const alone = read(path, false);
    const ahead = read(path, true);
    expect(alone.threads).toBe(0);
    expect(ahead.threads).toBe(threads);
    expect(ahead.source).toEqual(alone.source);
    expect(ahead.source).toMatchObject({ bytesRead: bytes.length, complete: true });
    expect(threadsAhead()).toBe(0);
  }),
);
