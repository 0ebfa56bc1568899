/** Two reports → what changed between them, as one document. Pure: the same two give the same. */
import { CHANGES, comparePair, type PathChange } from './change.ts';
import type { Fields } from './fields.ts';
import { pairPaths } from './pair.ts';
import { perHour } from './rate.ts';
import type { Comparison, PathComparison, SideSummary } from './schema.ts';
import { notesOf, sentenceOf } from './sentence.ts';
import { type Side, type SidePath, sideOf } from './side.ts';

export interface Given {
  readonly name: string;
  readonly kind: 'report' | 'capture';
  /** A `deadair.report/1`. */
  readonly document: Fields;
}

/** Chosen: a person reads some, a program has the ids of the report itself. */
const LISTED = 100;

const killed = ({ paths }: Side): number => paths.reduce((sum, path) => sum + path.killed, 0);

const summaryOf = ({ name, kind }: Given, side: Side): SideSummary => ({
  name,
  kind,
  firstAt: side.firstAt,
  lastAt: side.lastAt,
  seconds: side.seconds,
  shortestSeconds: side.shortestSeconds,
  complete: side.complete,
  paths: side.paths.length,
  killed: killed(side),
});

function pathSide(path: SidePath | null, seconds: number | null): PathComparison['before'] {
  if (path === null) return null;
  const { id, survived, longestSurvivedSeconds, shortestKilledSeconds, timeout } = path;
  return {
    id,
    killed: path.killed,
    killedPerHour: perHour({ kills: path.killed, seconds }),
    survived,
    longestSurvivedSeconds,
    shortestKilledSeconds,
    timeout: { ...timeout },
  };
}

function pathReport(path: PathChange, before: Side, after: Side): PathComparison[] {
  const told = path.after ?? path.before;
  if (told === null) return [];
  const { network, port, firstSpeaker, tcpState, capturePoint } = told;
  const newest = [...path.newKillsListed].sort((a, b) => a.seconds - b.seconds);
  return [
    {
      change: path.change,
      matchedBy: path.matchedBy,
      responder: { network, port },
      firstSpeaker,
      tcpState,
      capturePoint,
      before: pathSide(path.before, before.seconds),
      after: pathSide(path.after, after.seconds),
      timeout: path.shift,
      rate: path.rate,
      survivedBeyond: path.beyond === null ? null : { ...path.beyond },
      newKills: path.newKills,
      newKillsListed: newest.slice(0, LISTED).map((kill) => ({ ...kill })),
      notes: notesOf(path),
      summary: sentenceOf(path),
    },
  ];
}

function notesOnBoth(before: Side, after: Side, paths: readonly PathChange[]): string[] {
  const sides = [['BEFORE', before] as const, ['AFTER', after] as const];
  const each = sides.flatMap(([name, side]) => [
    ...(side.complete ? [] : [`${name} was not read to its end`]),
    ...(side.findingsOmitted > 0
      ? [`${name} lists not all of its findings: new kills are counted among those it lists`]
      : []),
  ]);
  const shortest =
    before.shortestSeconds === after.shortestSeconds
      ? []
      : ['the two looked at silences from different lengths on (--shortest)'];
  const strangers =
    before.paths.length > 0 && after.paths.length > 0 && paths.every((path) => !path.matchedBy)
      ? ['no path is in both: another network, or addresses replaced under different keys?']
      : [];
  return [...each, ...shortest, ...strangers];
}

const rank = ({ change }: PathChange): number => CHANGES.indexOf(change);
const deaths = ({ before, after }: PathChange): number =>
  (before?.killed ?? 0) + (after?.killed ?? 0);

const idOf = ({ before, after }: PathChange): string => (after ?? before)?.id ?? '';

export function compareReports(given: { before: Given; after: Given }): Comparison {
  const before = sideOf(given.before.document);
  const after = sideOf(given.after.document);
  const knownIds = new Set(before.paths.flatMap(({ kills }) => kills.map(({ id }) => id)));
  const watched = { beforeSeconds: before.seconds, afterSeconds: after.seconds, knownIds };
  const paths = pairPaths(before.paths, after.paths)
    .map((pair) => comparePair(pair, watched))
    .sort((a, b) => rank(a) - rank(b) || deaths(b) - deaths(a) || (idOf(a) < idOf(b) ? -1 : 1));
  const changes = CHANGES.map(
    (change) => [change, paths.filter((path) => path.change === change).length] as const,
  );
  return {
    schema: 'deadair.compare/1',
    worse: paths.some(({ change }) => change === 'worse'),
    before: summaryOf(given.before, before),
    after: summaryOf(given.after, after),
    changes: Object.fromEntries(changes) as Comparison['changes'],
    newKills: paths.reduce((sum, path) => sum + path.newKills, 0),
    paths: paths.flatMap((path) => pathReport(path, before, after)),
    notes: notesOnBoth(before, after, paths),
  };
}
