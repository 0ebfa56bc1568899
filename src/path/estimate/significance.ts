/**
 * Does dying depend on the silence at all, and does it depend on it as on a timeout, once or twice?
 *
 * The log likelihood of a step (one rate of kills below it, another above) is compared with that of one constant rate: resets
 * that strike whatever the silence fit the constant as well. A threshold is *significant* when at least three kills
 * lie beyond it and three survivors below it, and twice the gain in log likelihood is at least 10 + ln n; n random
 * endings reach that by chance in less than one capture of a hundred (test/path/significance.test.ts). The term in n pays
 * for having looked at n places (BIC, Schwarz 1978).
 *
 * What strikes per unit of time makes dying depend on the silence as well, without any timeout: the longer a silence, the
 * likelier an accident ends it (native/numbers/accidents.h). So a step, or two, must also explain the silences better than
 * that, by ln n for each parameter more; one step by 10 beside where half of the silences beyond it survive, as where half of
 * the flows pass the box by. Where less than a third die beyond it, clients of another kind, with other accidents, would look
 * the same.
 */
import { logAccidents } from '../../capture/numbers.ts';
import { type Ladder, type Split, splitAt } from './ladder.ts';

/** A T takes this many kills, and survivors. */
export const AT_LEAST = 3;
export const GAIN = 10;
/** Chosen: two steps closer than this are one timer that is swept now and then, or the width of its noise. */
export const APART = 1.25;
/** Chosen: each of three levels differs from the next by this much, and holds this many silences. */
const LEVELS_APART = 0.15;
const LEVEL_HOLDS = 5;
const ROUNDS = 4;
/** Chosen: beyond a timeout that one of three routes has, a third die. */
const DIE_BEYOND = 1 / 3;
/** Two lengths and three rates, of which accidents have two. */
const MORE_OF_TWO_STEPS = 3;

export interface Threshold {
  /** Split of the ladder: rungs from here on lie beyond the threshold. */
  readonly split: number;
  /** Twice the gain in log likelihood over a constant rate. */
  readonly gain: number;
  readonly significant: boolean;
}

/** Greatest log likelihood of `killed` and `survived` under one rate. */
export const logFit = (killed: number, survived: number): number =>
  logPart(killed, killed + survived) + logPart(survived, killed + survived);

const logPart = (n: number, all: number): number => (n === 0 ? 0 : n * Math.log(n / all));

const logStep = (s: Split): number =>
  logFit(s.killedBelow, s.survivedBelow) + logFit(s.killedAbove, s.survivedAbove);

const rate = (killed: number, survived: number): number =>
  killed + survived === 0 ? 0 : killed / (killed + survived);

interface Rise {
  /** Of the likeliest step up; 0: kills never become more frequent with the silence. */
  readonly split: number;
  readonly gain: number;
  /** The greatest log likelihood that a step, or none, can have. */
  readonly log: number;
}

const rises = new WeakMap<Ladder, Rise>();

/** Looked for once a ladder: who estimates and who merges ask the same. */
function riseOf(steps: Ladder): Rise {
  let rise = rises.get(steps);
  if (rise === undefined) rises.set(steps, (rise = findRise(steps)));
  return rise;
}

function findRise({ at, killedBelow, survivedBelow, killed, survived }: Ladder): Rise {
  const constant = logFit(killed, survived);
  let [split, gain, log] = [0, 0, constant];
  for (let i = 1; i < at.length; i++) {
    const k = killedBelow[i] as number;
    // Where nothing died just beyond, a step a little higher is likelier: survivors fit better below it.
    if (killedBelow[i + 1] === k) continue;
    const s = survivedBelow[i] as number;
    if (rate(killed - k, survived - s) <= rate(k, s)) continue;
    const here = logFit(k, s) + logFit(killed - k, survived - s);
    if (here > log) log = here;
    if (2 * (here - constant) > gain) [split, gain] = [i, 2 * (here - constant)];
  }
  return { split, gain, log };
}

/** The likeliest step up. Null: kills never become more frequent with the silence, or are too few for any to be significant. */
export function threshold(steps: Ladder): Threshold | null {
  if (steps.killed < AT_LEAST || steps.survived < AT_LEAST) return null;
  const { split, gain } = riseOf(steps);
  if (split === 0) return null;
  const found = { split, gain };
  const parts = splitAt(steps, split);
  const enough = parts.killedAbove >= AT_LEAST && parts.survivedBelow >= AT_LEAST;
  const significant =
    enough &&
    gain >= GAIN + sizeOf(steps) &&
    (isNoAccident(steps, parts) || areNoAccidents(steps, found));
  return { ...found, significant };
}

const sizeOf = ({ killed, survived }: Ladder): number => Math.log(killed + survived);

function isNoAccident(steps: Ladder, parts: Split): boolean {
  const dying = rate(parts.killedAbove, parts.survivedAbove);
  if (dying < DIE_BEYOND) return false;
  const gain = 2 * (logStep(parts) - accidentsOf(steps));
  return gain >= sizeOf(steps) + (dying > 0.5 ? 0 : GAIN);
}

function areNoAccidents(steps: Ladder, found: Pick<Threshold, 'split'>): boolean {
  const second = secondStep(steps, found);
  if (second?.shape !== 'two-timeouts') return false;
  const gain = 2 * (logLevels(levelsOf(steps, second.splits)) - accidentsOf(steps));
  return gain >= MORE_OF_TWO_STEPS * sizeOf(steps);
}

const accidents = new WeakMap<Ladder, number>();

/** Looked for once a ladder. */
function accidentsOf(steps: Ladder): number {
  let log = accidents.get(steps);
  if (log === undefined) accidents.set(steps, (log = logAccidents(steps)));
  return log;
}

export const logStepBest = (steps: Ladder): number => riseOf(steps).log;

/** … where it was looked for on as many paths. */
export const isSignificantAmong = (steps: Ladder, paths: number): boolean =>
  riseOf(steps).gain >= GAIN + sizeOf(steps) + 2 * Math.log(paths);

/** Chance alone makes silences speak so clearly against a T less than once in a hundred times. */
export function speaksAgainst(steps: Ladder, lowSeconds: number, highSeconds: number): boolean {
  let within = Number.NEGATIVE_INFINITY;
  for (let i = 0; i <= steps.at.length; i++) {
    const from = steps.at[i - 1] ?? 0;
    const until = steps.at[i] ?? Number.POSITIVE_INFINITY;
    if (from <= highSeconds && until >= lowSeconds)
      within = Math.max(within, logStep(splitAt(steps, i)));
  }
  return 2 * (logStepBest(steps) - within) >= GAIN + sizeOf(steps);
}

interface Level {
  readonly killed: number;
  readonly survived: number;
}

const between = (steps: Ladder, from: number, until: number): Level => ({
  killed: (steps.killedBelow[until] ?? 0) - (steps.killedBelow[from] ?? 0),
  survived: (steps.survivedBelow[until] ?? 0) - (steps.survivedBelow[from] ?? 0),
});

const fit = ({ killed, survived }: Level): number => logFit(killed, survived);

const logLevels = (levels: readonly Level[]): number =>
  levels.reduce((sum, level) => sum + fit(level), 0);

/** The split in ]from, until[ that parts best. */
function partBest(steps: Ladder, from: number, until: number): number | null {
  let [best, most] = [null as number | null, Number.NEGATIVE_INFINITY];
  const { killedBelow, survivedBelow } = steps;
  const [k0 = 0, s0 = 0] = [killedBelow[from], survivedBelow[from]];
  const [k1 = 0, s1 = 0] = [killedBelow[until], survivedBelow[until]];
  for (let split = from + 1; split < until; split++) {
    const [k, s] = [killedBelow[split] ?? 0, survivedBelow[split] ?? 0];
    const log = logFit(k - k0, s - s0) + logFit(k1 - k, s1 - s);
    if (log > most) [best, most] = [split, log];
  }
  return best;
}

export interface Steps {
  /** Splits of the ladder, the lower first. */
  readonly splits: readonly [number, number];
  /** Up and up again: two boxes side by side. Up and down: long silences survive, so it is no idle timer. */
  readonly shape: 'two-timeouts' | 'hump';
}

/** Starts from one good split and moves either of the two in turn. */
function refined(steps: Ladder, first: number, second: number): readonly [number, number] {
  let [low, high] = first < second ? [first, second] : [second, first];
  for (let round = 0; round < ROUNDS; round++) {
    high = partBest(steps, low, steps.at.length) ?? high;
    low = partBest(steps, 0, high) ?? low;
  }
  return [low, high];
}

function shapeOf(levels: readonly Level[]): Steps['shape'] | null {
  const [a = 0, b = 0, c = 0] = levels.map(({ killed, survived }) => rate(killed, survived));
  if (levels.some(({ killed, survived }) => killed + survived < LEVEL_HOLDS)) return null;
  if (b >= a + LEVELS_APART && c >= b + LEVELS_APART) return 'two-timeouts';
  return b >= a + LEVELS_APART && c <= b - LEVELS_APART && c < 0.5 ? 'hump' : null;
}

/** A second step that explains clearly more than one does; null where one is enough. */
export function secondStep(steps: Ladder, { split }: Pick<Threshold, 'split'>): Steps | null {
  const end = steps.at.length;
  const one = logStep(splitAt(steps, split));
  const least = GAIN + 2 * sizeOf(steps);
  // No likelihood is above 1: where one step leaves little to explain, no second can gain enough.
  if (-2 * one < least) return null;
  let best: { readonly splits: readonly [number, number]; readonly gain: number } | null = null;
  for (const other of [partBest(steps, 0, split), partBest(steps, split, end)]) {
    if (other === null) continue;
    const splits = refined(steps, split, other);
    const levels = levelsOf(steps, splits);
    const gain = 2 * (logLevels(levels) - one);
    if (gain > (best?.gain ?? 0)) best = { splits, gain };
  }
  if (best === null || best.gain < least) return null;
  const shape = shapeOf(levelsOf(steps, best.splits));
  const [low, high] = best.splits;
  const apart = (steps.at[high] ?? 0) / (steps.at[low] ?? 1) >= APART;
  return shape === null || !apart ? null : { splits: best.splits, shape };
}

const levelsOf = (steps: Ladder, [low, high]: readonly [number, number]): readonly Level[] => [
  between(steps, 0, low),
  between(steps, low, high),
  between(steps, high, steps.at.length),
];
