/** Shards at work on real captures: the same report for any number, stopped at once, a dead worker replaced or named. */
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Piscina } from 'piscina';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../src/base/root.ts';
import { type Board, openBoard, readProgress } from '../src/dispatch/board.ts';
import { type CaptureOptions, runCapture } from '../src/dispatch/capture.ts';
import type { ShardYield } from '../src/dispatch/drive.ts';
import { mergeShards } from '../src/dispatch/merge.ts';
import { openPool } from '../src/dispatch/pool.ts';
import { runShards } from '../src/dispatch/threads.ts';
import { essence, inTurn, optionsOf, SECOND } from './kit/in-turn.ts';
import { labFile } from './kit/lab.ts';
import { writeRepeated } from './kit/long-capture.ts';
import { withSilentPipe } from './kit/silent-pipe.ts';
import { withFolder } from './kit/temporary.ts';

const MIXED = labFile('mixed-reject', 'gateway.pcapng');

const asked = (paths: readonly string[], more: Partial<CaptureOptions> = {}): CaptureOptions => ({
  paths,
  shortestNs: SECOND,
  maxFlows: 100_000,
  filter: null,
  workers: 0,
  ...more,
});

describe('the same capture in any number of shards', () => {
  const scenarios = ['mixed-reject', 'restart-mixed', 'expiry-reset', 'keepalive-drop', 'haproxy'];

  test.for(scenarios)(
    '%s gives the same records, rows and counts in 1, 2, 3 and 64',
    async (scenario) => {
      const path = labFile(scenario, 'gateway.pcapng');
      const captured = await runCapture(asked([path]));
      expect(captured.silences.byteLength).toBeGreaterThan(0);
      const alone = essence(captured);
      for (const shards of [2, 3, 64]) expect(essence(inTurn(path, { shards }))).toEqual(alone);
    },
  );

  test('threads give what the calling thread gives', async () => {
    const alone = essence(await runCapture(asked([MIXED])));
    for (const workers of [1, 2, 3]) {
      expect(essence(await runCapture(asked([MIXED], { workers })))).toEqual(alone);
    }
  });
});

const threads = (): number => readdirSync('/proc/self/task').length;

/** Milliseconds from the abort to the rejection. */
async function stopAfter(ms: number, options: CaptureOptions): Promise<number> {
  const stop = new AbortController();
  let aborted = 0;
  setTimeout(() => {
    aborted = performance.now();
    stop.abort();
  }, ms);
  await expect(runCapture({ ...options, signal: stop.signal })).rejects.toThrow(/abort/i);
  return performance.now() - aborted;
}

describe('stopping', () => {
  test.for([0, 1])(
    'a pipe that says nothing is left within 300 ms with --workers %i',
    async (workers) => {
      await withSilentPipe(async (path) => {
        expect(await stopAfter(200, asked([path], { workers }))).toBeLessThan(300);
      });
    },
  );

  test('a stopped capture leaves no thread behind', async () => {
    await withSilentPipe(async (path) => {
      await stopAfter(100, asked([path], { workers: 1 }));
      const before = threads();
      for (let i = 0; i < 3; i++) await stopAfter(100, asked([path], { workers: 1 }));
      expect(threads()).toBeLessThanOrEqual(before);
    });
  });

  test('what was stopped before it began does not begin', async () => {
    await expect(runCapture(asked(['/nowhere'], { signal: AbortSignal.abort() }))).rejects.toThrow(
      /abort/i,
    );
  });

  test('who hears of progress may stop it, however little there is to read', async () => {
    const stop = new AbortController();
    const options = asked([MIXED], { signal: stop.signal, onProgress: () => stop.abort() });
    await expect(runCapture(options)).rejects.toThrow(/abort/i);
  });
});

/** Ends the first worker once `board` shows that it is at work. */
async function killFirst(pool: Piscina, board: Board): Promise<void> {
  while (readProgress(board).bytesRead === 0)
    await new Promise((resolve) => setTimeout(resolve, 1));
  await pool.threads[0]?.terminate();
}

describe('a worker that dies', () => {
  test('costs its shard a second try where the file can be read again', {
    timeout: 60_000,
  }, async () => {
    await withFolder(async (folder) => {
      const path = join(folder, 'long.pcap');
      const lab = labFile('mixed-reject', 'inside.pcap');
      writeRepeated(lab, path, { server: 27017, apartSeconds: 600, bytes: 48 * 2 ** 20 });
      const board = openBoard(1);
      const pool = await openPool(1);
      const [first] = pool.threads;
      try {
        const plan = { shards: [optionsOf(path)], board, canReadAgain: true };
        const [yields] = await Promise.all([runShards(pool, plan), killFirst(pool, board)]);
        expect(pool.threads.length).toBe(1);
        expect(pool.threads[0]).not.toBe(first);
        const merged = mergeShards(yields as [ShardYield]);
        expect(essence(merged)).toEqual(essence(await runCapture(asked([path]))));
      } finally {
        await pool.destroy();
      }
    });
  });

  test('is an error with a code where it cannot', async () => {
    await withSilentPipe(async (path) => {
      const board = openBoard(1);
      const pool = await openPool(1);
      try {
        const plan = { shards: [optionsOf(path)], board, canReadAgain: false };
        const outcome = runShards(pool, plan);
        setTimeout(() => void pool.threads[0]?.terminate(), 200);
        await expect(outcome).rejects.toMatchObject({ code: 'E_WORKER_DIED' });
      } finally {
        await pool.destroy();
      }
    });
  });
});

test('an error keeps its code and hint across the thread border', async () => {
  const missing = { code: 'E_INPUT_MISSING', hint: expect.stringContaining('path') };
  for (const workers of [0, 2]) {
    await expect(runCapture(asked(['/nowhere/x.pcap'], { workers }))).rejects.toMatchObject(
      missing,
    );
  }
});

test('progress ends at the last byte', async () => {
  for (const workers of [0, 2]) {
    const told: number[] = [];
    const onProgress = ({ bytesRead, bytesTotal }: { bytesRead: number; bytesTotal: number }) =>
      void told.push(bytesRead / bytesTotal);
    await runCapture(asked([MIXED], { workers, onProgress }));
    expect(told.at(-1)).toBe(1);
    expect(told).toEqual(told.toSorted((a, b) => a - b));
  }
});

/** Files of piscina that a process has loaded after one analysis. */
async function piscinaFiles(workers: number): Promise<number> {
  const pipeline = join(packageRoot(), 'dist', 'src', 'pipeline.js');
  const script = `
    const { createRequire } = await import('node:module');
    const { analyse } = await import(${JSON.stringify(pipeline)});
    await analyse({ paths: [${JSON.stringify(MIXED)}], workers: ${workers === 0 ? "'auto'" : workers} });
    const { cache } = createRequire(import.meta.url);
    console.log(Object.keys(cache).filter((file) => file.includes('/piscina/')).length);`;
  const child = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    cwd: packageRoot(),
  });
  return Number(child.stdout);
}

test('a small file is read without loading the pool', async () => {
  expect(await piscinaFiles(0)).toBe(0);
  expect(await piscinaFiles(1)).toBeGreaterThan(0);
});
