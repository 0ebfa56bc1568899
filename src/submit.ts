/**
 * `deadair submit FILE`: a capture goes to the service, and with --wait its report comes back.
 *
 * An upload carries an Idempotency-Key, so that one that broke off is sent again without making a second job.
 * A service that restarts while its analysis is waited for is waited for as well.
 */
import { randomUUID } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, EXIT } from './base/errors.ts';
import { fileError, hintFor } from './capture/problems.ts';
import { Settings } from './config.ts';
import { Interrupted } from './failure.ts';
import { openProgressBar, type ProgressBar } from './progress-bar.ts';
import { type ServiceClient, serviceClient } from './service-client.ts';
import type { Terminal } from './terminal.ts';

/** What the command reads of a job (contract.md); the service may say more. */
interface Job {
  readonly id: string;
  readonly state: string;
  readonly progress?: {
    readonly bytes: number;
    readonly totalBytes: number;
    readonly findings: number;
  };
  readonly problem?: { readonly message?: string; readonly hint?: string } | null;
}

/** Chosen: a restart takes the service up to 15 s (contract.md). */
const RESTART_MS = 20_000;
const POLL_MS = 300;
const UPLOADS = 3;

interface Submission {
  readonly file: string;
  /** 0 for stdin. */
  readonly bytes: number;
  readonly client: ServiceClient;
  readonly bar: ProgressBar;
  readonly signal: AbortSignal;
}

function sizeOf(file: string): number {
  if (file === '-') return 0;
  try {
    const facts = statSync(file);
    if (facts.isFile()) return facts.size;
  } catch (thrown) {
    throw fileError(file, thrown, 'check the path; stdin is "-"');
  }
  throw new AppError('E_INPUT_NOT_A_FILE', `${file}: not a file`, hintFor('E_INPUT_NOT_A_FILE'));
}

async function* counted(source: AsyncIterable<Uint8Array>, { bar, bytes }: Submission) {
  let sent = 0;
  for await (const part of source) {
    sent += part.length;
    bar.show('sending', { bytes: sent, totalBytes: bytes });
    yield part;
  }
}

async function upload(submission: Submission, query: string): Promise<Job> {
  const { file, bytes, client, signal } = submission;
  const headers: Record<string, string> = {
    'content-type': 'application/octet-stream',
    'idempotency-key': randomUUID(),
  };
  if (bytes > 0) headers['content-length'] = String(bytes);
  for (let attempt = 1; ; attempt++) {
    const source =
      file === '-' ? process.stdin : createReadStream(file, { highWaterMark: 2 ** 18 });
    try {
      return (await client.json(`/api/v1/captures${query}`, {
        method: 'POST',
        headers,
        stream: counted(source as AsyncIterable<Uint8Array>, submission),
        signal,
      })) as Job;
    } catch (thrown) {
      const broken = thrown instanceof AppError && thrown.code === 'E_SERVER_UNREACHABLE';
      // Nothing was sent to a port that nobody listens on; stdin cannot be sent a second time.
      if (!broken || attempt === UPLOADS || file === '-' || refusedAtOnce(thrown)) throw thrown;
      await sleep(1000, undefined, { signal });
    }
  }
}

const refusedAtOnce = ({ cause }: AppError): boolean =>
  (cause as NodeJS.ErrnoException | undefined)?.code === 'ECONNREFUSED';

const ENDED = ['completed', 'failed', 'cancelled'];

async function ended(job: Job, { client, bar, signal }: Submission): Promise<Job> {
  let now = job;
  let heardAt = performance.now();
  while (!ENDED.includes(now.state)) {
    await sleep(POLL_MS, undefined, { signal });
    try {
      now = (await client.json(`/api/v1/jobs/${job.id}`, { signal })) as Job;
      heardAt = performance.now();
    } catch (thrown) {
      const away =
        thrown instanceof AppError && /^E_SERVER_(?:UNREACHABLE|FAILED)$/.test(thrown.code);
      if (!away || performance.now() - heardAt > RESTART_MS) throw thrown;
    }
    if (now.progress !== undefined) bar.show(now.state, now.progress);
  }
  return now;
}

function refuseUnlessCompleted({ id, state, problem }: Job): void {
  if (state === 'completed') return;
  const why = problem?.message ?? `the job was ${state}`;
  throw new AppError(
    'E_JOB_FAILED',
    `job ${id}: ${why}`,
    problem?.hint ?? 'its page in the dashboard, or GET /api/v1/jobs/ID, says more',
  );
}

async function printReport(job: Job, json: boolean, submission: Submission, terminal: Terminal) {
  const accept = json ? 'application/json' : 'text/plain';
  const headers = { accept };
  const { client, signal } = submission;
  await terminal.out(await client.text(`/api/v1/jobs/${job.id}/report`, { headers, signal }));
}

/** The job is called as the file is; stdin has no name. Throws E_DURATION here, before anything is sent. */
function queryOf(file: string, settings: Settings): string {
  const query = new URLSearchParams(file === '-' ? {} : { name: basename(file) });
  settings.durationOrNull('shortest');
  for (const name of ['shortest', 'filter']) {
    const value = settings.text(name);
    if (value !== null) query.set(name, value);
  }
  return query.size === 0 ? '' : `?${query.toString()}`;
}

export async function submit(
  file: string,
  flags: Readonly<Record<string, unknown>>,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const settings = new Settings(flags, terminal.env);
  const client = serviceClient(settings);
  const query = queryOf(file, settings);
  const bar = openProgressBar(terminal, settings.on('quiet'));
  const submission = { file, bytes: sizeOf(file), client, bar, signal };
  const json = settings.on('json');
  try {
    const job = await upload(submission, query);
    if (!settings.on('wait')) {
      const text = json
        ? JSON.stringify(job, null, 2)
        : new URL(`/jobs/${job.id}`, client.url).href;
      bar.clear();
      await terminal.out(`${text}\n`);
      return EXIT.ok;
    }
    const last = await ended(job, submission);
    bar.clear();
    refuseUnlessCompleted(last);
    await printReport(last, json, submission, terminal);
    const found = (last.progress?.findings ?? 0) > 0;
    return found && settings.on('fail-on-findings') ? EXIT.findings : EXIT.ok;
  } catch (thrown) {
    if (signal.aborted) throw new Interrupted('stopped');
    throw thrown;
  } finally {
    bar.clear();
  }
}
