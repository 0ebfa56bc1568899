/**
 * The table of docs/method.md by simulation: how far an estimate is from the truth (|ln(T̂/T)|: median and 90th percentile)
 * and how often the 95 % interval holds it, beside the two estimators that come to mind first.
 *
 * Silences are drawn log-uniformly from 5 s to an hour; below T one in e0 is killed by something else, above T one in e1
 * survives all the same. Seeded: the same figures every time.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../src/base/root.ts';
import { posterior, priorFor } from '../../src/path/estimate/change-point.ts';
import { ladderOf, type Observation } from './observed.ts';
import { randomFrom } from './random.ts';

const REPLICATIONS = process.env['DEADAIR_LONG'] === '1' ? 10_000 : 1000;
const [SHORTEST, LONGEST] = [5, 3600];

interface Row {
  readonly T: number;
  readonly n: number;
  readonly e0: number;
  readonly e1: number;
}

const ROWS: readonly Row[] = [
  { T: 90, n: 100, e0: 0.01, e1: 0.05 },
  { T: 350, n: 100, e0: 0.03, e1: 0.3 },
  { T: 350, n: 10, e0: 0.03, e1: 0.3 },
];

function draw({ T, n, e0, e1 }: Row, random: () => number): readonly Observation[] {
  return Array.from({ length: n }, () => {
    const seconds = SHORTEST * (LONGEST / SHORTEST) ** random();
    const killed = seconds < T ? random() < e0 : random() >= e1;
    return { seconds, killed: killed ? 1 : 0, survived: killed ? 0 : 1 };
  });
}

const smallestKill = (all: readonly Observation[]): number =>
  Math.min(...all.filter(({ killed }) => killed > 0).map(({ seconds }) => seconds));

/** Pool adjacent violators: the monotone rate of kills that fits best; T where it passes one half. */
function isotonic(all: readonly Observation[]): number {
  const blocks: { killed: number; size: number; from: number }[] = [];
  for (const { seconds, killed } of [...all].sort((a, b) => a.seconds - b.seconds)) {
    blocks.push({ killed, size: 1, from: seconds });
    for (;;) {
      const [last, before] = [blocks.at(-1), blocks.at(-2)];
      if (last === undefined || before === undefined) break;
      if (before.killed / before.size < last.killed / last.size) break;
      blocks.splice(-2, 2, {
        killed: before.killed + last.killed,
        size: before.size + last.size,
        from: before.from,
      });
    }
  }
  const passed = blocks.find(({ killed, size }) => killed / size >= 0.5);
  return passed?.from ?? Math.max(...all.map(({ seconds }) => seconds));
}

interface Errors {
  readonly median: number;
  readonly p90: number;
}

function errorsOf(estimates: readonly number[], T: number): Errors {
  const sorted = estimates.map((one) => Math.abs(Math.log(one / T))).sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(share * sorted.length)] ?? 0;
  return { median: at(0.5), p90: at(0.9) };
}

function simulate(row: Row) {
  const random = randomFrom(row.T * 1000 + row.n);
  const prior = priorFor(20);
  const [smallest, monotone, ours] = [[] as number[], [] as number[], [] as number[]];
  let covered = 0;
  for (let i = 0; i < REPLICATIONS; i++) {
    const drawn = draw(row, random);
    if (drawn.every(({ killed }) => killed === 0)) continue;
    smallest.push(smallestKill(drawn));
    monotone.push(isotonic(drawn));
    const { medianSeconds, lowSeconds, highSeconds } = posterior(ladderOf(drawn), prior);
    ours.push(medianSeconds);
    if (lowSeconds <= row.T && row.T <= highSeconds) covered += 1;
  }
  return {
    smallest: errorsOf(smallest, row.T),
    isotonic: errorsOf(monotone, row.T),
    changePoint: errorsOf(ours, row.T),
    coverage: covered / ours.length,
  };
}

const METHOD = readFileSync(join(packageRoot(), 'docs', 'method.md'), 'utf8');

/** The numbers in the document's row of this case, from left to right. */
function figuresIn(document: string, { T, n, e0, e1 }: Row): readonly number[] {
  const title = `| T ${T} s, n ${n}, e0 ${e0}, e1 ${e1} |`;
  const line = document.split('\n').find((one) => one.startsWith(title)) ?? '';
  return [...line.slice(title.length).matchAll(/\d+\.\d+/g)].map(Number);
}

describe.each(ROWS)('T $T s, $n silences, e0 $e0, e1 $e1', (row) => {
  const { smallest, isotonic: monotone, changePoint, coverage } = simulate(row);

  test('the change-point is nearer than the smallest kill and than isotonic regression', () => {
    for (const other of [smallest, monotone]) {
      expect(changePoint.median).toBeLessThan(other.median);
      expect(changePoint.p90).toBeLessThan(other.p90);
    }
  });

  test('its 95 % interval holds the truth at least 92 times of a hundred', () => {
    expect(coverage).toBeGreaterThanOrEqual(0.92);
  });

  test('docs/method.md tells these figures', () => {
    const told = figuresIn(METHOD, row);
    const seen = [smallest, monotone, changePoint].flatMap(({ median, p90 }) => [median, p90]);
    expect(told).toHaveLength(seen.length + 1);
    [...seen, coverage].forEach((value, i) => {
      expect((told[i] ?? 0) / value).toBeGreaterThan(0.8);
      expect((told[i] ?? 0) / value).toBeLessThan(1.25);
    });
  });
});
