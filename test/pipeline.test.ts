/** From paths to an analysis: sums that close, files in any order, and what is an error and what a fact. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../src/base/root.ts';
import type { Finding } from '../src/judge/finding.ts';
import { analyse } from '../src/pipeline.ts';
import { analyseFiles } from './kit/analyse.ts';
import { captureFile } from './kit/capture-file.ts';
import { labFile } from './kit/lab.ts';
import { readCapture } from './kit/read-capture.ts';
import { withFile, withFolder } from './kit/temporary.ts';

const LAB = join(packageRoot(), 'test', 'captures', 'lab');
const scenarios = readdirSync(LAB);
const sum = (counts: object): number =>
  Object.values(counts).reduce((total: number, count) => total + Number(count), 0);

describe('every reset has one cause and every silence one outcome', () => {
  test.for(scenarios)('%s', async (scenario) => {
    const shortestSeconds = scenario.endsWith('-90') ? 20 : 1;
    const files = readdirSync(join(LAB, scenario)).filter((file) => /pcap/.test(file));
    for (const file of files) {
      const analysis = await analyseFiles([labFile(scenario, file)], { shortestSeconds });
      const { counters, resetsByCause, silences } = analysis;
      expect(sum(resetsByCause)).toBe(sum(counters.resets));
      expect(sum(silences)).toBe(sum(counters.silences));
      expect(resetsByCause['not-examined'] ?? 0).toBe(counters.resets.notExamined);
    }
  });
});

const ids = (findings: readonly Finding[]) => findings.map(({ id }) => id);

test('a rotated capture given in any order is one time line', async () => {
  const whole = labFile('reject', 'client.pcap');
  const records = readCapture(readFileSync(whole));
  const half = records.length >> 1;
  await withFolder(async (folder) => {
    const [first, second] = [join(folder, 'a.pcap'), join(folder, 'b.pcap')] as const;
    writeFileSync(first, captureFile(records.slice(0, half)));
    writeFileSync(second, captureFile(records.slice(half)));
    const asked = { shortestSeconds: 1 };
    const alone = await analyseFiles([whole], asked);
    expect(alone.findings.length).toBe(16);
    for (const paths of [
      [first, second],
      [second, first],
    ]) {
      const analysis = await analyseFiles(paths, asked);
      expect(ids(analysis.findings)).toEqual(ids(alone.findings));
      expect(analysis.sources.map(({ name }) => name)).toEqual(paths);
    }
  });
});

test('findings are handed over once, in the order of the analysis', async () => {
  const told: Finding[][] = [];
  const { findings } = await analyse({
    paths: [labFile('reject', 'client.pcap')],
    shortestNs: 1_000_000_000n,
    workers: 0,
    onFindings: (some) => told.push([...some]),
  });
  expect(told).toEqual([findings]);
});

describe('what cannot be read', () => {
  const file = readFileSync(labFile('reject', 'client.pcap'));

  test('a file cut inside a packet is analysed up to there, and says so', async () => {
    await withFile('cut.pcap', file.subarray(0, file.length - 7), async (path) => {
      const [source] = (await analyseFiles([path])).sources;
      expect(source).toMatchObject({ complete: false, problem: { code: 'E_INPUT_TRUNCATED' } });
      expect(source?.frames).toBeGreaterThan(0);
    });
  });

  test('a file cut inside its first packet gives nothing: an error, with a hint', async () => {
    await withFile('cut.pcap', file.subarray(0, 50), async (path) => {
      const error = { code: 'E_INPUT_TRUNCATED', hint: expect.stringContaining('inside a packet') };
      await expect(analyseFiles([path])).rejects.toMatchObject(error);
    });
  });

  test('beside a good file it is a fact of the report', async () => {
    await withFile('cut.pcap', file.subarray(0, 50), async (path) => {
      const { sources } = await analyseFiles([path, labFile('reject', 'client.pcap')]);
      expect(sources.map(({ problem }) => problem?.code ?? null)).toEqual([
        'E_INPUT_TRUNCATED',
        null,
      ]);
    });
  });

  test('a capture without a packet is an empty analysis', async () => {
    await withFile('empty.pcap', file.subarray(0, 24), async (path) => {
      expect((await analyseFiles([path])).findings).toEqual([]);
    });
  });
});
