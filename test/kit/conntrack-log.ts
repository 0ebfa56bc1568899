/** What `conntrack -E -o timestamp,id` printed while the lab was recorded, as the native reader would have told it. */
import { readFileSync } from 'node:fs';
import { ROW_STATES, type RowEnd } from '../../src/host/row-ends.ts';
import { labFile } from './lab.ts';

function tuple(text: string): RowEnd['original'] {
  const value = (name: string): string => new RegExp(`${name}=(\\S+)`).exec(text)?.[1] ?? '';
  return {
    source: value('src'),
    destination: value('dst'),
    sourcePort: Number(value('sport')),
    destinationPort: Number(value('dport')),
  };
}

function rowEnd(line: string): RowEnd[] {
  const match = /^\[(\d+)\.(\d{6})\]\s+\[DESTROY\] tcp\s+6 (?:\d+ )?(?:([A-Z_]+) )?(.*)$/.exec(
    line,
  );
  if (match === null) return [];
  const [, whole = '0', micro = '0', state = '', rest = ''] = match;
  const second = rest.indexOf('src=', 4);
  const known = ROW_STATES.indexOf(state as (typeof ROW_STATES)[number]);
  return [
    {
      original: tuple(rest.slice(0, second)),
      reply: tuple(rest.slice(second)),
      atNs: (BigInt(whole) * 1_000_000n + BigInt(micro)) * 1000n,
      marked: false,
      zone: 0,
      state: known < 0 ? null : known,
      assured: rest.includes('[ASSURED]'),
    },
  ];
}

export const rowEndsOf = (scenario: string): readonly RowEnd[] =>
  readFileSync(labFile(scenario, 'conntrack.log'), 'utf8').split('\n').flatMap(rowEnd);
