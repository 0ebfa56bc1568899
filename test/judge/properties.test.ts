import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SilenceRecord } from '../../src/base/record.ts';
import { ENDING, OUTCOME, SILENCE_KIND } from '../../src/base/silence.ts';
import { judge } from '../../src/judge/judge.ts';
import { ns, quiet, scene } from './records.ts';

const SHOWN = JSON.stringify;
const asText = (value: unknown): string =>
  SHOWN(value, (_, part: unknown) => (typeof part === 'bigint' ? `${part}n` : part));

const side = fc.constantFrom(0 as const, 1 as const);
const ttl = fc.constantFrom(0, 62, 63, 64, 251);

const sideRecord = fc.record({
  nxt: fc.nat(),
  ttlHandshake: ttl,
  ttlData: ttl,
  flags: fc.nat(0x3ff),
  minRttNs: fc.constantFrom(0, 200_000, 20_000_000, 4_000_000_000),
});

/** Any record a tracker could write, and many it could not: the judge must have an answer for each. */
const anyRecord: fc.Arbitrary<SilenceRecord> = fc
  .record({
    silent: fc.constantFrom(1, 21, 60, 60.01, 350),
    from: fc.nat(400),
    port: fc.integer({ min: 1024, max: 65535 }),
    after: fc.constantFrom(0.00007, 0.001, 0.02, 30),
    shape: fc.record({
      kind: fc.constantFrom(...Object.values(SILENCE_KIND)),
      outcome: fc.constantFrom(...Object.values(OUTCOME)),
      triggerKind: fc.nat(5),
      triggerBy: side,
      endingKind: fc.nat(4),
      endingBy: side,
      flowFlags: fc.nat(0xfff),
      endingFlags: fc.nat(0x1ff),
      endingTtl: ttl,
      endingTcpFlags: fc.constantFrom(0x04, 0x14, 0x11),
      endingWindow: fc.constantFrom(0, 63, 9300),
      endingIpId: fc.constantFrom(0, 7001, 9001),
      retransmissions: fc.nat(8),
      pairBy: side,
      pairTtl: ttl,
      icmpType: fc.constantFrom(0, 2, 3),
      icmpCode: fc.constantFrom(0, 4),
      ipVersion: fc.constantFrom(4, 6),
    }),
    paired: fc.boolean(),
    client: sideRecord,
    server: sideRecord,
  })
  .map(({ silent, from, port, after, shape, paired, client, server }) => {
    const base = quiet({ silent, from, port, client, server, record: shape });
    const triggerAtNs = shape.triggerKind === 0 ? 0n : base.endedAtNs;
    const endingAtNs = shape.endingKind === ENDING.none ? 0n : base.endedAtNs + ns(after);
    const frame = from * 1e6 + port * 4;
    return {
      ...base,
      triggerAtNs,
      endingAtNs,
      pairAtNs: paired && shape.endingKind === ENDING.rst ? endingAtNs + 1_000_000n : 0n,
      lastRetransmissionAtNs: triggerAtNs === 0n ? 0n : triggerAtNs + ns(6),
      frameLastBefore: frame,
      frameTrigger: frame + 1,
      frameEnding: frame + 2,
    };
  });

const anyRecords = fc.uniqueArray(anyRecord, {
  maxLength: 24,
  selector: ({ originatorPort }) => originatorPort,
});

const anyScene = fc
  .record({ answered: fc.constantFrom(true, false, null), swept: fc.nat(3), survived: fc.nat(500) })
  .map(({ answered, swept, survived }) =>
    scene({
      responderAnswered: () => answered,
      statelessResets: () => swept,
      longestSurvivedNs: () => ns(survived),
    }),
  );

test('the order in which records arrive changes nothing', () => {
  fc.assert(
    fc.property(
      anyRecords.chain((records) =>
        fc.tuple(fc.constant(records), fc.shuffledSubarray(records, { minLength: records.length })),
      ),
      anyScene,
      ([records, shuffled], within) => {
        expect(asText(judge(shuffled, within))).toBe(asText(judge(records, within)));
      },
    ),
    { numRuns: 150 },
  );
});

test('every record has one judgement, every reset in it one cause, every confidence a place in [0, 1]', () => {
  fc.assert(
    fc.property(anyRecords, anyScene, (records, within) => {
      const { judgements } = judge(records, within);
      expect(judgements).toHaveLength(records.length);
      for (const { record, resetCauses, finding } of judgements) {
        const resets =
          (record.endingKind === ENDING.rst ? 1 : 0) + (record.pairAtNs === 0n ? 0 : 1);
        expect(resetCauses).toHaveLength(resets);
        expect(finding?.confidence ?? 0).toBeGreaterThanOrEqual(0);
        expect(finding?.confidence ?? 0).toBeLessThanOrEqual(1);
      }
    }),
  );
});

test('a box is blamed only with evidence for a middlebox, and high confidence needs the same', () => {
  fc.assert(
    fc.property(anyRecords, anyScene, (records, within) => {
      for (const { finding } of judge(records, within).judgements) {
        if (finding === null) continue;
        if (finding.verdict === 'box-timeout') {
          expect(finding.emitter.is).toBe('middlebox');
          expect(finding.emitter.because.length).toBeGreaterThan(0);
        }
        if (finding.verdict === 'possible-box-timeout')
          expect(finding.confidence).toBeLessThanOrEqual(0.5);
        if (finding.confidence >= 0.8) expect(finding.verdict).toBe('box-timeout');
      }
    }),
    { numRuns: 300 },
  );
});

test('ids neither collide nor move with the clock, the frame or the side that was guessed to be first', () => {
  fc.assert(
    fc.property(anyRecords, anyScene, (records, within) => {
      const later = records.map((record) => ({ ...record, frameLastBefore: 1, capturePoint: 3 }));
      const ids = (from: readonly SilenceRecord[]) =>
        judge(from, within).judgements.flatMap(({ finding }) => finding?.id ?? []);
      const found = ids(records);
      expect(new Set(found).size).toBe(found.length);
      expect(found.every((id) => /^f_[0-9a-f]{16}$/.test(id))).toBe(true);
      expect(ids(later).sort()).toEqual([...found].sort());
    }),
  );
});
