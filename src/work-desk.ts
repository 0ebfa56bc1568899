/**
 * The desk of a worker on another machine: the capture comes over the API, or from a folder that both machines see, and
 * the results go back over the API. A server that restarts meanwhile is waited for.
 */
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { captureFile } from './report/store/places.ts';
import type { JobSettings } from './report/store/jobs.ts';
import type { Desk } from './serve-desk.ts';
import { type Asked, type ServiceClient, statusOf } from './service-client.ts';

export interface WorkDeskOptions {
  readonly client: ServiceClient;
  /** Of this worker, for people. */
  readonly worker: string;
  /** The server's data directory, where this machine sees it too; null: captures are fetched. */
  readonly shared: string | null;
}

interface JobAnswer {
  readonly name?: string | null;
  readonly settings?: JobSettings;
}

const BACKOFF = { firstMs: 200, mostMs: 5000 } as const;
/** Chosen: then the job goes back to the queue. */
const PATIENCE_MS = 60_000;

const TYPES: Readonly<Record<string, string>> = {
  'report.json': 'application/json',
  'report.txt': 'text/plain',
  'report.html': 'text/html',
};

const passes = (thrown: unknown): boolean =>
  /^E_SERVER_(?:UNREACHABLE|FAILED)$/.test((thrown as { code?: string }).code ?? '');

/** Again while the server is away; a refusal is final. */
async function patiently<T>(ask: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  for (let waitMs: number = BACKOFF.firstMs; ; waitMs = Math.min(BACKOFF.mostMs, waitMs * 2)) {
    try {
      return await ask();
    } catch (thrown) {
      if (!passes(thrown) || performance.now() > deadline) throw thrown;
      await sleep(waitMs, undefined, signal === undefined ? {} : { signal });
    }
  }
}

/** Null for 404 and 409: the job is over or gone. */
async function unlessOver<T>(ask: Promise<T>): Promise<T | null> {
  try {
    return await ask;
  } catch (thrown) {
    const status = statusOf(thrown);
    if (status === 404 || status === 409) return null;
    throw thrown;
  }
}

async function fetchCapture(
  { client, shared }: WorkDeskOptions,
  job: string,
  folder: string,
  signal: AbortSignal,
): Promise<string> {
  const near = shared === null ? null : captureFile(shared, job);
  if (near !== null && existsSync(near)) return near;
  const path = join(folder, 'capture');
  const fetchOnce = async () => {
    const answer = await client.open(`/api/v1/jobs/${job}/capture`, { signal });
    await pipeline(answer, createWriteStream(path, { mode: 0o600 }), { signal });
  };
  await patiently(fetchOnce, signal);
  return path;
}

export function workDesk(options: WorkDeskOptions): Desk {
  const { client, worker } = options;
  const patch = (job: string, body: unknown) =>
    client.json(`/api/v1/jobs/${job}`, { method: 'PATCH', body });
  return {
    async begin(job, folder, signal) {
      const running = () => patch(job, { state: 'running', worker });
      const row = (await unlessOver(patiently(running, signal))) as JobAnswer | null;
      if (row === null) return null;
      const capture = await fetchCapture(options, job, folder, signal);
      return { job, name: row.name ?? job, settings: row.settings ?? {}, capture };
    },
    async progress(job, bytes, findings) {
      return (await unlessOver(patch(job, { state: 'progress', bytes, findings }))) !== null;
    },
    async deliver(batch, signal) {
      const asked: Asked = { method: 'POST', body: batch, signal };
      await patiently(() => client.json('/api/v1/batches', asked), signal);
    },
    async complete(job, { folder, forms, findings }) {
      for (const form of forms) {
        const headers = { 'content-type': TYPES[form] ?? 'application/octet-stream' };
        const put = () => {
          const stream = createReadStream(join(folder, form));
          return client.text(`/api/v1/jobs/${job}/report`, { method: 'PUT', headers, stream });
        };
        await patiently(put);
      }
      await unlessOver(patiently(() => patch(job, { state: 'completed', findings })));
    },
    async fail(job, { code, message, hint }) {
      const problem = { code, message, hint };
      await unlessOver(patiently(() => patch(job, { state: 'failed', problem })));
    },
  };
}
