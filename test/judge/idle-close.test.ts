import { describe, expect, test } from 'vitest';
import type { SilenceRecord } from '../../src/base/record.ts';
import { SIDE_FLAG, SILENCE_KIND } from '../../src/base/silence.ts';
import { judge } from '../../src/judge/judge.ts';
import { alone, fromSocket, idleFin, ns, unaskedReset } from './records.ts';

const closes = (times: readonly number[], make = idleFin): SilenceRecord[] =>
  times.map((silent, i) => make({ silent, from: i * 7, port: 40000 + i }));

const timers = (records: readonly SilenceRecord[]) =>
  judge(records, alone).judgements.flatMap(({ finding }) => finding ?? []);

describe('one side closes again and again', () => {
  test('60 s after the last payload, four times: its own timer', () => {
    const findings = timers(closes([60, 60.01, 60.02, 60.05]));
    expect(findings).toHaveLength(4);
    expect(findings[0]).toMatchObject({
      signature: 'idle-close',
      verdict: 'endpoint-timer',
      clock: 'payload',
      emitter: { is: 'endpoint' },
      silenceNs: ns(60),
    });
    expect(findings[0]?.summary).toMatch(/TCP keepalive does not stop it/);
  });

  test('three times only: chance', () => {
    expect(timers(closes([60, 60.01, 60.02]))).toEqual([]);
  });

  test('at scattered times: people who close things', () => {
    expect(timers(closes([25, 48, 60, 71, 93, 120]))).toEqual([]);
  });

  test('so often that every window holds as many: no timer stands out', () => {
    const dense = Array.from({ length: 200 }, (_, i) => 60 + i * 0.3);
    expect(timers(closes(dense))).toEqual([]);
  });

  test('at two constant times: two timers', () => {
    const found = timers(closes([30, 30.01, 30.02, 30.03, 60, 60.01, 60.02, 60.03, 60.04]));
    expect(found).toHaveLength(9);
    expect(found[0]?.emitter.because[0]).toMatch(/^4 closes .* 30 s to 30 s/);
  });

  test('by a reset of its live socket: a timer that aborts', () => {
    const resets = closes([60, 60, 60, 60], (story) => fromSocket(unaskedReset(story)));
    const { judgements } = judge(resets, alone);
    expect(judgements.map(({ resetCauses }) => resetCauses)).toEqual(
      resets.map(() => ['idle-close']),
    );
    expect(judgements.every(({ outcome }) => outcome === 'closed')).toBe(true);
  });

  test('although keepalives were answered: the payload clock counts', () => {
    const kept = closes([60, 60, 60, 60]).map((record) => ({
      ...record,
      kind: SILENCE_KIND.payload,
      keepalivesAnswered: 3,
    }));
    expect(timers(kept)).toHaveLength(4);
  });

  test('seen as a packet silence and as a payload silence is one close, found once', () => {
    const once = closes([60, 60, 60, 60]);
    const twice = once.flatMap((record) => [record, { ...record, kind: SILENCE_KIND.payload }]);
    expect(timers(twice)).toHaveLength(4);
  });

  test('all at one moment, last used at one moment: one teardown, not a timer', () => {
    const channels = closes([161, 161, 161, 161]).map((record) => ({
      ...record,
      lastPayloadAtNs: ns(1_000_000),
      endingAtNs: ns(1_000_161),
    }));
    expect(timers(channels)).toEqual([]);
  });

  test('six at a time, whenever a page is left: each page counts once, and all six are told', () => {
    const pages = (count: number) =>
      closes(Array<number>(count * 6).fill(60), idleFin).map((record, i) => ({
        ...record,
        originatorAddress: `192.0.2.${Math.floor(i / 6)}`,
        lastPayloadAtNs: ns(1_000_000 + Math.floor(i / 6) * 100),
        endingAtNs: ns(1_000_060 + Math.floor(i / 6) * 100),
      }));
    expect(timers(pages(3))).toEqual([]);
    const found = timers(pages(4));
    expect(found).toHaveLength(24);
    expect(found[0]?.confidence).toBe(0.5);
    expect(found[0]?.emitter.because[0]).toMatch(/^24 closes .*, 4 of them each on its own, /);
  });

  test('with FINs that nobody hears: the other side is gone', () => {
    const deaf = closes([60, 60, 60, 60], (story) => ({ ...idleFin(story), retransmissions: 3 }));
    expect(timers(deaf)).toEqual([]);
  });

  test('two of them on each of two paths: no timer of either', () => {
    const two = closes([60, 60, 60, 60]).map((record, i) => ({
      ...record,
      responderPort: i < 2 ? 443 : 8443,
    }));
    expect(timers(two)).toEqual([]);
  });

  test('made mid-path each time: a box that closes at expiry, not a timer of the endpoint', () => {
    const record = { endingTtl: 64, endingFlags: 0 };
    const fins = closes([60, 60, 60, 60], (story) => idleFin({ ...story, record }));
    expect(timers(fins).map(({ signature }) => signature)).toEqual(Array(4).fill('expiry-fin'));
  });

  test('after a FIN had been seen: closing connections have no idle timer', () => {
    const server = { flags: SIDE_FLAG.timestamps | SIDE_FLAG.ipIdCounts };
    const client = { flags: SIDE_FLAG.timestamps | SIDE_FLAG.fin };
    expect(timers(closes([60, 60, 60, 60], (s) => idleFin({ ...s, server, client })))).toEqual([]);
  });
});
