/** What `deadair check` measures: four numbers, from a saved report or from this machine. */
import { AppError } from './base/errors.ts';
import { conntrackOf, CONNTRACK_SYSCTLS } from './host/conntrack.ts';
import type { IdleTimeout } from './host/idle-timeout.ts';
import { interfacesOf } from './host/interfaces.ts';
import type { Machine } from './host/machine.ts';
import { namespacesOf, sysctlsOf } from './host/namespaces.ts';
import { processesOf } from './host/processes.ts';
import { protectionOf } from './host/protection.ts';
import type { SavedPath, SavedReport } from './saved-report.ts';

export interface Measure {
  readonly label: string;
  /** Null: there is nothing to measure, which is no fault ("U" in performance data). */
  readonly value: number | null;
  /** s: seconds; c: a counter that only grows. */
  readonly unit: '' | 's' | 'c';
  readonly says: string;
}

const rounded = (value: number): number => Math.round(value * 1000) / 1000;

const HOUR_MS = 3_600_000;

/** The time that the sources cover together, gaps between them left out. */
export function coveredMs({ sources }: SavedReport): number {
  const spans = sources
    .flatMap(({ firstAtMs, lastAtMs }) =>
      firstAtMs === null || lastAtMs === null ? [] : [{ from: firstAtMs, to: lastAtMs }],
    )
    .sort((a, b) => a.from - b.from);
  let covered = 0;
  let reached = Number.NEGATIVE_INFINITY;
  for (const { from, to } of spans) {
    covered += Math.max(0, to - Math.max(from, reached));
    reached = Math.max(reached, to);
  }
  return covered;
}

const KILLS = new Set(['box-timeout', 'possible-box-timeout']);

/** A death that was seen on both sides of a box is one kill. */
function deaths({ findings }: SavedReport): number {
  const counted = new Set<string>();
  let sum = 0;
  for (const { id, verdict, sameAs } of findings) {
    if (!KILLS.has(verdict)) continue;
    if (!sameAs.some((other) => counted.has(other))) sum++;
    counted.add(id);
  }
  return sum;
}

/**
 * Findings that --max-findings left out have no verdict here: with them the number could only be
 * guessed.
 */
export function kills(report: SavedReport): Measure {
  const hours = coveredMs(report) / HOUR_MS;
  if (hours === 0) {
    throw new AppError('E_INPUT_EMPTY', 'the report covers no time', 'capture for longer');
  }
  if (report.findingsOmitted > 0) {
    throw new AppError(
      'E_INPUT_FORMAT',
      `the report leaves out ${report.findingsOmitted} findings`,
      'write it with a higher --max-findings',
    );
  }
  const value = rounded(deaths(report) / hours);
  return { label: 'kills', value, unit: '', says: `${value} kills/h` };
}

/** The estimate; where only an upper end is known, that. */
const timeoutOn = ({ estimateSeconds, highSeconds }: SavedPath): number | null =>
  estimateSeconds ?? highSeconds;

export function timeout({ paths }: SavedReport): Measure {
  const known = paths.flatMap((path) => {
    const seconds = timeoutOn(path);
    return seconds === null ? [] : [{ seconds: rounded(seconds), path }];
  });
  const [lowest] = known.sort((a, b) => a.seconds - b.seconds);
  if (lowest === undefined) {
    return { label: 'timeout', value: null, unit: 's', says: 'no idle timeout in the report' };
  }
  const { seconds, path } = lowest;
  const says = `lowest idle timeout ${seconds} s, to ${path.network} port ${path.port}`;
  return { label: 'timeout', value: seconds, unit: 's', says };
}

export function reportDrops({ sources }: SavedReport): Measure {
  const value = sources.reduce((sum, { droppedPackets }) => sum + droppedPackets, 0);
  return { label: 'drops', value, unit: '', says: `${value} packets dropped while capturing` };
}

/**
 * Interfaces, the queues of the processors and the connection table of this namespace, since each
 * began.
 */
export async function hostDrops(machine: Machine): Promise<Measure> {
  const { all, backlogDropped } = interfacesOf(machine);
  const ring = all.reduce((sum, each) => sum + each.ringDropped, 0);
  const cards = all.reduce((sum, each) => sum + each.receiveDropped + each.sendDropped, 0);
  const [own] = namespacesOf(machine, []).all;
  const table =
    own === undefined
      ? null
      : conntrackOf(machine, own, await sysctlsOf(machine, own, CONNTRACK_SYSCTLS));
  const [queue, tracked] = [backlogDropped ?? 0, table?.dropped ?? 0];
  const value = ring + cards + queue + tracked;
  const says =
    `${value} packets dropped since boot: ring ${ring}, interfaces ${cards}, queues ` +
    `${queue}, conntrack ${tracked}`;
  return { label: 'drops', value, unit: 'c', says };
}

/** Chosen: what a pager can show. */
const NAMED = 3;

interface Flawed {
  readonly name: string;
  readonly count: number;
}

/** Those of one name are one to whoever is paged; the most first. */
function byName(programs: readonly Flawed[]): readonly Flawed[] {
  const counts = new Map<string, number>();
  for (const { name, count } of programs) counts.set(name, (counts.get(name) ?? 0) + count);
  return [...counts]
    .map(([name, count]) => ({ name, count }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
}

export function unprotected(machine: Machine, idle: IdleTimeout): Measure {
  const { programs, isPartial } = protectionOf(machine, processesOf(machine), idle);
  const flawed = byName(
    programs.map(({ name, uid, connections }) => ({
      name: name ?? `user ${uid}`,
      count: connections.none + connections.late,
    })),
  );
  const value = flawed.reduce((sum, { count }) => sum + count, 0);
  const who = flawed.slice(0, NAMED).map(({ name, count }) => `${name} ${count}`);
  const says =
    `${value} connections without keepalive within ${idle.seconds} s` +
    (who.length === 0 ? '' : `: ${who.join(', ')}${flawed.length > NAMED ? ', …' : ''}`) +
    (isPartial ? ' (not all could be seen)' : '');
  return { label: 'keepalive', value, unit: '', says };
}
