/** A capture piped into `read -`: whoever captures may be root; deadair is a user without a single capability. */
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { experiment } from './lab/experiment.ts';
import { whyNoLab } from './lab/namespaces.ts';
import { AS_NOBODY, PIPES } from './lab/piped.ts';
import { SCENARIOS } from './lab/scenarios.ts';
import { complaints } from './lab/verdict.ts';

function whyNot(): string | null {
  const why = whyNoLab();
  if (why !== null) return why;
  const [setpriv = '', ...rest] = AS_NOBODY;
  const reaches = spawnSync(setpriv, [...rest, '--version']).status === 0;
  return reaches ? null : 'a plain user cannot be made here, or does not reach this checkout';
}

const why = whyNot();

describe.skipIf(why !== null)(why ?? 'without any privilege in Node', () => {
  test('tcpdump and dumpcap write, deadair reads: every kill is found', async () => {
    const scenario = SCENARIOS.find(({ name }) => name === 'reject');
    if (scenario === undefined) throw new Error('there is no such scenario');
    const outcome = await experiment(scenario, 4, PIPES);
    expect(outcome.reports.size).toBe(2);
    for (const report of outcome.reports.values()) {
      expect(complaints(scenario, outcome, report)).toEqual([]);
      expect(report.sources[0]).toMatchObject({ name: '-', complete: true });
    }
  }, 120_000);
});
