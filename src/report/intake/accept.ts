/**
 * The reporter's one act: a batch becomes rows, in one transaction, together with the events that tell of it. Nothing of
 * a batch is visible before all of it is; a batch that comes again (delivery is at least once) changes nothing.
 */
import type { HeartbeatMessage } from '../../queue/payload.ts';
import { recordHeartbeat } from '../store/agents.ts';
import type { Database } from '../store/database.ts';
import { storeEvidence } from '../store/evidence.ts';
import { deathAt, type Origin, storeFinding, type Stored } from '../store/findings.ts';
import { jobOf } from '../store/jobs.ts';
import { type PathSource, storePath } from '../store/paths.ts';
import { storeOutcomes } from '../store/tallies.ts';
import type { FindingReport, PathReport } from '../schema.ts';
import { type Batch, checkFinding, checkPath } from './batch.ts';

export interface Refused {
  readonly id: string;
  readonly why: string;
}

export interface Accepted {
  readonly findings: Readonly<Record<Stored, number>>;
  readonly paths: number;
  readonly evidence: number;
  /** What was no finding or path of the contract, counted and left out. */
  readonly refused: readonly Refused[];
}

interface Check<T> {
  Check(value: unknown): value is T;
  Errors(value: unknown): { instancePath: string; message: string }[];
}

const whyNot = (check: Check<unknown>, value: unknown): string => {
  const [first] = check.Errors(value);
  return first === undefined
    ? 'not as the schema has it'
    : `${first.instancePath} ${first.message}`;
};

function sort<T>(
  items: readonly { readonly id: string }[],
  check: Check<T>,
): { readonly good: readonly T[]; readonly refused: readonly Refused[] } {
  const refused = items
    .filter((item) => !check.Check(item))
    .map((item) => ({ id: item.id, why: whyNot(check, item) }));
  return { good: items.flatMap((item) => (check.Check(item) ? [item as T] : [])), refused };
}

const isPcapng = (bytes: Buffer): boolean =>
  bytes.length >= 28 && bytes.readUInt32BE(0) === 0x0a0d0d0a;

function storeAllEvidence(db: Database, batch: Batch, now: number): number {
  return batch.evidence.filter(({ finding, pcapng }) => {
    const bytes = Buffer.from(pcapng, 'base64');
    return isPcapng(bytes) && storeEvidence(db, finding, bytes, now);
  }).length;
}

const originOf = ({ from }: Batch): Origin =>
  from.kind === 'job' ? { job: from.job, agent: null } : { job: null, agent: from.agent };

/** A capture that is analysed twice is one source: by its content, not by its job. */
function sourceName(db: Database, { from }: Batch): string {
  if (from.kind === 'agent') return `agent:${from.agent}`;
  const job = jobOf(db, from.job);
  return job === null ? `job:${from.job}` : `capture:${job.sha256}`;
}

/** The newest death this source told of the path, else when the batch was sent. */
function untilOf(db: Database, path: string, { job, agent }: Origin, sentAt: string): number {
  const [column, value] = job === null ? ['agent', agent] : ['job', job];
  const row = db.get<{ at: number }>(
    `SELECT at FROM findings WHERE path = ? AND ${column} = ? ORDER BY at DESC, id DESC LIMIT 1`,
    path,
    value ?? '',
  );
  return row?.at ?? (Date.parse(sentAt) || 0);
}

function storeAll(
  db: Database,
  batch: Batch,
  good: { readonly findings: readonly FindingReport[]; readonly paths: readonly PathReport[] },
  now: number,
): Omit<Accepted, 'refused'> {
  const origin = originOf(batch);
  const tally: Record<Stored, number> = { created: 0, updated: 0, known: 0 };
  for (const finding of good.findings) tally[storeFinding(db, finding, origin, now)]++;
  const source = sourceName(db, batch);
  for (const path of good.paths) {
    const from: PathSource = { source, untilAt: untilOf(db, path.id, origin, batch.sentAt) };
    storePath(db, path, from, now);
  }
  if (batch.silences !== undefined) storeOutcomes(db, source, batch.silences, now);
  const evidence = storeAllEvidence(db, batch, now);
  db.run(
    'INSERT INTO batches VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
    batch.id,
    batch.from.kind === 'job' ? batch.from.job : batch.from.agent,
    now,
  );
  return { findings: tally, paths: good.paths.length, evidence };
}

/** The envelope has been checked (checkedPayload); what the store throws, as of a full disk, is for the caller to retry. */
export function accept(db: Database, batch: Batch, now: number): Accepted {
  const findings = sort(batch.findings, checkFinding);
  const timed = findings.good.filter((finding) => Number.isFinite(deathAt(finding)));
  const paths = sort(batch.paths, checkPath);
  const good = { findings: timed, paths: paths.good };
  const stored = db.transaction(() => storeAll(db, batch, good, now));
  return { ...stored, refused: [...findings.refused, ...paths.refused] };
}

/** Whether a batch of this id has been stored: how a sender learns that it may go on. */
export const isAccepted = (db: Database, batch: string): boolean =>
  db.get('SELECT 1 AS there FROM batches WHERE id = ?', batch) !== undefined;

export function acceptHeartbeat(db: Database, message: HeartbeatMessage, now: number): void {
  const { v: _version, kind: _kind, ...beat } = message;
  db.transaction(() => {
    recordHeartbeat(db, beat, now);
    if (beat.silences !== undefined) storeOutcomes(db, `agent:${beat.agent}`, beat.silences, now);
  });
}
