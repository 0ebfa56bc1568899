/** Closes that stay packed say what they would say as records: whatever is in them, and whatever stands beside them. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readSilences } from '../../src/base/record.ts';
import {
  ENDING,
  FLOW_FLAG,
  OUTCOME,
  SIDE_FLAG,
  SILENCE,
  SILENCE_BYTES,
  SILENCE_KIND,
  TRIGGER,
} from '../../src/base/silence.ts';
import { closesIn, orderSilences } from '../../src/dispatch/gathered.ts';
import type { Judgement } from '../../src/judge/finding.ts';
import { judge, judgeOne } from '../../src/judge/judge.ts';
import { sortOut } from '../../src/judge/plain-close.ts';
import { packed, SERVER, second, type Values } from '../path/packed.ts';
import { alone, scene } from './records.ts';

const EVERYTHING = () => true;
const SPOKE = FLOW_FLAG.sawSyn | FLOW_FLAG.sawSynAck | FLOW_FLAG.sawSide0 | FLOW_FLAG.sawSide1;
const START = 1_700_000_000;

/** A close in order, `idle` seconds after the last payload; `n` tells connections apart. */
const close = (n: number, idle: number, more: Values<typeof SILENCE> = {}, apart = 10) => {
  const at = second(START + n * apart);
  return {
    ...SERVER,
    originatorAddress: [192, 0, 2, 10],
    originatorPort: 1024 + n,
    startedAtNs: at - second(idle),
    lastPayloadAtNs: at - second(idle),
    endedAtNs: at,
    endingAtNs: at,
    frameLastBefore: n * 10 + 1,
    frameEnding: n * 10 + 5,
    kind: SILENCE_KIND.packet,
    outcome: OUTCOME.closed,
    endingKind: ENDING.fin,
    endingBy: 1,
    endingTtl: 62,
    ttlData1: 62,
    ttlData0: 64,
    flowFlags: SPOKE | FLOW_FLAG.handshakeDone | FLOW_FLAG.originatorKnown,
    nxt0: n,
    nxt1: n * 7,
    ...more,
  } as const;
};

const said = ({ record, outcome, resetCauses, finding }: Judgement): string => {
  const { frameEnding, kind, frameLastBefore, originatorPort } = record;
  const of = finding === null ? null : [finding.id, finding.verdict, finding.confidence];
  const words = finding === null ? null : [finding.summary, finding.evidence, finding.emitter];
  return JSON.stringify([
    [originatorPort, frameEnding, frameLastBefore, kind, outcome, resetCauses],
    [of, words, String(finding?.silenceNs)],
  ]);
};

function asRecords(bytes: Uint8Array, within = alone): readonly string[] {
  return judge(readSilences(bytes), within).judgements.map(said);
}

/** Judgements in their order, and those of the closes that nobody took. */
function asPacked(bytes: Uint8Array, within = alone) {
  const { records, closes } = sortOut(bytes, closesIn(bytes), EVERYTHING);
  const { judgements } = judge(records, within, undefined, closes);
  const left = closes.judgementsLeft().map(said);
  return { judged: judgements.map(said), left, silencesLeft: closes.silencesLeft };
}

const bytesOf = (rows: readonly Values<typeof SILENCE>[]): Uint8Array =>
  orderSilences([packed(SILENCE, rows)]);

function expectAlike(bytes: Uint8Array, within = alone): void {
  const whole = asRecords(bytes, within);
  const { judged, left } = asPacked(bytes, within);
  expect([...judged, ...left].sort()).toEqual([...whole].sort());
  let behind = 0;
  for (const one of judged) {
    const at = whole.indexOf(one, behind);
    expect(at, 'the same order').toBeGreaterThanOrEqual(behind);
    behind = at + 1;
  }
}

const flags = fc.constantFrom(0, SIDE_FLAG.fin, SIDE_FLAG.finInferred, SIDE_FLAG.timestamps);

const anyRow = fc
  .record({
    n: fc.nat(12),
    idle: fc.constantFrom(5, 30, 60, 60.01, 60.02, 60.03, 300),
    kind: fc.constantFrom(SILENCE_KIND.packet, SILENCE_KIND.payload),
    outcome: fc.constantFrom(OUTCOME.closed, OUTCOME.closed, OUTCOME.killed, OUTCOME.open),
    triggerKind: fc.constantFrom(TRIGGER.none, TRIGGER.none, TRIGGER.none, TRIGGER.data),
    endingKind: fc.constantFrom(
      ENDING.fin,
      ENDING.fin,
      ENDING.rst,
      ENDING.finInferred,
      ENDING.none,
    ),
    endingBy: fc.nat(1),
    endingTtl: fc.constantFrom(62, 62, 64, 63),
    retransmissions: fc.constantFrom(0, 0, 0, 5),
    sideFlags0: flags,
    sideFlags1: flags,
    flowFlags: fc.constantFrom(SPOKE, SPOKE | FLOW_FLAG.handshakeDone, FLOW_FLAG.midStream | SPOKE),
    pairAtNs: fc.constantFrom(0n, 0n, 0n, second(START)),
    before: fc.nat(3),
    /** Who opened it, and how soon after the one before: within a moment or not. */
    host: fc.constantFrom(10, 10, 11),
    apart: fc.constantFrom(10, 0.2),
    responderPort: fc.constantFrom(27017, 27017, 80),
  })
  .map(({ n, idle, before, host, apart, ...rest }) => {
    const more = {
      ...rest,
      frameLastBefore: n * 10 + before,
      originatorAddress: [192, 0, 2, host],
    };
    return close(n, idle, more, apart);
  });

const anyScene = fc.constantFrom(true, false, null).chain((answered) =>
  fc.nat(500).map((survived) =>
    scene({
      responderAnswered: () => answered,
      longestSurvivedNs: () => second(survived),
    }),
  ),
);

test('whatever records hold, those that stay packed say what they would say one by one', () => {
  fc.assert(
    fc.property(fc.array(anyRow, { maxLength: 60 }), anyScene, (rows, within) => {
      expectAlike(bytesOf(rows), within);
    }),
    { numRuns: 300 },
  );
});

test('a plain close is closed, without a finding or a reset, in any scene', () => {
  let plain = 0;
  fc.assert(
    fc.property(anyRow, anyScene, (row, within) => {
      const bytes = packed(SILENCE, [row]);
      if (closesIn(bytes).rows.length === 0) return;
      plain += 1;
      const [record] = [...readSilences(bytes)];
      if (record === undefined) throw new Error('one row, no record');
      expect(judgeOne(record, within)).toMatchObject({
        outcome: 'closed',
        resetCauses: [],
        finding: null,
      });
    }),
    { numRuns: 2000 },
  );
  expect(plain).toBeGreaterThan(20);
});

test('closes of a timer become findings in the order of their endings, the others stay packed', () => {
  const rows = [
    ...[0, 1, 2, 3, 4].map((n) => close(n, 60 + n / 100)),
    close(5, 7),
    close(6, 1000, { kind: SILENCE_KIND.payload }),
  ];
  const { judged, left, silencesLeft } = asPacked(bytesOf(rows));
  expect(judged).toHaveLength(5);
  expect(left).toHaveLength(2);
  expect(silencesLeft).toBe(1);
});

test('a FIN that ended a silence on both clocks is one close of a timer', () => {
  const twice = [0, 1, 2, 3].flatMap((n) => [
    close(n, 60, { frameLastBefore: n * 10 + 3 }),
    close(n, 60, { kind: SILENCE_KIND.payload, frameLastBefore: n * 10 + 1 }),
  ]);
  const bytes = bytesOf(twice);
  expect(bytes.byteLength).toBe(8 * SILENCE_BYTES);
  expectAlike(bytes);
  expect(asPacked(bytes).left).toHaveLength(4);
});

test('connections that one host closes in a moment are one of four alike, packed or not', () => {
  const page = (n: number, host: number) =>
    [0, 1].map((i) =>
      close(n * 2 + i, 60 + i / 1000, {
        originatorAddress: [192, 0, 2, host],
        endingAtNs: second(START + n * 20 + i / 100),
        endedAtNs: second(START + n * 20 + i / 100),
        lastPayloadAtNs: second(START + n * 20 + i / 100 - 60),
        // One of the two does not stay packed: its sender's other packets have another TTL.
        ...(i === 1 ? { endingTtl: 63, sideFlags1: SIDE_FLAG.ttlVaries } : {}),
      }),
    );
  const three = bytesOf([0, 1, 2].flatMap((n) => page(n, 10 + n)));
  expectAlike(three);
  expect(asPacked(three).judged.join()).not.toContain('endpoint-timer');
  const four = bytesOf([0, 1, 2, 3].flatMap((n) => page(n, 10 + n)));
  expectAlike(four);
  const { judged } = asPacked(four);
  expect(judged.filter((one) => one.includes('4 of them each on its own'))).toHaveLength(8);
});

test('a close and an abort by one host in one moment are one of four alike, packed or not', () => {
  const reset = { outcome: OUTCOME.killed, endingKind: ENDING.rst, endingTcpFlags: 0x14 };
  const ending = (n: number, atSeconds: number, more: Values<typeof SILENCE> = {}) => {
    const at = second(START) + second(atSeconds);
    const [from, by] = [at - second(60), 1];
    const times = { startedAtNs: from, lastPayloadAtNs: from, endedAtNs: at, endingAtNs: at };
    return close(n, 60, { ...times, endingBy: by, ...more });
  };
  const three = [ending(1, 100), ending(2, 300), ending(3, 500)];
  const once = bytesOf([...three, ending(4, 500.01, reset)]);
  expect(asPacked(once).judged.filter((one) => one.includes('endpoint-timer'))).toEqual([]);
  expectAlike(once);
  const apart = bytesOf([...three, ending(4, 700, reset)]);
  expect(asPacked(apart).judged.filter((one) => one.includes('endpoint-timer'))).toHaveLength(4);
  expectAlike(apart);
});
