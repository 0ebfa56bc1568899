/**
 * `--what-if`: how many of the dead a keepalive of that rhythm would have kept alive, path by path.
 */
import { seconds } from '../../base/units.ts';
import { type WhatIf, whatIf } from '../../prescribe/what-if.ts';
import { endpointText } from '../address.ts';
import type { Analysis } from '../analysis.ts';
import { prescriptionsOf } from '../prescriptions.ts';
import { pathStories } from './groups.ts';
import { type Cell, type Column, heading, type Page, paragraph, table } from './page.ts';
import { count, duration, number } from './quantity.ts';

const COLUMNS: readonly Column[] = [
  { title: 'a probe every', align: 'right' },
  { title: 'would live', align: 'right' },
  { title: 'would die', align: 'right' },
  { title: 'unclear', align: 'right' },
  { title: 'timers', align: 'right', expendable: 1 },
  { title: 'connections to' },
];

/** Chosen: more paths than this are in the JSON report. */
const PATHS = 8;

const NOTE =
  'If probes were sent on every connection and answered. Unclear: the box waits about ' +
  'that long. Timers of an ' +
  'application or a proxy end a connection whatever keepalive does.';

const row = (every: bigint, server: string, what: WhatIf): readonly Cell[] => [
  { text: duration(every) },
  { text: number(what.saved) },
  { text: number(what.lost) },
  { text: number(what.uncertain) },
  { text: number(what.endpointTimers) },
  { text: server },
];

export function whatIfSection(
  analysis: Analysis,
  whatIfNs: readonly bigint[],
  page: Page,
): readonly string[] {
  const stories = pathStories(analysis);
  if (whatIfNs.length === 0 || stories.length === 0) return [];
  const { caseOf } = prescriptionsOf(analysis);
  const rows = stories.slice(0, PATHS).flatMap(({ path }) => {
    const server = endpointText(path.responderAddress, path.responderPort);
    return whatIfNs.map((every) => row(every, server, whatIf(caseOf(path), seconds(every))));
  });
  const left = stories.length - PATHS;
  return [
    '',
    ...heading(page, 'What keepalive would have saved'),
    ...table(page, COLUMNS, rows),
    ...(left > 0 ? [`  … and ${count(left, 'more path')} (all with --json)`] : []),
    ...paragraph(page, NOTE, 2, 'dim'),
  ];
}
