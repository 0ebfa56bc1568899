/**
 * The worker of queue `captures`: a job is analysed in a process of its own, its results are delivered, and then it is
 * complete.
 *
 * An analysis that dies on its own is tried again; the third time the job is given up with the reason and lies among
 * the dead letters. Whoever kills this process, or the machine, costs a job nothing: it comes again and begins anew.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BatchContent } from './analysis-process.ts';
import { AppError } from './base/errors.ts';
import { makeFolder } from './base/folder.ts';
import { asAppError } from './capture/problems.ts';
import type { Log } from './base/log.ts';
import { identify, isRunning } from './base/process-identity.ts';
import { type Consumer, consume, type Handling } from './queue/consumer.ts';
import type { FindingsBatch } from './queue/payload.ts';
import type { RedisTarget } from './queue/redis-url.ts';
import { type AnalysisEnd, runAnalysis } from './serve-analysis.ts';
import type { Desk, Ticket } from './serve-desk.ts';

export interface CapturesOptions {
  readonly target: RedisTarget;
  readonly desk: Desk;
  /** Folder for work in progress; what earlier processes left in it goes. */
  readonly work: string;
  readonly concurrency: number;
  /** Of one analysis. */
  readonly memoryBytes: number;
  /** File with names of addresses, for reports. */
  readonly names: string | null;
  readonly log: Log;
}

const MOST_CRASHES = 3;
const AFTER_CRASH_MS = 200;
/** Chosen: how soon a cancelled job's process is gone. */
const ASK_MS = 250;

class Cancelled extends Error {}

/** `<job>.<pid>.<start>.<chance>`: whose it is can be told, and two attempts never share one. */
function workFolder(work: string, job: string): string {
  const { pid, startedAt } = identify(process.pid) ?? { pid: process.pid, startedAt: '0' };
  const name = [job, pid, startedAt, randomBytes(4).toString('hex')].join('.');
  const folder = join(work, name);
  makeFolder(folder, 0o700);
  return folder;
}

/** Removes what processes that are gone left behind. */
export function sweepWork(work: string): void {
  for (const name of readdirSync(work)) {
    const [, pid = '0', startedAt = ''] = name.split('.');
    if (isRunning({ pid: Number(pid), startedAt })) continue;
    rmSync(join(work, name), { recursive: true, force: true });
  }
}

/** Asks the desk at intervals, and tells it how far we are. Aborts `cancel` when the job is no longer wanted. */
function accompany(desk: Desk, job: string, cancel: AbortController) {
  let progress = { bytes: 0, records: 0 };
  let asking = false;
  const ask = async (): Promise<void> => {
    // What cannot be asked now is asked again.
    const wanted = await desk.progress(job, progress.bytes, progress.records).catch(() => true);
    if (!wanted) cancel.abort(new Cancelled('cancelled'));
  };
  const timer = setInterval(() => {
    if (asking) return;
    asking = true;
    void ask().finally(() => (asking = false));
  }, ASK_MS);
  return {
    tell: (bytes: number, records: number) => (progress = { bytes, records }),
    end: () => clearInterval(timer),
  };
}

interface Work {
  readonly options: CapturesOptions;
  readonly ticket: Ticket;
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly tell: (bytes: number, records: number) => void;
}

function attempt({ options, ticket, folder, signal, tell }: Work, n: number): Promise<AnalysisEnd> {
  const results = join(folder, String(n));
  mkdirSync(results, { mode: 0o700 });
  const { capture, name, settings } = ticket;
  const names = options.names === null ? {} : { names: options.names };
  return runAnalysis({
    order: { capture, name, folder: results, ...settings, ...names },
    memoryBytes: options.memoryBytes,
    signal,
    onProgress: tell,
  });
}

async function untilDone(work: Work): Promise<{ end: AnalysisEnd; results: string }> {
  const { options, ticket, folder, signal } = work;
  for (let n = 1; ; n++) {
    const end = await attempt(work, n);
    if (end.kind !== 'crashed') return { end, results: join(folder, String(n)) };
    options.log.warn({ job: ticket.job, attempt: n, reason: end.reason }, 'an analysis died');
    if (n === MOST_CRASHES) return { end, results: '' };
    rmSync(join(folder, String(n)), { recursive: true, force: true });
    await sleep(AFTER_CRASH_MS * n, undefined, { signal });
  }
}

async function deliverAll(
  { options, ticket, signal }: Work,
  results: string,
  batches: readonly string[],
): Promise<void> {
  const run = randomBytes(6).toString('hex');
  for (const [at, name] of batches.entries()) {
    const content = JSON.parse(readFileSync(join(results, name), 'utf8')) as BatchContent;
    const batch: FindingsBatch = {
      v: 1,
      id: `${ticket.job}.${run}.${at}`,
      from: { kind: 'job', job: ticket.job },
      sentAt: new Date().toISOString(),
      findings: [...content.findings],
      paths: [...content.paths],
      evidence: [...content.evidence],
      ...(content.silences === undefined ? {} : { silences: content.silences }),
    };
    await options.desk.deliver(batch, signal);
  }
}

async function conclude(work: Work): Promise<void> {
  const { desk } = work.options;
  const { job } = work.ticket;
  const { end, results } = await untilDone(work);
  if (end.kind === 'stopped') throw work.signal.reason;
  if (end.kind === 'failed') {
    const { code, message, hint } = end;
    return desk.fail(job, { code, message, hint });
  }
  if (end.kind === 'crashed') {
    const hint = 'see the log of the worker; re-drive it after the cause is gone (deadair dead)';
    const message = `the analysis died ${MOST_CRASHES} times: it ${end.reason}`;
    throw new AppError('E_ANALYSIS_DIED', message, hint);
  }
  await deliverAll(work, results, end.batches);
  const bytes = statSync(join(results, 'report.json')).size;
  const { forms, findings } = end;
  await desk.complete(job, { folder: results, forms, bytes, findings });
}

async function carryOut(
  options: CapturesOptions,
  job: string,
  closing: AbortSignal,
): Promise<void> {
  const { desk, log } = options;
  const folder = workFolder(options.work, job);
  const cancel = new AbortController();
  const signal = AbortSignal.any([closing, cancel.signal]);
  try {
    const ticket = await desk.begin(job, folder, signal);
    if (ticket === null) return;
    const { tell, end } = accompany(desk, job, cancel);
    try {
      await conclude({ options, ticket, folder, signal, tell });
      log.info({ job }, 'a job is over');
    } finally {
      end();
    }
  } catch (thrown) {
    if (!cancel.signal.aborted) throw thrown;
    log.info({ job }, 'a job was cancelled');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Chosen: what is in its way may be over any moment; an analysis in so long costs little while it is not. */
const LONGEST_WAIT_MS = 10_000;

/** What heals by itself: Redis, the store or the server away, the disk full. */
const PASSING =
  /^(?:SQLITE_|ENOSPC|EDQUOT|EMFILE|ENOMEM|E_REDIS_AWAY|E_SERVER_(?:UNREACHABLE|FAILED)|E_STORE)/;

async function handle(options: CapturesOptions, job: string, handling: Handling): Promise<void> {
  try {
    await carryOut(options, job, handling.signal);
  } catch (thrown) {
    const { code = '', message } = thrown as { code?: string; message: string };
    if (handling.signal.aborted) throw thrown;
    if (!PASSING.test(code)) {
      const { code: known, hint } = asAppError(thrown);
      await options.desk.fail(job, { code: known, message, hint });
      throw thrown;
    }
    options.log.warn({ job, reason: message }, 'a job has to wait');
    throw await handling.later(Math.min(LONGEST_WAIT_MS, 1000 * 2 ** handling.attempt));
  }
}

export function workOnCaptures(options: CapturesOptions): Consumer {
  makeFolder(options.work, 0o700);
  sweepWork(options.work);
  const { target, concurrency, log } = options;
  return consume({
    target,
    queue: 'captures',
    concurrency,
    log,
    handle: ({ job }, handling) => handle(options, job, handling),
  });
}
