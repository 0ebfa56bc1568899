/**
 * A real Linux gateway in namespaces, live: every kill with its signature and its proof, nothing else, and T within a second.
 * The recorders share one run of a scenario, so that all see the same packets.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { experiment, type Outcome } from './lab/experiment.ts';
import { whyNoLab } from './lab/namespaces.ts';
import { recordAny, recordBoth, watchAny, watchBoth, watchTwo } from './lab/recorders.ts';
import { SCENARIOS } from './lab/scenarios.ts';
import { complaints } from './lab/verdict.ts';

const why = whyNoLab();
const isLong = process.env['DEADAIR_LONG'] === '1';

/** Seconds until the gateway forgets. */
const TIMEOUTS = isLong ? [4, 12, 60] : [4];

/** Recordings, read afterwards, are the yardstick: in the long form they stand beside those who watch. */
const RECORDERS = [watchBoth, watchAny, watchTwo, ...(isLong ? [recordBoth, recordAny] : [])];

/** Chosen: what two processors carry without a plan being late. */
const AT_ONCE = 6;

/** As many scenarios at once as the machine carries; each test waits for its own. */
function started(timeout: number): ReadonlyMap<string, Promise<Outcome>> {
  const outcomes = new Map<string, Promise<Outcome>>();
  const running: Promise<unknown>[] = [];
  for (const [i, scenario] of SCENARIOS.entries()) {
    const before = i < AT_ONCE ? Promise.resolve() : running[i - AT_ONCE];
    const outcome = (before ?? Promise.resolve()).then(() =>
      experiment(scenario, timeout, RECORDERS),
    );
    outcomes.set(scenario.name, outcome);
    running.push(outcome.catch(() => undefined));
  }
  return outcomes;
}

describe.skipIf(why !== null)(why ?? 'the lab, live', () => {
  describe.each(TIMEOUTS)('T = %i s', (timeout) => {
    let outcomes: ReadonlyMap<string, Promise<Outcome>> = new Map();
    beforeAll(() => {
      outcomes = started(timeout);
    });
    afterAll(() => Promise.allSettled(outcomes.values()));

    test.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))(
      '%s',
      async (name, scenario) => {
        const outcome = await outcomes.get(name);
        expect(outcome).toBeDefined();
        if (outcome === undefined) return;
        const said = [...outcome.reports].flatMap(([by, report]) =>
          complaints(scenario, outcome, report).map((what) => `${by}: ${what}`),
        );
        expect(said).toEqual([]);
        // Each of them tells the sides of the box apart: nothing above was let off for want of it.
        for (const { paths } of outcome.reports.values())
          for (const { capturePoint } of paths) expect(['in0', 'out0']).toContain(capturePoint);
      },
      1000 * (180 + 18 * timeout),
    );
  });
});
