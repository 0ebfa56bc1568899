/**
 * Captures of Linux's `any` (SLL2): every packet carries the number of its interface, so one file shows both sides of a box.
 * The lab's two-interface recordings in that dress.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Analysis } from '../src/report/analysis.ts';
import { analyseFiles } from './kit/analyse.ts';
import { captureFile, type FileShape } from './kit/capture-file.ts';
import type { Recorded } from './kit/frame.ts';
import { labFile } from './kit/lab.ts';
import { recorded } from './kit/link-layer.ts';
import { readCapture } from './kit/read-capture.ts';
import { unwrapped } from './kit/rewrap.ts';
import { withFile } from './kit/temporary.ts';

const NUMBERS: Readonly<Record<string, number>> = { in0: 2, out0: 3 };

/** The interface's number stands behind protocol and reserved, big-endian (LINKTYPE_LINUX_SLL2). */
function cooked(record: Recorded, number = NUMBERS[record.point] ?? 0): Recorded {
  const made = recorded({ ...unwrapped(record), point: '' }, 'sll2');
  const bytes = Buffer.from(made.bytes);
  bytes.writeUInt32BE(number, 4);
  return { ...made, bytes };
}

const frames = (scenario: string): readonly Recorded[] =>
  readCapture(readFileSync(labFile(scenario, 'gateway.pcapng')));

const analysed = (records: readonly Recorded[], shape: FileShape = {}): Promise<Analysis> =>
  withFile('any.cap', captureFile(records, { resolution: 'ns', ...shape }), (path) =>
    analyseFiles([path], { shortestSeconds: 1 }),
  );

/** What was found where, the interface's number for its name. */
const outline = ({ findings, capturePoints }: Analysis): readonly string[] =>
  findings
    .map(({ record, signature, verdict, evidence }) => {
      const point = capturePoints[record.capturePoint]?.name ?? '';
      const at = NUMBERS[point] === undefined ? point : `if${NUMBERS[point]}`;
      const fact = (evidence[0]?.fact ?? '').replaceAll(/\b(?:in|out)0\b/g, (name) => {
        return `if${NUMBERS[name]}`;
      });
      return `${at} ${record.originatorPort} ${signature} ${verdict}: ${fact}`;
    })
    .sort();

describe('both sides of a box in one capture of `any`', () => {
  test.each(['reject', 'drop', 'expiry-reset', 'remap', 'push', 'app'])(
    '%s: what a capture of two interfaces tells',
    async (scenario) => {
      const all = await analyseFiles([labFile(scenario, 'gateway.pcapng')], { shortestSeconds: 1 });
      const one = await analysed(frames(scenario).map((frame) => cooked(frame)));
      expect(one.capturePoints.map(({ name }) => name).sort()).toEqual(['if2', 'if3']);
      expect(all.findings.length).toBeGreaterThan(0);
      expect(outline(one)).toEqual(outline(all));
    },
  );

  test('in a pcapng the interface’s own name stays in front', async () => {
    const records = frames('reject').map((frame) => ({ ...cooked(frame), point: 'any' }));
    const { capturePoints } = await analysed(records, { format: 'pcapng' });
    expect(capturePoints.map(({ name }) => name).sort()).toEqual(['any if2', 'any if3']);
  });

  test('a header that says no number, or is cut before it, stays at one point', async () => {
    const unnumbered = await analysed(frames('reject').map((frame) => cooked(frame, 0)));
    expect(unnumbered.capturePoints.map(({ name }) => name)).toEqual(['']);
    const cut = frames('reject').map((frame) => {
      const whole = cooked(frame);
      return { ...whole, bytes: whole.bytes.subarray(0, 7) };
    });
    const { capturePoints, sources } = await analysed(cut);
    expect(capturePoints).toHaveLength(1);
    expect(sources[0]?.fates['truncated-link']).toBe(cut.length);
  });

  test('a hostile file that names a million interfaces has a bounded number of points', async () => {
    const [frame] = frames('reject');
    if (frame === undefined) throw new Error('the recording is empty');
    const many = Array.from({ length: 5000 }, (_, i) => cooked(frame, i + 1));
    const { capturePoints } = await analysed(many);
    expect(capturePoints.length).toBeLessThanOrEqual(1025);
    expect(capturePoints.length).toBeGreaterThan(1000);
  });

  test('a file without a packet still says where it was captured', async () => {
    const { capturePoints } = await analysed([], { linkType: 276 });
    expect(capturePoints).toMatchObject([{ linkType: 276, name: '' }]);
  });
});
