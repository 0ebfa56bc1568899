/**
 * What is new since it was last told: findings by id with an update that goes up, paths whose timeout is another.
 *
 * A finding that does not hold any more (a connection given up for lost was answered after all) is not taken back in
 * silence: it is told once more, with confidence 0 and the reason.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Finding } from './judge/finding.ts';
import type { Analysis, PathFacts } from './report/analysis.ts';
import { pathReports } from './report/document.ts';
import { findingReport, type Names, namesOf } from './report/finding-report.ts';
import type { FindingReport, PathReport } from './report/schema.ts';
import { keyOfFinding, tellingOf } from './watch-story.ts';

/** Chosen: Linux gives a connection up after about 15 minutes; what was told longer ago will not be taken back. */
const TAKEN_BACK_WITHIN_MS = 20 * 60_000;
/** Chosen: twice what the story keeps. */
const MOST_KNOWN = 20_000;

interface Told {
  readonly telling: string;
  readonly atMs: number;
  /** While it may yet be taken back. */
  report: FindingReport | null;
}

export interface New {
  readonly findings: readonly FindingReport[];
  /** Of `findings`, by id: where their packets are looked for. */
  readonly sources: ReadonlyMap<string, Finding>;
  readonly paths: readonly PathReport[];
}

function withdrawn(report: FindingReport): FindingReport {
  const fact = 'the connection was answered after all: it was not lost';
  return {
    ...report,
    update: report.update + 1,
    verdict: 'possible-box-timeout',
    confidence: 0,
    evidence: [...report.evidence, { fact, speaksFor: 'not-a-timeout', weight: 1 }],
    summary: `Taken back: ${fact}.`,
  };
}

const readsAlike = (a: FindingReport, b: FindingReport): boolean =>
  isDeepStrictEqual({ ...a, update: 0 }, { ...b, update: 0 });

const pathTelling = ({ timeout, killed, significant }: PathFacts): string =>
  JSON.stringify([timeout.status, timeout.lowSeconds, timeout.highSeconds, killed, significant]);

export class News {
  readonly #told = new Map<string, Told>();
  readonly #updates = new Map<string, number>();
  readonly #paths = new Map<string, string>();
  readonly #whatIfNs: readonly bigint[];

  constructor(whatIfNs: readonly bigint[]) {
    this.#whatIfNs = whatIfNs;
  }

  /** How often each finding was told, less one: what a report shows. */
  get updates(): ReadonlyMap<string, number> {
    return this.#updates;
  }

  /** `whole`: the analysis knows of everything, and what it does not know of is taken back. */
  of(analysis: Analysis, whole: boolean): New {
    const now = Date.now();
    const fresh = analysis.findings.filter((finding) => {
      return this.#told.get(keyOfFinding(finding))?.telling !== tellingOf(finding);
    });
    const sources = new Map(fresh.map((finding) => [finding.id, finding]));
    const names = namesOf({ ...analysis, updates: this.#updates });
    const findings = fresh.flatMap((finding) => this.#telling(finding, names, now));
    const back = whole ? this.#takeBack(analysis, now) : [];
    return {
      findings: [...findings, ...back],
      sources,
      paths: whole ? this.#pathsOf(analysis) : [],
    };
  }

  /** Nothing where it would read as it did: a witness may have said it before. */
  #telling(finding: Finding, names: Names, atMs: number): FindingReport[] {
    const key = keyOfFinding(finding);
    const before = this.#told.get(key)?.report ?? null;
    const same = findingReport(finding, names);
    const isNew = before === null || !readsAlike(before, same);
    const update = (this.#updates.get(finding.id) ?? -1) + 1;
    const report = isNew ? { ...same, update } : same;
    if (isNew) this.#updates.set(finding.id, update);
    this.#told.set(key, { telling: tellingOf(finding), atMs, report });
    return isNew ? [report] : [];
  }

  #takeBack(analysis: Analysis, now: number): FindingReport[] {
    const known = new Set(analysis.findings.map(keyOfFinding));
    const back: FindingReport[] = [];
    for (const [key, told] of this.#told) {
      if (now - told.atMs > TAKEN_BACK_WITHIN_MS) told.report = null;
      if (known.has(key)) continue;
      if (told.report !== null) {
        back.push(withdrawn(told.report));
        this.#updates.set(told.report.id, told.report.update + 1);
      }
      this.#told.delete(key);
    }
    this.#forgetOld();
    return back;
  }

  #forgetOld(): void {
    for (const id of this.#updates.keys()) {
      if (this.#updates.size <= MOST_KNOWN) break;
      this.#updates.delete(id);
    }
  }

  #pathsOf(analysis: Analysis): PathReport[] {
    const changed = analysis.paths.filter((path) => {
      if (path.killed === 0) return false;
      const telling = pathTelling(path);
      if (this.#paths.get(path.id) === telling) return false;
      this.#paths.set(path.id, telling);
      return true;
    });
    return changed.length === 0 ? [] : pathReports(analysis, changed, this.#whatIfNs);
  }
}
