/** Several queues and interfaces write packets a little out of order: an estimate does not hang on that. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Analysis } from '../../src/report/analysis.ts';
import { analyseFiles } from '../kit/analyse.ts';
import { captureFile } from '../kit/capture-file.ts';
import { labFile } from '../kit/lab.ts';
import { readCapture } from '../kit/read-capture.ts';
import { withFolder } from '../kit/temporary.ts';

const MILLISECOND = 1_000_000n;

/** Neighbours of less than a millisecond change places, each with the time it had: every other pair, from `first` on. */
function disordered(path: string, first: number): Buffer {
  const frames = [...readCapture(readFileSync(path))];
  for (let i = first; i + 1 < frames.length; i += 2) {
    const [one, next] = [frames[i], frames[i + 1]];
    if (one === undefined || next === undefined || next.atNs - one.atNs >= MILLISECOND) continue;
    frames[i] = next;
    frames[i + 1] = one;
  }
  return captureFile(frames, { resolution: 'ns' });
}

const timeouts = ({ paths }: Analysis) =>
  paths.map(({ id, timeout, killed, survived }) => ({ id, timeout, killed, survived }));

describe.each([
  ['mixed-reject-90', 20],
  ['dnat-90', 20],
  ['reject', 1],
  ['expiry-reset', 1],
])('%s with packets out of order within a millisecond', (scenario, shortestSeconds) => {
  test.each([0, 1])('every other pair from packet %i on: the same T', async (first) => {
    const path = labFile(scenario, 'inside.pcap');
    const asked = { shortestSeconds };
    const plain = timeouts(await analyseFiles([path], asked));
    const mixed = await withFolder((folder) => {
      const file = join(folder, 'mixed.pcap');
      writeFileSync(file, disordered(path, first));
      return analyseFiles([file], asked);
    });
    expect(timeouts(mixed)).toEqual(plain);
  });
});
