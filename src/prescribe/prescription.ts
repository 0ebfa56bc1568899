/**
 * All that is advised on one path: which settings would have kept its connections alive, on which
 * end, in which words for which software; what keepalive was already there; and which boxes it may
 * be.
 */
import { byOf } from '../judge/connection.ts';
import type { By } from '../judge/finding.ts';
import { boxHints, type Hint, isBelowFloor, proxyHints, signedBy } from '../path/catalogue.ts';
import { FLOOR_SECONDS } from '../path/catalogue-data.ts';
import { auditKeepalive, type KeepaliveAudit } from './audit.ts';
import { secondsText } from './duration-text.ts';
import { isEndpointTimer, type PathCase } from './path-case.ts';
import { type SafeSilence, safeSilence } from './safe-silence.ts';
import { givesUpAfter, type KeepaliveSettings, keepaliveWithin } from './settings.ts';
import { type ProbingSide, probingSide } from './side.ts';
import type { RemedyLine } from './stack/stack.ts';
import { type Guess, guessStack, keepaliveLines, timerLines } from './stacks.ts';

export interface Remedy extends KeepaliveSettings {
  /** TCP_USER_TIMEOUT, where packets vanish without an answer; else null. */
  readonly userTimeoutSeconds: number | null;
  readonly probing: ProbingSide;
  readonly safe: SafeSilence;
  readonly port: number;
  /** What listens there, as far as can be guessed, and from what. */
  readonly stack: string | null;
  readonly stackFrom: Guess['from'] | null;
  readonly lines: readonly RemedyLine[];
}

export interface Prescription {
  readonly hints: readonly Hint[];
  readonly remarks: readonly string[];
  readonly keepalive: KeepaliveAudit;
  /** Null where no box cut anything. */
  readonly remedy: Remedy | null;
  /** Against a timer of an application or a proxy; null where none was seen. Never keepalive. */
  readonly timerLines: readonly RemedyLine[] | null;
}

function remedyFor(sought: PathCase): Remedy | null {
  const { path, kills } = sought;
  const safe = safeSilence(sought);
  if (safe === null) return null;
  const settings = keepaliveWithin(safe.seconds);
  const vanishes = kills.some(({ signature }) => signature === 'blackhole');
  const userTimeoutSeconds = vanishes ? givesUpAfter(settings) : null;
  const guess = guessStack(path);
  const stack = guess?.stack ?? null;
  return {
    ...settings,
    userTimeoutSeconds,
    probing: probingSide(sought),
    safe,
    port: path.responderPort,
    stack: stack?.name ?? null,
    stackFrom: guess?.from ?? null,
    lines: keepaliveLines({ ...settings, userTimeoutSeconds }, stack),
  };
}

function hintsFor({ path, kills, closes }: PathCase): Hint[] {
  const { endpointTimerSeconds } = path;
  return [
    ...boxHints(path.timeout, kills, path.tcpState),
    ...(endpointTimerSeconds === null ? [] : proxyHints(endpointTimerSeconds, closes)),
  ];
}

function floorText(ipVersion: number): string {
  const who =
    ipVersion === 6 ? 'RFC 6092 (REC-35) asks IPv6 gateways' : 'RFC 5382 (REQ-5) asks NATs';
  return `${who} to remember silent connections for ${secondsText(FLOOR_SECONDS)} or longer`;
}

const HALF_CLOSED =
  'of these connections one end had already closed its side; boxes keep such rows for a shorter ' +
  'time than others';

function remarksOn({ path, kills }: PathCase, remedy: Remedy | null): string[] {
  if (remedy === null) return [];
  const remarks = signedBy(kills).map(
    ({ box, code }) => `a reset carries ${code} in its window field, as those of ${box} do`,
  );
  if (path.tcpState === 'half-closed') remarks.push(HALF_CLOSED);
  else if (isBelowFloor(path.timeout)) remarks.push(floorText(path.ipVersion));
  // Keepalive is set in whole seconds: below 2 s its first probe may already be late.
  if (remedy.safe.seconds < 2) remarks.push('keepalive cannot be set below 1 s: a ping can');
  return remarks;
}

/** The end that its idle timer makes close; null where both do, or neither was seen to. */
function closer({ closes, kills }: PathCase): By | null {
  const enders =
    closes.length > 0
      ? closes.map(({ record }) => byOf(record.endingBy))
      : kills.map(({ ending }) => ending.by);
  const [by = null, ...others] = new Set(enders);
  return others.length === 0 ? by : null;
}

export function prescribe(sought: PathCase): Prescription {
  const remedy = remedyFor(sought);
  const hasTimer = sought.closes.length > 0 || isEndpointTimer(sought);
  return {
    hints: hintsFor(sought),
    remarks: remarksOn(sought, remedy),
    keepalive: auditKeepalive(sought),
    remedy,
    timerLines: hasTimer
      ? timerLines(guessStack(sought.path)?.stack ?? null, closer(sought))
      : null,
  };
}
