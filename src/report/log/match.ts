/**
 * Log errors → the deaths they tell of. Each error goes to one death: the one it names, else the
 * nearest in time, and by time alone rather to one that nothing has told of yet. Verdicts are made
 * from packets and stay as they are.
 */
import type { SourceFacts } from '../../capture/addon.ts';
import type { Finding } from '../../judge/finding.ts';
import { type Candidate, Candidates, surer } from './candidates.ts';
import { type LogClock, logClock, SLACK_MS } from './clock.ts';
import type { LogFormat } from './formats.ts';
import type { Kinship } from './kinship.ts';
import type { LogFile } from './read-log.ts';
import type { LogError } from './scan.ts';
import { windowOf } from './windows.ts';
import type { Zone } from './zone.ts';

export interface LoggedLine {
  readonly source: string;
  readonly line: number;
  /** Nanoseconds since 1970, on the capture's clock. */
  readonly atNs: bigint;
  readonly error: LogError['error'];
  readonly by: Kinship;
  readonly text: string;
}

/** An error that no death explains. */
export interface Stray {
  readonly line: number;
  readonly error: LogError['error'];
  readonly text: string;
}

export interface LogFacts {
  readonly source: string;
  readonly format: LogFormat | null;
  readonly lines: number;
  readonly complete: boolean;
  /** All socket errors in it: the next five add up to it. */
  readonly errors: number;
  readonly explained: number;
  /** Within the time of the capture. */
  readonly unexplained: number;
  readonly outside: number;
  readonly untimed: number;
  /** Too many to look at one by one. */
  readonly notExamined: number;
  readonly clock: LogClock;
  /** The first that were not explained. */
  readonly strays: readonly Stray[];
}

export interface Logged {
  readonly logs: readonly LogFacts[];
  /** By finding id. */
  readonly byFinding: ReadonlyMap<string, readonly LoggedLine[]>;
}

export interface Told {
  readonly sources: readonly SourceFacts[];
  readonly findings: readonly Finding[];
}

const STRAYS = 5;
/** Chosen: a read, a write and a message about it; more lines that name no connection are chance. */
const UNNAMED_LINES = 3;

/** Of all sources, milliseconds since 1970; null when nothing was captured. */
function spanMs(sources: readonly SourceFacts[]): { from: number; to: number } | null {
  const seen = sources.filter(({ frames }) => frames > 0);
  if (seen.length === 0) return null;
  return {
    from: Math.min(...seen.map(({ firstAtNs }) => Number(firstAtNs) / 1e6)),
    to: Math.max(...seen.map(({ lastAtNs }) => Number(lastAtNs) / 1e6)),
  };
}

function commonest(errors: readonly LogError[]): LogFormat | null {
  const counts = new Map<LogFormat, number>();
  for (const { format } of errors) counts.set(format, (counts.get(format) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0] ?? null;
}

type Fate = 'explained' | 'unexplained' | 'outside';

type Book = Map<string, LoggedLine[]>;

const isTold = (book: Book, { window }: Candidate): number => (book.has(window.finding.id) ? 1 : 0);

function best(found: readonly Candidate[], book: Book): Candidate | undefined {
  const [surest] = [...found].sort(surer);
  if (surest === undefined || surest.kinship === 'connection') return surest;
  return [...found].sort((a, b) => isTold(book, a) - isTold(book, b) || surer(a, b))[0];
}

/** What a death may still be told by: any line that names its connection, few others of one log. */
const hasRoom = (desk: Desk, source: string, { window, kinship }: Candidate): boolean =>
  kinship === 'connection' ||
  (desk.unnamed.get(`${window.finding.id} ${source}`) ?? 0) < UNNAMED_LINES;

function countUnnamed(desk: Desk, source: string, { window, kinship }: Candidate): void {
  if (kinship === 'connection') return;
  const key = `${window.finding.id} ${source}`;
  desk.unnamed.set(key, (desk.unnamed.get(key) ?? 0) + 1);
}

function enter(book: Book, finding: Finding, line: LoggedLine): void {
  for (const id of new Set([finding.id, ...(finding.sameAs ?? [])])) {
    const known = book.get(id);
    if (known === undefined) book.set(id, [line]);
    else known.push(line);
  }
}

interface Desk {
  readonly candidates: Candidates;
  readonly book: Book;
  /** Lines of a log that were given to a death without naming its connection. */
  readonly unnamed: Map<string, number>;
  readonly span: { readonly from: number; readonly to: number } | null;
  readonly zone: Zone | null;
}

/** The year of a log without one, where there is no capture to tell it. */
const SOME_YEAR_MS = Date.UTC(2020, 0, 1);

const middleOf = ({ span }: Desk): number =>
  span === null ? SOME_YEAR_MS : (span.from + span.to) / 2;

/** Where an error belongs; a match is written into the book. */
function place(error: LogError, source: string, clock: LogClock, desk: Desk): Fate {
  const { candidates, span, book } = desk;
  const ms = clock.utcMs(error);
  const found = candidates.of(error, ms, SLACK_MS, ({ lateMs }) => lateMs);
  const free = found.filter((candidate) => hasRoom(desk, source, candidate));
  const match = best(free, book);
  if (match !== undefined) {
    countUnnamed(desk, source, match);
    enter(book, match.window.finding, {
      source,
      line: error.line,
      atNs: BigInt(Math.round(ms * 1000)) * 1000n,
      error: error.error,
      by: match.kinship,
      text: error.text,
    });
    return 'explained';
  }
  const isOutside = span === null || ms < span.from - SLACK_MS || ms > span.to + SLACK_MS;
  return isOutside ? 'outside' : 'unexplained';
}

function matchOne({ name, scan, complete }: LogFile, desk: Desk): LogFacts {
  const { candidates, zone: given } = desk;
  const clock = logClock(scan.errors, { candidates, nearMs: middleOf(desk), given });
  const fates = { explained: 0, unexplained: 0, outside: 0 };
  const strays: Stray[] = [];
  for (const error of scan.errors) {
    const fate = place(error, name, clock, desk);
    fates[fate]++;
    if (fate === 'unexplained' && strays.length < STRAYS) {
      strays.push({ line: error.line, error: error.error, text: error.text });
    }
  }
  const { lines, untimed, overflow: notExamined } = scan;
  return {
    source: name,
    format: commonest(scan.errors),
    lines,
    complete,
    errors: scan.errors.length + untimed + notExamined,
    ...fates,
    untimed,
    notExamined,
    clock,
    strays,
  };
}

/** `zone`: of lines that name none, null to find it out. */
export function matchLogs(files: readonly LogFile[], told: Told, zone: Zone | null): Logged {
  const book: Book = new Map();
  const candidates = new Candidates(told.findings.map(windowOf));
  const desk = {
    candidates,
    book,
    unnamed: new Map<string, number>(),
    span: spanMs(told.sources),
    zone,
  };
  const logs = files.map((file) => matchOne(file, desk));
  return { logs, byFinding: book };
}
