/** Native threads that help with a large file: nobody sees it in what was found, and none is left behind. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { layoutBytes } from '../src/base/layout.ts';
import { packageRoot } from '../src/base/root.ts';
import { SURVIVOR_BIN } from '../src/base/silence.ts';
import {
  type AnalysisOptions,
  addon,
  type Finished,
  type NativeAnalysis,
} from '../src/capture/addon.ts';
import { mergeSurvivors, mergeUndecided, orderSilences } from '../src/dispatch/gathered.ts';
import { mergeShards } from '../src/dispatch/merge.ts';
import { essence, inTurn, optionsOf, SECOND } from './kit/in-turn.ts';
import { labFile } from './kit/lab.ts';
import { writeRepeated } from './kit/long-capture.ts';
import { withSilentPipe } from './kit/silent-pipe.ts';
import { withFolder } from './kit/temporary.ts';
import { CORE, nativeProgram, run } from './native-program.ts';

const captures = join(packageRoot(), 'test', 'captures');
const everyCapture = (): readonly string[] =>
  readdirSync(captures, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.p?cap(ng)?(\.(gz|zst))?$/.test(name))
    .map((name) => join(captures, name));

/** Tens of thousands of packets. */
async function withLongCapture(
  use: (path: string) => void | Promise<void>,
  scenario = 'mixed-reject',
): Promise<void> {
  await withFolder(async (folder) => {
    const path = join(folder, 'long.pcap');
    writeRepeated(labFile(scenario, 'inside.pcap'), path, {
      server: 27017,
      apartSeconds: 600,
      bytes: 8 * 2 ** 20,
    });
    await use(path);
  });
}

const FEW = { places: 8, survivors: 8, undecided: 8, strips: 8, resetSeconds: 8, greetings: 8 };

describe('the same capture with any number of helpers', () => {
  test('all that are here', () => {
    const paths = everyCapture();
    expect(paths.length).toBeGreaterThan(60);
    for (const path of paths) {
      const alone = essence(inTurn(path));
      for (const helpers of [1, 2]) expect(essence(inTurn(path, { helpers })), path).toEqual(alone);
    }
  });

  test.for([
    { shards: 2 },
    { shards: 64 },
    { maxFlows: 700 },
    { filter: 'tcp port 27017 or icmp' },
    { shortestNs: 250_000_000n },
    { noteCeilings: FEW },
  ] satisfies Partial<AnalysisOptions>[])(
    'a long one with %o',
    async (options: Partial<AnalysisOptions>) => {
      await withLongCapture((path) => {
        const alone = essence(inTurn(path, options));
        for (const helpers of [1, 2, 5])
          expect(essence(inTurn(path, { ...options, helpers }))).toEqual(alone);
      });
    },
  );

  test.for([
    {
      what: 'half of it five milliseconds late',
      at: (i: number, ns: bigint) => ns - (i % 2 === 0 ? 0n : 5_000_000n),
      blind: 0,
    },
    {
      what: 'a clock that steps back, so that who is met first is not the earliest',
      at: (i: number) =>
        BigInt(400_000 - 3 * Math.floor(i / 40)) * SECOND + BigInt(i % 40) * 1_000_000n,
      blind: 1,
    },
    {
      what: 'a millisecond apart, and half a minute of it missing',
      at: (i: number) => (i >= 12_000 && i < 42_000 ? null : BigInt(i) * 1_000_000n),
      blind: 1,
    },
  ])('a long one retimed: $what', async ({ at, blind }) => {
    await withLongCapture((path) => {
      retime(path, at);
      const found = inTurn(path);
      expect(found.blindSpots.length > 0).toBe(blind > 0);
      const alone = essence(found);
      for (const more of [{ shards: 3 }, { helpers: 1 }, { helpers: 2, shards: 2 }])
        expect(essence(inTurn(path, more))).toEqual(alone);
    });
  });

  test('many resets in a second, written in another order than they came', async () => {
    await withLongCapture((path) => {
      // Eight packets within a millisecond, the last one first.
      retime(path, (i) => BigInt(100 * Math.floor(i / 8) + 7 - (i % 8)) * 100_000n);
      const found = inTurn(path);
      expect(found.resetSeconds.length).toBeGreaterThan(0);
      for (const helpers of [1, 2, 4])
        expect(essence(inTurn(path, { helpers }))).toEqual(essence(found));
    }, 'flush-mixed');
  });

  test('the last progress counts what the end brought', async () => {
    await withLongCapture((path) => {
      const counted = [0, 1].map((helpers) =>
        analysed(path, helpers, (analysis) => {
          while (analysis.run(50) === 'more') continue;
          analysis.finish();
          return analysis.progress();
        }),
      );
      expect(counted[1]).toEqual(counted[0]);
      expect(counted[0]?.bytesRead).toBe(statSync(path).size);
    });
  });

  test('a file that ends in the middle', async () => {
    await withLongCapture((path) => {
      writeFileSync(path, readFileSync(path).subarray(0, -7));
      const alone = inTurn(path);
      expect(alone.sources[0]?.problem?.code).toBe('E_INPUT_TRUNCATED');
      expect(essence(inTurn(path, { helpers: 1 }))).toEqual(essence(alone));
    });
  });
});

/** Gives each packet of a little-endian pcap of microseconds another time since the first, or leaves it out (null). */
function retime(path: string, at: (i: number, sinceNs: bigint) => bigint | null): void {
  const file = readFileSync(path);
  const first = BigInt(file.readUInt32LE(24)) * SECOND;
  const kept = [file.subarray(0, 24)];
  for (let i = 0, from = 24; from < file.length; i++) {
    const record = file.subarray(from, from + 16 + file.readUInt32LE(from + 8));
    const was = BigInt(record.readUInt32LE(0)) * SECOND + BigInt(record.readUInt32LE(4)) * 1000n;
    const since = at(i, was - first);
    from += record.length;
    if (since === null) continue;
    record.writeUInt32LE(Number((first + since) / SECOND), 0);
    record.writeUInt32LE(Number(((first + since) % SECOND) / 1000n), 4);
    kept.push(record);
  }
  writeFileSync(path, Buffer.concat(kept));
}

/** Threads of ours at this moment, by name. */
function helpersAtWork(): readonly string[] {
  const names = readdirSync('/proc/self/task').map((task) => {
    try {
      return readFileSync(`/proc/self/task/${task}/comm`, 'utf8').trim();
    } catch {
      return 'it has just ended';
    }
  });
  return names.filter((name) => name.startsWith('deadair-')).sort();
}

function analysed<T>(path: string, helpers: number, use: (analysis: NativeAnalysis) => T): T {
  const analysis = addon().openAnalysis(optionsOf(path, { helpers }));
  try {
    return use(analysis);
  } finally {
    analysis.close();
  }
}

const sumOf = (counts: Readonly<Record<string, number>> | undefined): number =>
  Object.values(counts ?? {}).reduce((sum, count) => sum + count, 0);

const NOTHING = new Uint8Array(0);
const same = (count: number) => ({
  status: 0,
  stdout: `${count} captures, the same in every crew\n`,
  stderr: '',
});

/** Frames so long that what is looked at of them is mapped. */
function largeFrames(path: string, count: number, second: number): void {
  const length = 60_000;
  const record = Buffer.alloc(16 + length);
  record.writeUInt32LE(second, 0);
  record.writeUInt32LE(length, 8);
  record.writeUInt32LE(length, 12);
  const header = Buffer.from('d4c3b2a1020004000000000000000000ffff000001000000', 'hex');
  writeFileSync(path, Buffer.concat([header, ...Array.from({ length: count }, () => record)]));
}

describe('records', () => {
  const path = labFile('mixed-reject', 'inside.pcap');

  test('are there after finish(), in order, and handed over once', () => {
    for (const helpers of [0, 1]) {
      analysed(path, helpers, (analysis) => {
        const refused = expect.objectContaining({ code: 'E_BAD_ARGUMENT' });
        expect(() => analysis.takeSilences()).toThrow(refused);
        expect(() => analysis.takeBirths()).toThrow(refused);
        while (analysis.run(50) === 'more') continue;
        analysis.finish();
        const silences = analysis.takeSilences();
        expect(silences.byteLength).toBeGreaterThan(0);
        expect(Buffer.compare(orderSilences([silences]), silences)).toBe(0);
        expect(analysis.takeSilences().byteLength).toBe(0);
        expect(() => analysis.run(50)).toThrow(refused);
        expect(() => analysis.finish()).toThrow(refused);
        analysis.close();
        expect(() => analysis.takeSilences()).toThrow(refused);
      });
    }
  });

  test('bins leave a tracker in the order in which they are gathered', () => {
    const both = labFile('mixed-reject-90', 'gateway.pcapng');
    const [finished] = analysed(both, 0, (analysis) => {
      while (analysis.run(50) === 'more') continue;
      return analysis.finish();
    });
    const { survivors, undecided } = finished ?? { survivors: NOTHING, undecided: NOTHING };
    expect(survivors.byteLength).toBeGreaterThan(layoutBytes(SURVIVOR_BIN));
    expect(Buffer.compare(mergeSurvivors([survivors]), survivors)).toBe(0);
    expect(Buffer.compare(mergeUndecided([undecided]), undecided)).toBe(0);
  });
});

test('a source that only one of two threads could read is told so', async () => {
  await withFolder(async (folder) => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const writer = openSync(pipe, 'r+');
    const bytes = readFileSync(labFile('mixed-reject', 'inside.pcap'));
    const finished = analysed(pipe, 1, (analysis) => {
      writeSync(writer, bytes);
      closeSync(writer);
      while (analysis.run(50) === 'more') continue;
      return analysis.finish();
    });
    // It fits into the pipe, and one read takes all of it.
    const seen = finished.map(({ sources: [source] }) => source);
    expect(new Set(seen.map((source) => source?.bytesRead))).toEqual(new Set([0, bytes.length]));
    const codes = seen.map((source) => source?.problem?.code ?? 'none');
    expect(new Set(codes)).toEqual(new Set(['E_INPUT_EMPTY', 'none']));
    const [source] = mergeShards([{ finished, silences: NOTHING, births: NOTHING }]).sources;
    expect(source?.problem?.code).toBe('E_INPUT_EMPTY');
  });
});

test('the bench counts the same packets and records at every stage', {
  timeout: 300_000,
}, async () => {
  const program = await nativeProgram('bench/native/stages.cc', CORE);
  await withLongCapture(async (path) => {
    const told = async (stage: string): Promise<{ packets: number; mark: string }> =>
      JSON.parse((await run(program, [path, stage])).stdout);
    const tracker = await told('tracker');
    expect(tracker.packets).toBe(inTurn(path).sources[0]?.frames);
    for (const stage of ['read', 'decode', 'table', 'other'])
      expect((await told(stage)).packets, stage).toBe(tracker.packets);
    expect((await told('parts')).mark).toBe(tracker.mark);
  });
});

describe('threads', () => {
  test('as many as may help, and none when it is over', async () => {
    await withSilentPipe((path) => {
      expect(analysed(path, 0, helpersAtWork)).toEqual([]);
      expect(analysed(path, 1, helpersAtWork)).toEqual(['deadair-track']);
      expect(analysed(path, 3, helpersAtWork)).toEqual(Array(3).fill('deadair-track'));
      expect(helpersAtWork()).toEqual([]);
    });
  });

  test('ended early, what was read is counted', async () => {
    await withLongCapture((path) => {
      const finished: readonly Finished[] = analysed(path, 2, (analysis) => {
        analysis.run(0);
        return analysis.finish();
      });
      const [source] = finished[0]?.sources ?? [];
      expect(source?.complete).toBe(false);
      expect(sumOf(source?.fates)).toBe(source?.frames);
    });
  });

  test('ThreadSanitizer finds none that meet', { timeout: 300_000 }, async () => {
    const program = await nativeProgram('test/native/crew_test.cc', CORE, 'thread');
    const gateways = everyCapture().filter((path) => path.endsWith('gateway.pcapng'));
    await withLongCapture(async (path) => {
      expect(await run(program, [path, ...gateways])).toEqual(same(gateways.length + 1));
    });
  });

  test('where descriptors are too few for all parts, the caller does it all', {
    timeout: 300_000,
  }, async () => {
    const program = await nativeProgram('test/native/crew_test.cc', CORE);
    const gateways = everyCapture().filter((path) => path.endsWith('gateway.pcapng'));
    for (const most of [32, 50, 70]) {
      const limited = ['-c', 'ulimit -n "$1"; shift; exec "$@"', 'sh', String(most), program];
      expect(await run('sh', [...limited, ...gateways])).toEqual(same(gateways.length));
    }
  });

  test('a rotation of so many mapped files that they are opened again, each by its reader', {
    timeout: 300_000,
  }, async () => {
    const program = await nativeProgram('test/native/crew_test.cc', CORE, 'thread');
    await withFolder(async (folder) => {
      const paths = Array.from({ length: 70 }, (_, i) => join(folder, `${i}.pcap`));
      for (const [i, path] of paths.entries()) largeFrames(path, 5, i);
      expect(await run(program, paths)).toEqual(same(paths.length));
    });
  });

  test('where none can be had, the caller does it all', { timeout: 300_000 }, async () => {
    const program = await nativeProgram('test/native/crew_test.cc', CORE);
    await withLongCapture(async (path) => {
      // User nobody reads it: root may start as many threads as it likes.
      chmodSync(dirname(path), 0o755);
      expect(await run(program, ['--without-threads', path])).toEqual(same(1));
    });
  });
});
