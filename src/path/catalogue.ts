/**
 * Which known boxes would fit what was seen: hints for a person, never part of a verdict.
 *
 * An entry is named only when exactly one default lies in the interval, and only if it may behave
 * as the box did. A timer at an end of the connection is compared with L7 entries alone: what
 * counts payload is no NAT.
 */
import type { Finding, Signature } from '../judge/finding.ts';
import type { PathFacts } from './facts.ts';
import { type Behaviour, CATALOGUE, type KnownBox, FLOOR_SECONDS } from './catalogue-data.ts';

/** Between which idle timeouts the truth lies, in seconds. */
export interface Interval {
  readonly lowSeconds: number | null;
  readonly highSeconds: number | null;
}

export interface Hint {
  readonly box: string;
  readonly layer: KnownBox['layer'];
  readonly seconds: number;
  readonly source: string;
  /** Not from a vendor's page. */
  readonly isGeneralKnowledge: boolean;
}

const RESET_AT_ONCE = ['expiry-reset'] as const;
const RESET_LATER = ['late-reset', 'keepalive-reset', 'orphan-reset'] as const;

/** Signatures that a behaviour leaves in a capture. */
const SHOWS: Readonly<Record<Behaviour, readonly Signature[]>> = {
  'reset-both': RESET_AT_ONCE,
  'reset-inside': RESET_AT_ONCE,
  'late-reset': RESET_LATER,
  'late-reset-inside': ['late-reset', 'keepalive-reset'],
  silent: ['blackhole'],
  close: ['expiry-fin', 'idle-close'],
  // The server that it goes on to answers with a reset, as it knows nothing of the connection.
  remap: ['remap', 'leak', 'late-reset', 'keepalive-reset'],
};

/** Both ends were reset at one moment: an entry that resets one end alone did not do that. */
const resetsBoth = ({ signature, record }: Finding): boolean =>
  signature === 'expiry-reset' && record.pairAtNs > 0n;

function mayShow(behaviour: Behaviour, kill: Finding): boolean {
  if (behaviour === 'reset-inside' && resetsBoth(kill)) return false;
  if (behaviour === 'late-reset-inside' && kill.trigger.by === 'responder') return false;
  return SHOWS[behaviour].includes(kill.signature);
}

/** What is not said of a box cannot speak against it. */
const mayHaveKilled = ({ atExpiry }: KnownBox, kill: Finding): boolean =>
  atExpiry === null || atExpiry.some((behaviour) => mayShow(behaviour, kill));

const hint = ({ known, seconds }: Timer): Hint => ({
  box: known.box,
  layer: known.layer,
  seconds,
  source: known.source,
  isGeneralKnowledge: known.isGeneralKnowledge === true,
});

/** One timeout of a box: it has one for each TCP state. */
interface Timer {
  readonly known: KnownBox;
  readonly seconds: number;
}

type TcpState = PathFacts['tcpState'];

function timersOf(known: KnownBox, state: TcpState): readonly Timer[] {
  const established = known.seconds === null ? [] : [known.seconds];
  const all = state === 'established' ? established : (known.halfClosed ?? []);
  return all.map((seconds) => ({ known, seconds }));
}

interface Sought {
  readonly state: TcpState;
  readonly layer: KnownBox['layer'];
  readonly low: number;
  readonly high: number;
  readonly kills: readonly Finding[];
}

function matching({ layer, state, low, high, kills }: Sought): Hint[] {
  const within = CATALOGUE.filter((one) => one.layer === layer)
    .flatMap((one) => timersOf(one, state))
    .filter(({ seconds }) => seconds >= low && seconds <= high);
  if (new Set(within.map(({ seconds }) => seconds)).size !== 1) return [];
  return within.filter(({ known }) => kills.every((kill) => mayHaveKilled(known, kill))).map(hint);
}

/** Chosen: no timer is kept more exactly than this, whatever a capture says. */
const around = (seconds: number): { low: number; high: number } => {
  const slack = Math.max(0.5, seconds * 0.02);
  return { low: seconds - slack, high: seconds + slack };
};

/** Boxes whose default is the only one in the interval; none without both bounds. */
export function boxHints(
  { lowSeconds, highSeconds }: Interval,
  kills: readonly Finding[],
  state: TcpState = 'established',
): Hint[] {
  if (lowSeconds === null || highSeconds === null || kills.length === 0) return [];
  const { low, high } = around((lowSeconds + highSeconds) / 2);
  return matching({
    layer: 'L4',
    state,
    low: Math.min(lowSeconds, low),
    high: Math.max(highSeconds, high),
    kills,
  });
}

/** Proxies whose default idle timeout is this one. */
export const proxyHints = (timerSeconds: number, closes: readonly Finding[]): Hint[] =>
  matching({ layer: 'L7', state: 'established', ...around(timerSeconds), kills: closes });

const WINDOW_CODES: ReadonlySet<number> = new Set(
  CATALOGUE.flatMap(({ windowCodes = [] }) => windowCodes),
);

/** Few resets have such a number, so few are asked what else they are. */
const windowCodes = (kills: readonly Finding[]): ReadonlySet<number> =>
  new Set(
    kills
      .filter(({ record }) => WINDOW_CODES.has(record.endingWindow))
      .filter(({ ending }) => ending.kind === 'rst' && ending.form !== 'socket')
      .map(({ record }) => record.endingWindow),
  );

/** Products that sign their resets, by a code seen in the window field of one. */
export function signedBy(kills: readonly Finding[]): readonly { box: string; code: number }[] {
  const seen = windowCodes(kills);
  return CATALOGUE.flatMap(({ box, windowCodes: codes = [] }) =>
    codes.filter((code) => seen.has(code)).map((code) => ({ box, code })),
  );
}

/** Sure that the box waits for less than is asked of NATs and gateways. */
export const isBelowFloor = ({ highSeconds }: Interval): boolean =>
  highSeconds !== null && highSeconds < FLOOR_SECONDS;
