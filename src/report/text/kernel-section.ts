/** "This gateway's connection table": what it is set to, how full it is, and how well it could be heard. */
import type { Analysis } from '../analysis.ts';
import type { Kernel } from '../kernel/witness.ts';
import { heading, type Page, paragraph } from './page.ts';
import { count, durationOfSeconds, number } from './quantity.ts';

/** Chosen, as in `deadair doctor`: from here on a burst of connections fills it. */
const NEARLY_FULL = 0.8;

function setting({ settings }: Kernel): string {
  const { establishedSeconds, entries, most, loose } = settings;
  const time = establishedSeconds === null ? 'unknown' : durationOfSeconds(establishedSeconds);
  const mode = loose === null ? '' : `, nf_conntrack_tcp_loose ${loose ? 1 : 0}`;
  const share = most === 0 ? 0 : Math.round((100 * entries) / most);
  return (
    `Configured: established connections are forgotten after ${time} of silence${mode}; ` +
    `${number(entries)} of ${number(most)} rows taken (${share} %).`
  );
}

const RELOADED: Readonly<Record<string, string>> = {
  none: 'nf_conntrack_events is 0: the kernel tells nothing when a row ends. Set it to 1.',
  'rows made since':
    'Rows made before listening began tell nothing when they end, unless ' +
    'net.netfilter.nf_conntrack_events is 1.',
};

function warnings({ settings, overruns, ends }: Kernel): string[] {
  const { entries, most, dropped, eventsOf } = settings;
  return [
    ...(most > 0 && entries / most >= NEARLY_FULL
      ? ['WARNING: the table is nearly full: connections may be thrown out before their time.']
      : []),
    ...((dropped ?? 0) > 0
      ? [`WARNING: ${count(dropped ?? 0, 'packet')} dropped because the table was full.`]
      : []),
    ...(overruns > 0
      ? [
          `WARNING: events were lost ${count(overruns, 'time')}, each time an unknown number: ` +
            'not every death has its row here.',
        ]
      : []),
    ...(ends.counts.dropped > 0
      ? [`${count(ends.counts.dropped, 'end')} of rows were too old to be kept.`]
      : []),
    ...(eventsOf === null ? [] : [RELOADED[eventsOf] ?? ''].filter(Boolean)),
  ];
}

export function kernelSection({ kernel }: Analysis, page: Page): string[] {
  if (kernel === undefined) return [];
  const { heard, open } = kernel.ends.counts;
  const told = `The kernel told the end of ${count(heard, 'row')}, ${number(open)} of them with the connection still open.`;
  return [
    '',
    ...heading(page, 'The connection table of this gateway (conntrack)'),
    ...[setting(kernel), told, ...warnings(kernel)].flatMap((text) => paragraph(page, text, 2)),
  ];
}
