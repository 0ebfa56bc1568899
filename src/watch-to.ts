/**
 * `deadair watch --to URL`: the outlet whose far end is the queue `findings`.
 *
 * Spool and publisher work in a thread of their own, so that neither a slow disk nor a Redis that is away costs a
 * packet; here is only the hand-over.
 */
import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { AppError } from './base/errors.ts';
import { packageRoot } from './base/root.ts';
import type { Environment } from './config.ts';
import { fittingEvidence } from './queue/evidence.ts';
import { parseRedisUrl } from './queue/redis-url.ts';
import type { SpoolRecord } from './queue/spool.ts';
import type { Heartbeat, Outlet } from './watch-outlet.ts';

export interface OutletOptions {
  /** Of a Redis, see src/queue/redis-url.ts. */
  readonly url: string;
  /** Folder of the spool: one running agent each. */
  readonly spool: string;
  /** Bound of the spool, bytes. */
  readonly spoolBytes?: number;
  /** Default: the name of this host. */
  readonly host?: string;
}

/** To the thread. */
export type OutletMessage =
  | { readonly kind: 'records'; readonly records: readonly SpoolRecord[] }
  | { readonly kind: 'beat'; readonly beat: Heartbeat }
  | { readonly kind: 'close'; readonly withinMs: number };

/** From the thread. */
export type OutletAnswer =
  | { readonly kind: 'ready' }
  | {
      readonly kind: 'failed';
      readonly code: string;
      readonly message: string;
      readonly hint: string;
    }
  | { readonly kind: 'closed' };

/** Where systemd, the desktop or the home directory keep state: in this order. */
export function defaultSpool(env: Environment): string {
  const state = env['STATE_DIRECTORY']?.split(':')[0];
  if (state) return join(state, 'spool');
  return join(env['XDG_STATE_HOME'] || join(homedir(), '.local', 'state'), 'deadair', 'spool');
}

const evidenceRecords = (evidence: ReadonlyMap<string, Uint8Array>): SpoolRecord[] =>
  [...evidence].flatMap(([finding, file]) => {
    const fitting = fittingEvidence(file);
    if (fitting === null) return [];
    const pcapng = Buffer.from(fitting).toString('base64');
    return [{ kind: 'evidence' as const, value: { finding, pcapng } }];
  });

const ready = (thread: Worker): Promise<void> =>
  new Promise((resolve, reject) => {
    thread.once('error', reject);
    thread.once('message', (answer: OutletAnswer) => {
      if (answer.kind !== 'failed') return resolve();
      reject(new AppError(answer.code as AppError['code'], answer.message, answer.hint));
    });
  });

/** Chosen: beyond the time that was granted, for the thread to put its files in order. */
const LAST_WORDS_MS = 500;

function closeThread(thread: Worker, withinMs: number): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(late);
      void thread.terminate().then(() => resolve());
    };
    const late = setTimeout(end, withinMs + LAST_WORDS_MS);
    thread.on('message', (answer: OutletAnswer) => {
      if (answer.kind === 'closed') end();
    });
    thread.once('exit', end);
    thread.postMessage({ kind: 'close', withinMs } satisfies OutletMessage, []);
  });
}

/**
 * Throws E_REDIS_URL, E_DATA_LOCKED (the spool is another agent's), E_OUTPUT (no folder can be made). Whether Redis is
 * there does not matter.
 */
export async function openRedisOutlet(options: OutletOptions): Promise<Outlet> {
  parseRedisUrl(options.url);
  const file = join(packageRoot(), 'dist', 'src', 'watch-to-thread.js');
  const thread = new Worker(file, { workerData: { host: hostname(), ...options } });
  await ready(thread);
  const post = (message: OutletMessage): void => thread.postMessage(message, []);
  // A thread that died is told by what it wrote; the findings on stdout go on without it.
  thread.on('error', () => {});
  thread.unref();
  return {
    findings(list, evidence) {
      const findings = list.map((value) => ({ kind: 'finding' as const, value }));
      post({ kind: 'records', records: [...findings, ...evidenceRecords(evidence)] });
    },
    paths: (list) =>
      post({ kind: 'records', records: list.map((value) => ({ kind: 'path', value })) }),
    heartbeat: (beat) => post({ kind: 'beat', beat }),
    close: (withinMs) => closeThread(thread, withinMs),
  };
}
