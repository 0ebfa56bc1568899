/**
 * Was keepalive on, and did it help? Told from the probes before each death, from deaths at a
 * probe, and from the silences that an answered probe ended.
 *
 * Probes more frequent than the shortest silence looked at leave no silence to count, so their
 * absence is claimed only of connections that died: every record of a death knows the probes of its
 * connection.
 */
import { seconds } from '../base/units.ts';
import type { Finding } from '../judge/finding.ts';
import { secondsText } from './duration-text.ts';
import type { PathCase } from './path-case.ts';
import { whoseRhythm } from './rhythm.ts';
import { guessStack } from './stacks.ts';

export interface KeepaliveAudit {
  /** Usual time between probes; null where none, or no two on one connection, were seen. */
  readonly seenEverySeconds: number | null;
  /** Did any reach the other end and bring back an answer? Null where none was seen. */
  readonly crossed: boolean | null;
  /** Of the connections that died at a probe: how long they had been silent. */
  readonly probeTooLateSeconds: number | null;
  /** Silences that an answered probe ended well. */
  readonly silencesSaved: number;
  /** Connections that died at a probe: it came when the box had already forgotten. */
  readonly diedAtProbe: number;
  /** Probes crossed, and no connection that sent any was cut. Null where no probe was seen. */
  readonly effective: boolean | null;
  /** One sentence; null where there is nothing to say. */
  readonly reading: string | null;
}

type Facts = Omit<KeepaliveAudit, 'reading'>;

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? null;
}

const intervals = (findings: readonly Finding[]): number[] =>
  findings
    .map(({ record }) => record.keepaliveIntervalMs / 1000)
    .filter((interval) => interval > 0);

const sentProbes = ({ record }: Finding): boolean => record.keepalivesBefore > 0;
const atProbe = ({ trigger }: Finding): boolean => trigger.kind === 'keepalive';

function factsOf({ path, kills, closes }: PathCase): Facts {
  const died = kills.filter(atProbe);
  const ended = [...kills, ...closes];
  const crossed =
    path.survivedByKeepalive > 0 || ended.some(({ record }) => record.keepalivesAnswered > 0);
  const seen = crossed || died.length > 0 || ended.some(sentProbes);
  const helped = crossed && !kills.some((kill) => atProbe(kill) || sentProbes(kill));
  return {
    seenEverySeconds: median(intervals(ended)) ?? path.probedEverySeconds,
    crossed: seen ? crossed : null,
    probeTooLateSeconds: median(died.map(({ silenceNs }) => seconds(silenceNs))),
    silencesSaved: path.survivedByKeepalive,
    diedAtProbe: died.length,
    effective: seen ? helped : null,
  };
}

const many = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

function success({ seenEverySeconds, silencesSaved }: Facts): string {
  const every = seenEverySeconds === null ? '' : ` every ${secondsText(seenEverySeconds)}`;
  const saved = silencesSaved === 0 ? '' : `: they ended ${many(silencesSaved, 'silence')} in time`;
  return `keepalive probes${every} crossed${saved}`;
}

function tooLate({ probeTooLateSeconds, diedAtProbe, crossed }: Facts): string {
  const on = many(diedAtProbe, 'connection');
  const when = `after ${secondsText(probeTooLateSeconds ?? 0)}, on ${on}`;
  return crossed === true
    ? `but some came too late: ${when}`
    : `keepalive is on here, but its first probe comes too late: ${when}`;
}

function withoutProbe(kills: readonly Finding[]): string[] {
  const silent = kills.filter((kill) => !atProbe(kill) && !sentProbes(kill)).length;
  if (silent === 0) return [];
  const who =
    silent === kills.length
      ? 'the connections that died'
      : `${silent} of the connections that died`;
  return [`no probe was seen on ${who}`];
}

/**
 * Answered probes on a connection that died all the same: they did not come often enough, or
 * stopped.
 */
function cutInSpite(kills: readonly Finding[]): string[] {
  const cut = kills.filter((kill) => !atProbe(kill) && sentProbes(kill)).length;
  if (cut === 0) return [];
  return [`${many(cut, 'connection')} that had sent probes died in a silence without one`];
}

/** Of the probes that came too late, else of those that crossed. */
function author({ probeTooLateSeconds, seenEverySeconds }: Facts, { path }: PathCase): string[] {
  const every = probeTooLateSeconds ?? seenEverySeconds;
  const whose = every === null ? null : whoseRhythm(every, guessStack(path)?.stack.name ?? null);
  return whose === null ? [] : [`${secondsText(every ?? 0)} is ${whose}`];
}

function reading(facts: Facts, sought: PathCase): string | null {
  const { kills } = sought;
  const parts = [
    ...(facts.crossed === true ? [success(facts)] : []),
    ...(facts.diedAtProbe > 0 ? [tooLate(facts)] : []),
    ...author(facts, sought),
    ...cutInSpite(kills),
    ...withoutProbe(kills),
  ];
  return parts.length === 0 ? null : parts.join('; ');
}

export function auditKeepalive(sought: PathCase): KeepaliveAudit {
  const facts = factsOf(sought);
  return { ...facts, reading: reading(facts, sought) };
}
