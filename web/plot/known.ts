/** Marks below the axis: the defaults of known boxes, the keepalive that was seen, the one prescribed. */
import { CATALOGUE } from '../../src/path/catalogue-data.ts';
import type { PathReport } from '../../src/report/schema.ts';
import { duration } from '../base/wording.ts';
import type { Scale } from './scale.ts';

export interface Mark {
  readonly seconds: number;
  readonly text: string;
  readonly kind: 'box' | 'hint' | 'seen' | 'prescribed';
  readonly title: string;
}

/** Names short enough for a label. */
const SHORT: Readonly<Record<string, string>> = {
  'AWS NAT gateway': 'AWS NAT GW, NLB',
  'AWS ALB': 'AWS ALB',
  'Azure Load Balancer': 'Azure LB',
  'GCP Cloud NAT': 'GCP NAT',
  'GCP VPC firewall': 'GCP firewall',
  'Linux connection tracking': 'Linux',
  'Linux IPVS (Docker swarm, kube-proxy in ipvs mode)': 'IPVS, swarm',
  'AKS outbound load balancer': 'AKS, SRX',
  'kube-proxy': 'kube-proxy, pf',
};

function boxesByTime(): ReadonlyMap<number, string[]> {
  const bySeconds = new Map<number, string[]>();
  for (const { seconds, box } of CATALOGUE) {
    // What a story calls "the NAT of …" is no product.
    if (seconds === null || box.startsWith('the ')) continue;
    bySeconds.set(seconds, [...(bySeconds.get(seconds) ?? []), box]);
  }
  return bySeconds;
}

const labelOf = (boxes: readonly string[]): string => {
  const named = boxes.find((box) => SHORT[box] !== undefined);
  return (named === undefined ? undefined : SHORT[named]) ?? boxes[0] ?? '';
};

export function marksOf(path: PathReport, low: number, high: number): readonly Mark[] {
  const { hints, keepalive, remedy } = path;
  const within = ({ seconds }: Mark) => seconds >= low && seconds <= high;
  const hinted = new Set(hints.map(({ seconds }) => seconds));
  const boxes = [...boxesByTime()].map(
    ([seconds, names]): Mark => ({
      seconds,
      text: `${labelOf(names)} ${duration(seconds)}`,
      kind: hinted.has(seconds) ? 'hint' : 'box',
      title: `${duration(seconds)} is the default of ${names.join(', ')}`,
    }),
  );
  const seen: Mark[] =
    keepalive.seenEverySeconds === null
      ? []
      : [
          {
            seconds: keepalive.seenEverySeconds,
            text: `seen: every ${duration(keepalive.seenEverySeconds)}`,
            kind: 'seen',
            title: keepalive.reading ?? 'keepalive probes seen on this path',
          },
        ];
  const prescribed: Mark[] =
    remedy === null
      ? []
      : [
          {
            seconds: remedy.keepaliveTimeSeconds,
            text: `prescribed: ${duration(remedy.keepaliveTimeSeconds)}`,
            kind: 'prescribed',
            title: 'the keepalive time that the remedy gives',
          },
        ];
  return [
    ...prescribed,
    ...seen,
    ...boxes.sort((a, b) => +(b.kind === 'hint') - +(a.kind === 'hint')),
  ].filter(within);
}

export interface Placed extends Mark {
  readonly x: number;
  /** Null: a mark without room for its name. */
  readonly row: number | null;
  readonly anchor: 'start' | 'middle' | 'end';
  readonly textX: number;
}

/** Chosen: an average character of the label's font, px. */
const CHARACTER = 6.1;

/** Names in the first row where they collide with none; those placed first come first. */
export function placeMarks(marks: readonly Mark[], scale: Scale, rows: number): readonly Placed[] {
  const taken: (readonly [number, number])[][] = Array.from({ length: rows }, () => []);
  return marks.map((mark) => {
    const x = scale.x(mark.seconds);
    const width = mark.text.length * CHARACTER + 10;
    const from = Math.min(Math.max(x - width / 2, scale.left), scale.right - width);
    const row = taken.findIndex((spans) => spans.every(([a, b]) => from + width <= a || from >= b));
    const fits = row >= 0 && width < scale.right - scale.left;
    if (fits) taken[row]?.push([from, from + width]);
    return { ...mark, x, row: fits ? row : null, anchor: 'middle', textX: from + width / 2 };
  });
}
