/** Lives made at random, each with an end that is known: what must be found is read off the life itself. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { analysisOf, type Seen, seen } from '../kit/analyse.ts';
import { drawnLives, lastIdle, type Life } from '../kit/lives.ts';

const RUNS = process.env['DEADAIR_LONG'] === '1' ? 1000 : 100;

/** Signature and verdicts that a death may have; null where nothing may be reported but an endpoint's timer. */
const DEATHS: Readonly<Record<Life['ending'], readonly [string, RegExp] | null>> = {
  'box answers': ['late-reset', /^box-timeout$/],
  'probe is reset': ['keepalive-reset', /^box-timeout$/],
  'box expires': ['expiry-reset', /^box-timeout$/],
  'endpoint answers': ['late-reset', /^(possible-)?box-timeout$/],
  'nothing answers': ['blackhole', /^(possible-)?box-timeout$/],
  'server closes': null,
  'socket aborts': null,
  'goes on': null,
};

/** Several deaths may show a threshold, and a threshold names a box; one alone never does. */
const ALONE: Readonly<Partial<typeof DEATHS>> = {
  'endpoint answers': ['late-reset', /^possible-box-timeout$/],
};

const isDeath = (life: Life): boolean => lastIdle(life) >= 20.5 && DEATHS[life.ending] !== null;

const portOf = (index: number): number => 40_001 + index;

function complaint(
  lives: readonly Life[],
  index: number,
  findings: readonly Seen[],
): string | null {
  const life = lives[index];
  if (life === undefined) return 'no life';
  const here = findings.filter(({ flow }) => flow.originator.port === portOf(index));
  const reported = here.filter(({ signature }) => signature !== 'idle-close');
  const told = reported.map(({ signature, verdict }) => `${signature} ${verdict}`).join(', ');
  const deaths = lives.filter(isDeath).length === 1 ? { ...DEATHS, ...ALONE } : DEATHS;
  const death = isDeath(life) ? deaths[life.ending] : null;
  const story = `${life.ending} after ${lastIdle(life)} s: ${told || 'nothing'}`;
  if (death === null) return reported.length === 0 ? null : story;
  const [one] = reported;
  if (reported.length !== 1 || one === undefined) return story;
  const [signature, verdict] = death;
  const right = one.signature === signature && verdict.test(one.verdict);
  const measured = Math.abs(one.silence.seconds - lastIdle(life)) < 0.1;
  return right && measured ? null : `${story}, ${one.silence.seconds} s`;
}

/** A life whose end falls between "a silence" and "none" by the length of its last answer is not asked about. */
const isClear = (life: Life): boolean => lastIdle(life) >= 20.5 || lastIdle(life) <= 19.5;

test('every death is found with its signature and its silence, and nothing else is', async () => {
  const property = fc.asyncProperty(drawnLives, async ({ lives, picture }) => {
    fc.pre(lives.every(isClear));
    const { findings } = await analysisOf(picture);
    const all = findings.map(seen);
    const wrong = lives.map((_, index) => complaint(lives, index, all));
    expect(wrong.filter((one) => one !== null)).toEqual([]);
  });
  await fc.assert(property, { numRuns: RUNS, seed: 20_260_105, endOnFailure: true });
});

test('the resets in a capture and their causes add up, and so do the silences', async () => {
  const property = fc.asyncProperty(drawnLives, async ({ picture }) => {
    const { resetsByCause, silences } = await analysisOf(picture);
    const causes = Object.values(resetsByCause as Readonly<Record<string, number>>);
    const drawn = picture.match(/ (stateless|socket|box)\b/g)?.length ?? 0;
    expect(causes.reduce((sum, count) => sum + count, 0)).toBe(drawn);
    expect(silences.unobserved).toBe(0);
  });
  await fc.assert(property, { numRuns: RUNS, seed: 20_260_106, endOnFailure: true });
});
