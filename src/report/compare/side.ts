/**
 * One side of a comparison: what a `deadair.report/1` document says of its paths.
 *
 * Reports are kept for months, so a report of an earlier version must do: without a `timeout` its
 * interval is the bracket between survivors and kills, without `observations` no survivor is
 * counted one by one.
 */
import { countAt, type Fields, fieldsAt, listAt, numberAt, recordsAt, textAt } from './fields.ts';

/** Null on a side is an open end. */
export interface Interval {
  readonly lowSeconds: number | null;
  readonly highSeconds: number | null;
}

export interface SeenSilences {
  readonly seconds: number;
  readonly survived: boolean;
  readonly count: number;
}

export interface KillSeen {
  readonly id: string;
  readonly seconds: number;
}

export interface SidePath {
  readonly id: string;
  readonly memberIds: readonly string[];
  /** "198.51.100.9/32 27017 originator", of the path and of each member. */
  readonly places: readonly string[];
  readonly network: string;
  readonly port: number;
  readonly firstSpeaker: string;
  readonly tcpState: string;
  readonly capturePoint: string | null;
  readonly killed: number;
  readonly survived: number;
  readonly timeout: Interval & {
    readonly status: string | null;
    readonly estimateSeconds: number | null;
    readonly reason: string | null;
  };
  readonly longestSurvivedSeconds: number | null;
  readonly shortestKilledSeconds: number | null;
  /** Null where the report does not list them. */
  readonly silences: readonly SeenSilences[] | null;
  /** Kills by a box, as far as the report lists its findings. */
  readonly kills: readonly KillSeen[];
  readonly probedEverySeconds: number | null;
  readonly silencesSavedByProbes: number;
}

export interface Side {
  readonly complete: boolean;
  readonly shortestSeconds: number | null;
  readonly firstAt: string | null;
  readonly lastAt: string | null;
  readonly seconds: number | null;
  readonly findingsOmitted: number;
  readonly paths: readonly SidePath[];
}

const BOX_VERDICTS = new Set<string | null>(['box-timeout', 'possible-box-timeout']);

function killsByPath(document: Fields): ReadonlyMap<string, readonly KillSeen[]> {
  const kills = new Map<string, KillSeen[]>();
  for (const finding of recordsAt(document, 'findings')) {
    const [id, path] = [textAt(finding, 'id'), textAt(finding, 'path')];
    const seconds = numberAt(fieldsAt(finding, 'silence'), 'seconds');
    if (id === null || path === null || seconds === null) continue;
    if (!BOX_VERDICTS.has(textAt(finding, 'verdict'))) continue;
    const known = kills.get(path);
    if (known === undefined) kills.set(path, [{ id, seconds }]);
    else known.push({ id, seconds });
  }
  return kills;
}

function pointOf(point: unknown): SeenSilences[] {
  if (!Array.isArray(point)) return [];
  const [seconds, outcome] = point as readonly unknown[];
  if (typeof seconds !== 'number') return [];
  return [{ seconds, survived: outcome === 'survived', count: 1 }];
}

/** A bin stands at its shortest, so that none of it is said to be longer than it was. */
function binOf(bin: Fields): SeenSilences[] {
  const seconds = numberAt(bin, 'fromSeconds');
  const count = countAt(bin, 'count');
  if (seconds === null || count === null) return [];
  return [{ seconds, survived: textAt(bin, 'outcome') === 'survived', count }];
}

function silencesOf(path: Fields): readonly SeenSilences[] | null {
  const observations = fieldsAt(path, 'observations');
  const points = listAt(observations, 'points').flatMap(pointOf);
  if (points.length > 0) return points;
  const bins = recordsAt(observations, 'bins').flatMap(binOf);
  return bins.length > 0 ? bins : null;
}

function bracketOf(path: Fields): Interval {
  const low = numberAt(path, 'longestSurvivedSeconds');
  const high = numberAt(path, 'shortestKilledSeconds');
  const contradicts = low !== null && high !== null && low >= high;
  return contradicts
    ? { lowSeconds: null, highSeconds: null }
    : { lowSeconds: low, highSeconds: high };
}

function timeoutOf(path: Fields): SidePath['timeout'] {
  const timeout = fieldsAt(path, 'timeout');
  const status = textAt(timeout, 'status');
  if (status === null) {
    return { status, estimateSeconds: null, reason: null, ...bracketOf(path) };
  }
  return {
    status,
    estimateSeconds: numberAt(timeout, 'estimateSeconds'),
    reason: textAt(timeout, 'reason'),
    lowSeconds: numberAt(timeout, 'lowSeconds'),
    highSeconds: numberAt(timeout, 'highSeconds'),
  };
}

function placesOf(path: Fields, firstSpeaker: string): readonly string[] {
  const { network, port } = fieldsAt(path, 'responder');
  const members = recordsAt(path, 'members').map((member) => {
    const { address, port: ownPort } = fieldsAt(member, 'responder');
    const wide = String(address).includes(':') ? 128 : 32;
    return `${String(address)}/${wide} ${String(ownPort)} ${String(member['firstSpeaker'])}`;
  });
  return [`${String(network)} ${String(port)} ${firstSpeaker}`, ...members];
}

function pathOf(path: Fields, kills: ReadonlyMap<string, readonly KillSeen[]>): SidePath[] {
  const id = textAt(path, 'id');
  if (id === null) return [];
  const responder = fieldsAt(path, 'responder');
  const keepalive = fieldsAt(path, 'keepalive');
  const firstSpeaker = textAt(path, 'firstSpeaker') ?? 'originator';
  const members = recordsAt(path, 'members').flatMap((member) => textAt(member, 'id') ?? []);
  return [
    {
      id,
      memberIds: [...new Set([id, ...members])],
      places: placesOf(path, firstSpeaker),
      network: textAt(responder, 'network') ?? '?',
      port: countAt(responder, 'port') ?? 0,
      firstSpeaker,
      tcpState: textAt(path, 'tcpState') ?? 'established',
      capturePoint: textAt(path, 'capturePoint'),
      killed: countAt(path, 'killed') ?? 0,
      survived: countAt(path, 'survived') ?? 0,
      timeout: timeoutOf(path),
      longestSurvivedSeconds: numberAt(path, 'longestSurvivedSeconds'),
      shortestKilledSeconds: numberAt(path, 'shortestKilledSeconds'),
      silences: silencesOf(path),
      kills: kills.get(id) ?? [],
      probedEverySeconds: numberAt(keepalive, 'seenEverySeconds'),
      silencesSavedByProbes: countAt(keepalive, 'silencesSaved') ?? 0,
    },
  ];
}

/** RFC 3339 texts of one length and zone sort as times. */
function spanOf(document: Fields): Pick<Side, 'firstAt' | 'lastAt' | 'seconds'> {
  const sources = recordsAt(document, 'sources');
  const first = sources.flatMap((source) => textAt(source, 'firstAt') ?? []).sort()[0] ?? null;
  const last =
    sources
      .flatMap((source) => textAt(source, 'lastAt') ?? [])
      .sort()
      .at(-1) ?? null;
  const seconds = (Date.parse(last ?? '') - Date.parse(first ?? '')) / 1000;
  return { firstAt: first, lastAt: last, seconds: seconds >= 0 ? seconds : null };
}

export function sideOf(document: Fields): Side {
  const kills = killsByPath(document);
  return {
    complete: document['complete'] !== false,
    shortestSeconds: numberAt(document, 'shortestSeconds'),
    ...spanOf(document),
    findingsOmitted: countAt(document, 'findingsOmitted') ?? 0,
    paths: recordsAt(document, 'paths').flatMap((path) => pathOf(path, kills)),
  };
}
