import { describe, expect, test } from 'vitest';
import { type Crowd, crowdOf, type Kill } from '../../src/judge/crowd.ts';
import { judgeOne } from '../../src/judge/judge.ts';
import { logBinomialAtLeast } from '../../src/judge/chance.ts';
import { Overlap } from '../../src/judge/overlap.ts';
import { alone, lateReset, ns } from './records.ts';

/** Exactly, term by term. */
function binomialTail(count: number, all: number, share: number): number {
  let [tail, ways] = [0, 1];
  for (let k = 0; k <= all; k++) {
    if (k >= count) tail += ways * share ** k * (1 - share) ** (all - k);
    ways = (ways * (all - k)) / (k + 1);
  }
  return tail;
}

test('the bound is never below the chance that it bounds, and falls with it', () => {
  for (const all of [1, 5, 12, 40]) {
    for (const share of [0.001, 0.1, 0.33, 0.9]) {
      let before = 1;
      for (let count = 0; count <= all; count++) {
        const bound = Math.exp(logBinomialAtLeast(count, all, share));
        expect(bound).toBeGreaterThanOrEqual(binomialTail(count, all, share) * (1 - 1e-9));
        expect(bound).toBeLessThanOrEqual(before);
        before = bound;
      }
    }
  }
  expect(logBinomialAtLeast(3, 3, 1)).toBe(0);
  expect(logBinomialAtLeast(1, 3, 0)).toBe(Number.NEGATIVE_INFINITY);
});

const ZERO = 1_000_000;

function killOf(from: number, silent: number, index: number): Kill {
  const record = lateReset({ from, silent, port: 40_000 + index });
  const judgement = judgeOne(record, alone);
  if (judgement.finding === null) throw new Error('no finding');
  return {
    judgement,
    finding: judgement.finding,
    record,
    goneNs: record.endedAtNs,
    startedNs: record.startedAtNs,
    silenceNs: ns(silent),
    service: 's',
    path: 's',
    index,
  };
}

const crowdAt = (kills: readonly Kill[], at: number): Crowd => {
  const spanning = kills.filter(
    ({ startedNs, goneNs }) => startedNs <= ns(ZERO + at) && goneNs >= ns(ZERO + at),
  );
  const crowd = crowdOf(spanning, ns(ZERO + at));
  if (crowd === null) throw new Error('too few');
  return crowd;
};

const NONE: ReadonlySet<string> = new Set();
const HOURS_24 = { fromNs: ns(ZERO), untilNs: ns(ZERO + 86_400) };

describe('kills of 100 s of silence that span one instant', () => {
  const six = Array.from({ length: 6 }, (_, i) => killOf(40_000 - 50 + i, 100, i));

  test('six in a whole day, and no others: no chance', () => {
    expect(new Overlap(six, HOURS_24, six.length).isChance(crowdAt(six, 40_000), NONE)).toBe(false);
  });

  test('six, where one comes every twenty seconds: chance', () => {
    const rest = Array.from({ length: 4000 }, (_, i) => killOf(20 * i, 100, 6 + i));
    const all = [...six, ...rest];
    expect(new Overlap(all, HOURS_24, all.length).isChance(crowdAt(all, 40_000), NONE)).toBe(true);
  });

  test('… but for those that belong to a server which went on', () => {
    const rest = Array.from({ length: 4000 }, (_, i) => killOf(20 * i, 100, 6 + i));
    const beside = rest.map((kill) => ({ ...kill, service: 'beside' }));
    const overlap = new Overlap([...six, ...beside], HOURS_24, 4006);
    expect(overlap.isChance(crowdAt(six, 40_000), new Set(['beside']))).toBe(false);
    expect(overlap.isChance(crowdAt(six, 40_000), NONE)).toBe(true);
  });

  test('six, where one comes every twenty seconds in that hour only: chance', () => {
    const rest = Array.from({ length: 180 }, (_, i) => killOf(38_200 + 20 * i, 100, 6 + i));
    const all = [...six, ...rest];
    expect(new Overlap(all, HOURS_24, all.length).isChance(crowdAt(all, 40_000), NONE)).toBe(true);
  });
});
