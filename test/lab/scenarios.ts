/**
 * What can happen to connections at a box, and what must be found: the table of test/captures/README.md, alive. A scenario
 * is a box, connections, what else happens, and what the two sides of the gateway show.
 */
import { type Box, DROPPING, LOOSE, REJECTING } from './box.ts';
import { below, beyond, type Flow, flows, MARGIN_S } from './plan.ts';

/** One finding of every connection that dies, at one side of the box. */
export interface Sighting {
  readonly at: 'in0' | 'out0';
  readonly signature: string;
  /** The verdicts that are right, the strongest first. */
  readonly verdicts: readonly string[];
  /** What the first piece of evidence says. */
  readonly proof: RegExp;
}

export interface Scenario {
  readonly name: string;
  readonly box: Box;
  readonly family: 4 | 6;
  /** What else runs: a proxy on the gateway, a box that resets at expiry, a server that is restarted, rows flushed. */
  readonly with?: 'haproxy' | 'expiry-both' | 'expiry-one' | 'restart' | 'flush';
  readonly flows: (timeout: number) => readonly Flow[];
  readonly sightings: readonly Sighting[];
  /** What else may, or must, be found: timers of applications; a proxy's; one burst; else nothing. */
  readonly others?: 'timers' | 'proxy' | 'burst';
}

const BOX = ['box-timeout'];

/** Connections of a scenario: enough for a significant path, few enough for CI. */
const COUNT = 8;

const MADE = /^made inside the box: the reset appears at \S+ and never at \S+/;
const DROPPED = /^dropped inside the box: \d+ packets went in at in0 and never came out at out0/;
const RENAMED = /the connection came back as \S+ > \S+ without a SYN/;

const killed = (t: number, i: number): Omit<Flow, 'name' | 'startSeconds'> => ({
  mode: 'echo',
  plan: [
    ['echo', 300],
    ['idle', below(t, i, COUNT)],
    ['echo', 100],
    ['idle', beyond(t, i, COUNT)],
    ['echo', 120],
  ],
  dies: true,
});

const kills = (t: number): readonly Flow[] => flows(COUNT, (i) => killed(t, i));

/** Its own keepalive comes when the row is already gone. */
const probesLate = (t: number): readonly Flow[] =>
  flows(COUNT, (i) => ({
    mode: 'echo',
    plan: [
      ['echo', 200],
      ['idle', below(t, i, COUNT)],
      ['echo', 100],
      ['idle', 4 * t],
    ],
    keepAliveSeconds: t + 1,
    dies: true,
  }));

const pushes = (t: number): readonly Flow[] =>
  flows(COUNT, (i) => ({
    mode: 'push',
    seconds: [below(t, i, COUNT), beyond(t, i, COUNT)],
    plan: [
      ['receive', 200],
      ['idle', beyond(t, i, COUNT) + 1],
    ],
    dies: true,
  }));

const survivors = (t: number): readonly Flow[] =>
  flows(COUNT, (i) => ({
    mode: 'echo',
    plan: [0, 1, 2].flatMap(() => [['echo', 300] as const, ['idle', below(t, i, COUNT)] as const]),
    dies: false,
  }));

/** Ends that applications make: the hard negatives. */
const endings = (t: number, i: number): Omit<Flow, 'name' | 'startSeconds'> =>
  (
    [
      {
        mode: 'idle-fin',
        seconds: t * 0.4,
        plan: [
          ['echo', 50],
          ['idle', t * 0.8],
        ],
        dies: false,
      },
      {
        mode: 'idle-rst',
        seconds: t * 0.4,
        plan: [
          ['echo', 50],
          ['idle', t * 0.8],
        ],
        dies: false,
      },
      {
        mode: 'unread',
        seconds: 1,
        plan: [
          ['send', 4000],
          ['idle', 2],
        ],
        dies: false,
      },
      {
        mode: 'echo',
        plan: [
          ['echo', 500],
          ['idle', t * 0.7],
          ['abort', 0],
        ],
        dies: false,
      },
    ] as const
  )[i % 4] as Omit<Flow, 'name' | 'startSeconds'>;

/** Kills among survivors, keepalives that work, and applications that close and abort. */
const mixture = (t: number): readonly Flow[] =>
  flows(2 * COUNT, (i) => {
    const half = i >> 1;
    if (i % 2 === 0) return killed(t, half);
    if (half % 2 === 0) return endings(t, half >> 1);
    return {
      mode: 'echo',
      plan: [
        ['echo', 200],
        ['idle', 2.2 * t],
        ['echo', 100],
      ],
      keepAliveSeconds: Math.max(1, Math.floor((t - MARGIN_S) / 2)),
      dies: false,
    };
  });

/** Rhythms from 0.4 s up, so that what dies at one instant had silences of every length. */
const rhythms = (t: number): readonly Flow[] =>
  flows(2 * COUNT, (i) => {
    const every = [0.4, 0.8, 1.4, 2, 2.8, 3.4][i % 6] ?? 1;
    const times = Math.ceil((2.6 * t) / every);
    return {
      mode: 'echo',
      plan: Array.from({ length: times }, () => [
        ['idle', every] as const,
        ['echo', 50] as const,
      ]).flat(),
      dies: false,
    };
  });

const late = (proof: RegExp, at: Sighting['at'] = 'in0'): Sighting => ({
  at,
  signature: 'late-reset',
  verdicts: BOX,
  proof,
});

const hole: Sighting = { ...late(DROPPED), signature: 'blackhole' };
const expiry = (at: Sighting['at']): Sighting => ({ ...late(MADE, at), signature: 'expiry-reset' });

export const SCENARIOS: readonly Scenario[] = [
  { name: 'reject', box: REJECTING, family: 4, flows: kills, sightings: [late(MADE)] },
  { name: 'drop', box: DROPPING, family: 4, flows: kills, sightings: [hole] },
  { name: 'v6-reject', box: REJECTING, family: 6, flows: kills, sightings: [late(MADE)] },
  { name: 'v6-drop', box: DROPPING, family: 6, flows: kills, sightings: [hole] },
  {
    name: 'dnat',
    box: { ...REJECTING, forwards: true },
    family: 4,
    flows: kills,
    sightings: [late(MADE)],
  },
  {
    name: 'v6-dnat',
    box: { ...REJECTING, forwards: true },
    family: 6,
    flows: kills,
    sightings: [late(MADE)],
  },
  {
    name: 'remap',
    box: { ...LOOSE, random: true },
    family: 4,
    flows: kills,
    sightings: [late(RENAMED), { ...late(RENAMED, 'out0'), signature: 'remap' }],
  },
  {
    name: 'push',
    box: LOOSE,
    family: 4,
    flows: pushes,
    sightings: [{ ...late(MADE, 'out0'), signature: 'orphan-reset' }],
  },
  {
    name: 'keepalive-reject',
    box: REJECTING,
    family: 4,
    flows: probesLate,
    sightings: [{ ...late(MADE), signature: 'keepalive-reset' }],
  },
  {
    name: 'keepalive-drop',
    box: DROPPING,
    family: 4,
    flows: probesLate,
    sightings: [hole],
  },
  {
    name: 'expiry-reset',
    box: LOOSE,
    family: 4,
    with: 'expiry-both',
    flows: kills,
    sightings: [expiry('in0'), expiry('out0')],
  },
  {
    name: 'expiry-reset-one',
    box: LOOSE,
    family: 4,
    with: 'expiry-one',
    flows: kills,
    sightings: [expiry('in0')],
  },
  {
    name: 'mixed-reject',
    box: REJECTING,
    family: 4,
    flows: mixture,
    sightings: [late(MADE)],
    others: 'timers',
  },
  { name: 'survive', box: REJECTING, family: 4, flows: survivors, sightings: [] },
  {
    name: 'app',
    box: REJECTING,
    family: 4,
    flows: (t) => flows(2 * COUNT, (i) => endings(t, i)),
    sightings: [],
    others: 'timers',
  },
  {
    name: 'haproxy',
    box: LOOSE,
    family: 4,
    with: 'haproxy',
    flows: kills,
    sightings: [],
    others: 'proxy',
  },
  {
    name: 'restart-mixed',
    box: LOOSE,
    family: 4,
    with: 'restart',
    flows: rhythms,
    sightings: [],
    others: 'burst',
  },
  {
    name: 'flush-mixed',
    box: REJECTING,
    family: 4,
    with: 'flush',
    flows: rhythms,
    sightings: [],
    others: 'burst',
  },
];
