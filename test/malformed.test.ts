/**
 * Damage never crashes, never hangs, never costs the good part: captures at which tcpdump or tshark complain, good
 * captures cut at every byte, and mutations; through the addon in a process of its own, and through the pipeline.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { AppError } from '../src/base/errors.ts';
import { analyseFiles } from './kit/analyse.ts';
import { goodFiles } from './kit/good-files.ts';
import { labFile } from './kit/lab.ts';
import { inProcess, type Outcome } from './kit/native-process.ts';
import { mutated } from './kit/mutations.js';
import { haveShared, indexed } from './kit/shared.ts';
import { withFolder } from './kit/temporary.ts';

const LONG = process.env['DEADAIR_LONG'] === '1';
const MUTATIONS = LONG ? 20_000 : 2_000;

/** Codes with which a reader may say that a file went bad, or never was good. */
const SAID = /^E_INPUT_(EMPTY|FORMAT|TRUNCATED|CORRUPT|IO|COMPRESSION|RATIO)$/;

const unexplained = (outcomes: readonly Outcome[]): readonly Outcome[] =>
  outcomes.filter(({ complete, code, addsUp }) => !addsUp || (!complete && !SAID.test(code ?? '')));

/** Where each record of a pcap or little-endian pcapng ends. */
function recordEnds(bytes: Buffer): readonly number[] {
  const ends: number[] = [];
  if (bytes.readUInt32LE(0) !== 0x0a0d0d0a) {
    for (let at = 24; at < bytes.length; ends.push(at)) at += 16 + bytes.readUInt32LE(at + 8);
    return ends;
  }
  for (let at = 0; at < bytes.length; at += bytes.readUInt32LE(at + 4)) {
    if (bytes.readUInt32LE(at) === 6) ends.push(at + bytes.readUInt32LE(at + 4));
  }
  return ends;
}

describe('through the addon', () => {
  test.skipIf(!haveShared)(
    'captures that upset others (needs ../shared or DEADAIR_SHARED)',
    async () => {
      const files = indexed('malformed').map(({ path }) => path);
      const { outcomes, slowestMs } = await inProcess({ files }, { timeoutMs: 50_000 });
      expect(outcomes).toHaveLength(files.length);
      expect(unexplained(outcomes)).toEqual([]);
      expect(slowestMs).toBeLessThan(5_000);
    },
  );

  test.each(['good.pcap', 'good.pcapng'])(
    '%s cut at every byte gives every whole record',
    async (name) => {
      await withFolder(async (folder) => {
        const path = goodFiles(folder).find((one) => one.endsWith(`/${name}`)) ?? '';
        const { outcomes } = await inProcess({ cut: path, step: 1 }, { timeoutMs: 55_000 });
        const ends = recordEnds(readFileSync(path));
        const whole = (length = 0): number => ends.filter((end) => end <= length).length;
        expect(outcomes).toHaveLength(readFileSync(path).length + 1);
        expect(unexplained(outcomes)).toEqual([]);
        expect(outcomes.filter(({ length, frames }) => frames !== whole(length))).toEqual([]);
      });
    },
  );

  test('a gzip cut at every byte gives what could be unpacked, and says that it is not whole', async () => {
    await withFolder(async (folder) => {
      const path = goodFiles(folder)[2] ?? '';
      const { outcomes } = await inProcess({ cut: path, step: 1 }, { timeoutMs: 55_000 });
      expect(unexplained(outcomes)).toEqual([]);
      expect(outcomes.filter(({ complete }) => complete)).toHaveLength(1);
      const frames = outcomes.map((one) => one.frames);
      expect(frames).toEqual([...frames].sort((a, b) => b - a));
    });
  });

  test(`${MUTATIONS} mutations`, async () => {
    await withFolder(async (folder) => {
      const task = { mutate: goodFiles(folder), from: 0, until: MUTATIONS };
      const { outcomes, slowestMs, rssMiB } = await inProcess(task, {
        timeoutMs: LONG ? 900_000 : 55_000,
      });
      expect(outcomes).toHaveLength(MUTATIONS);
      expect(unexplained(outcomes)).toEqual([]);
      expect(slowestMs).toBeLessThan(5_000);
      expect(rssMiB).toBeLessThan(500);
    });
  });

  test('a file that is no capture is an error with a code', async () => {
    await expect(analyseFiles([labFile('reject', 'truth.json')])).rejects.toMatchObject({
      code: 'E_INPUT_FORMAT',
    });
    await expect(analyseFiles([labFile('reject', 'none')])).rejects.toMatchObject({
      code: 'E_INPUT_MISSING',
    });
    await expect(analyseFiles([labFile('reject', '')])).rejects.toMatchObject({
      code: 'E_INPUT_IS_DIRECTORY',
    });
    await expect(analyseFiles(['/dev/null'])).rejects.toMatchObject({ code: 'E_INPUT_NOT_A_FILE' });
  });
});

describe('through the whole pipeline', () => {
  /** What the report would say, or the code of the refusal; anything else that is thrown is a bug and passes on. */
  async function verdict(path: string): Promise<string> {
    try {
      const { sources, silences, resetsByCause, findings } = await analyseFiles([path], {
        shortestSeconds: 1,
      });
      const { killed } = silences;
      const resets = Object.values(resetsByCause as Readonly<Record<string, number>>);
      const sane =
        resets.every((count) => count > 0) && findings.length <= killed + silences.closed;
      return sane && sources[0] !== undefined ? 'reported' : `odd: ${JSON.stringify(silences)}`;
    } catch (error) {
      if (error instanceof AppError && SAID.test(error.code)) return 'refused';
      throw error;
    }
  }

  test('mutations of lab captures with findings in them', async () => {
    const good = ['drop', 'expiry-reset', 'push', 'haproxy'].map((scenario) =>
      readFileSync(labFile(scenario, 'inside.pcap')),
    );
    await withFolder(async (folder) => {
      for (let seed = 0; seed < MUTATIONS / 4; seed++) {
        const path = join(folder, 'mutated');
        writeFileSync(path, mutated(good, seed));
        expect([seed, await verdict(path)]).toEqual([seed, expect.stringMatching(/^re/)]);
      }
    });
  });

  test.skipIf(!haveShared)('captures that upset others (needs ../shared)', async () => {
    for (const { file, path } of indexed('malformed')) {
      expect([file, await verdict(path)]).toEqual([file, expect.stringMatching(/^re/)]);
    }
  });
});
