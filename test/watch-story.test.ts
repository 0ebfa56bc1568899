/**
 * The bounds of days: a story that judges a few records at a time keeps few of them, and still counts what happened as
 * one that judged all at once; what was told and does not hold is taken back, while it may be.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { SILENCE, SILENCE_BYTES, OUTCOME } from '../src/base/silence.ts';
import type { SilenceRecord } from '../src/base/record.ts';
import { runCapture } from '../src/dispatch/capture.ts';
import type { Captured } from '../src/dispatch/merge.ts';
import type { Finding } from '../src/judge/finding.ts';
import { amended, kept } from '../src/judge/told.ts';
import { News } from '../src/watch-news.ts';
import { BOUNDS, Story } from '../src/watch-story.ts';
import { pictureFile } from './kit/analyse.ts';
import { opened } from './kit/scenes.ts';
import { withFolder } from './kit/temporary.ts';

const KILLS = 40;
const SHORTEST = 500_000_000n;
const NOTHING = new Uint8Array();

/** One client after the other, silent for two seconds and cut by something between. */
function kill(client: string, from: number): string {
  return `${opened(from, client)}
  ${(from + 2).toFixed(6)}  ${client} > server  PSH ACK  20 bytes  undelivered
  ${(from + 2.001).toFixed(6)}  server > ${client}  stateless  ttl 63`;
}

const captured = (): Promise<Captured> =>
  withFolder((folder) => {
    const file = join(folder, 'kills.pcap');
    const kills = Array.from({ length: KILLS }, (_, i) => kill(`client${i + 10}`, i * 3));
    writeFileSync(file, pictureFile(kills.join('\n')));
    return runCapture({
      paths: [file],
      shortestNs: SHORTEST,
      workers: 0,
      maxFlows: 65_536,
      filter: null,
      apart: false,
    });
  });

/** Records of what was killed or closed, in their order, in so many pieces. */
function pieces({ silences }: Captured, size: number): Uint8Array[] {
  const recorded: Uint8Array[] = [];
  for (let at = 0; at < silences.byteLength; at += SILENCE_BYTES) {
    const one = silences.slice(at, at + SILENCE_BYTES);
    const outcome = one[SILENCE.outcome[0]] ?? 0;
    if (outcome === OUTCOME.killed || outcome === OUTCOME.closed) recorded.push(one);
  }
  const parts: Uint8Array[] = [];
  for (let i = 0; i < recorded.length; i += size)
    parts.push(new Uint8Array(Buffer.concat(recorded.slice(i, i + size))));
  return parts;
}

function told(counted: Captured, bounds: typeof BOUNDS, size: number) {
  const story = new Story(SHORTEST, bounds);
  let last = story.conclude(counted);
  for (const part of pieces(counted, size)) {
    story.add(part, NOTHING);
    last = story.conclude(counted);
  }
  return last;
}

/** Where a record stands: private, and what keeps memory. */
const tableOf = (record: SilenceRecord) => (record as unknown as { view: DataView }).view;

/** Getters are not spread. */
const saidBy = ({ id, verdict, silenceNs, emitter, ending, evidence, summary }: Finding) => ({
  ...{ id, verdict, silenceNs, summary },
  emitter: { is: emitter.is, because: emitter.because },
  ending: { ...ending },
  evidence: evidence.map((one) => ({ ...one })),
});

afterEach(() => vi.useRealTimers());

describe('a story of days', () => {
  test('judged a few records at a time, it ends as it does judged at once', async () => {
    const counted = await captured();
    const whole = told(counted, BOUNDS, 1000);
    const frozen = told(counted, { ...BOUNDS, records: 6 }, 4);
    expect(whole.findings).toHaveLength(KILLS);
    const ids = ({ findings }: typeof whole) => findings.map(({ id }) => id).sort();
    expect(ids(frozen)).toEqual(ids(whole));
    expect(frozen.resetsByCause).toEqual(whole.resetsByCause);
    expect(frozen.silences).toEqual(whole.silences);
    expect(frozen.forgotten).toBe(0);
  });

  test('findings beyond the bound roll off, the oldest first, and stay counted', async () => {
    const counted = await captured();
    const whole = told(counted, BOUNDS, 1000);
    const bounded = told(counted, { ...BOUNDS, records: 6, findings: 5 }, 4);
    const listed = new Set(bounded.findings.map(({ id }) => id));
    expect(listed.size).toBeLessThanOrEqual(5 + 6 + 4);
    expect(listed.size + (bounded.forgotten ?? 0)).toBe(KILLS);
    const byTime = [...whole.findings].sort((a, b) =>
      a.record.endingAtNs < b.record.endingAtNs ? -1 : 1,
    );
    expect(byTime.slice(-listed.size).every(({ id }) => listed.has(id))).toBe(true);
    expect(bounded.silences).toEqual(whole.silences);
  });

  test('what is judged for good holds no more of the capture than its own record', async () => {
    const { findings } = told(await captured(), { ...BOUNDS, records: 6 }, 4);
    const held = findings.map(({ record }) => tableOf(record).buffer.byteLength);
    expect(held.filter((bytes) => bytes === SILENCE_BYTES).length).toBeGreaterThanOrEqual(
      KILLS - 6 - 4,
    );
  });

  test('a finding that is kept says what it said, changed or not, of a changed record too', async () => {
    const { findings } = told(await captured(), BOUNDS, 1000);
    const [finding] = findings;
    if (finding === undefined) throw new Error('no finding');
    const record = Object.create(finding.record, { pairAtNs: { value: 7n, enumerable: true } });
    for (const one of [
      finding,
      amended(finding, { confidence: 0.1 }),
      amended(finding, { record }),
    ]) {
      const same = kept(one);
      expect(saidBy(same)).toEqual(saidBy(one));
      expect(tableOf(same.record).buffer.byteLength).toBe(SILENCE_BYTES);
      expect(same.record.pairAtNs).toBe(one.record.pairAtNs);
      expect(same.record.sides[1].nxt).toBe(one.record.sides[1].nxt);
    }
  });

  test('what does not hold any more is told once more with confidence 0', async () => {
    const analysis = told(await captured(), BOUNDS, 1000);
    const news = new News([]);
    expect(news.of(analysis, true).findings).toHaveLength(KILLS);
    expect(news.of(analysis, true).findings).toEqual([]);
    const [gone] = analysis.findings;
    const without = { ...analysis, findings: analysis.findings.slice(1) };
    const back = news.of(without, true).findings;
    expect(back).toHaveLength(1);
    expect(back[0]).toMatchObject({ id: gone?.id, update: 1, confidence: 0 });
    expect(back[0]?.summary).toContain('Taken back');
    expect(news.of(without, true).findings).toEqual([]);
  });

  test('what reads as it was told is not told again, whatever else was learnt', async () => {
    const analysis = told(await captured(), BOUNDS, 1000);
    const news = new News([]);
    const [first] = news.of(analysis, true).findings;
    const [known, ...others] = analysis.findings;
    if (known === undefined) throw new Error('no finding');
    const learnt = (more: Partial<Finding>) =>
      news.of({ ...analysis, findings: [amended(known, more), ...others] }, true).findings;
    // Of a second reset a report says nothing by itself.
    expect(learnt({ record: Object.create(known.record, { pairAtNs: { value: 1n } }) })).toEqual(
      [],
    );
    const sameAs = ['f_other'];
    expect(learnt({ sameAs })).toEqual([{ ...first, update: 1, sameAs }]);
  });

  test('what rolls off the list after half an hour is not taken back', async () => {
    const analysis = told(await captured(), BOUNDS, 1000);
    vi.useFakeTimers({ toFake: ['Date'] });
    const news = new News([]);
    news.of(analysis, true);
    vi.setSystemTime(Date.now() + 30 * 60_000);
    expect(news.of({ ...analysis, findings: [] }, true).findings).toEqual([]);
  });
});
