/** Files of one rotation record at one place: what is known of a capture point names all that brought it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { report } from '../../src/report/document.ts';
import { analyseFiles, pictureFile } from '../kit/analyse.ts';
import { opened } from '../kit/scenes.ts';

const folder = mkdtempSync(join(tmpdir(), 'deadair-rotation-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string, from: number): string => {
  const path = join(folder, name);
  writeFileSync(path, pictureFile(opened(from)));
  return path;
};

test('a point that two files share lists both, and both have its link type', async () => {
  const analysis = await analyseFiles([file('a.pcap', 0), file('b.pcap', 100)]);
  expect(analysis.capturePoints.map(({ source, sources }) => [source, sources])).toEqual([
    [0, [0, 1]],
  ]);
  expect(report(analysis, 1).sources.map(({ linkTypes }) => linkTypes)).toEqual([
    ['EN10MB'],
    ['EN10MB'],
  ]);
});

test('captures of several vantages share none', async () => {
  const paths = [file('c.pcap', 0), file('d.pcap', 100)];
  const { capturePoints } = await analyseFiles(paths, { together: true });
  expect(capturePoints.map(({ sources }) => sources[0] ?? -1).toSorted((a, b) => a - b)).toEqual([
    0, 1,
  ]);
  expect(capturePoints.every(({ sources }) => sources.length === 1)).toBe(true);
});
