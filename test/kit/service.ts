/**
 * The API of the service on a free port of loopback, with a store of its own. Jobs are analysed in this process by the
 * same pipeline as everywhere; the queues between the processes have tests of their own.
 */
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { filterComplaint } from '../../src/filter-check.ts';
import { analyse } from '../../src/pipeline.ts';
import { Failures } from '../../src/report/api/access/failures.ts';
import type { Token } from '../../src/report/api/access/tokens.ts';
import { tokensFrom } from '../../src/report/api/access/tokens.ts';
import type { ApiContext, Queues } from '../../src/report/api/context.ts';
import { buildServer, type ServerOptions } from '../../src/report/api/server.ts';
import { jsonText, report } from '../../src/report/document.ts';
import { accept } from '../../src/report/intake/accept.ts';
import { type Database, openDatabase } from '../../src/report/store/database.ts';
import { completeJob, failJob, jobOf, startJob } from '../../src/report/store/jobs.ts';
import {
  captureFile,
  makeFolders,
  reportFile,
  reportFolder,
} from '../../src/report/store/places.ts';
import { reportText } from '../../src/report/text/report-text.ts';
import { pageFor } from '../../src/report/text/surface.ts';
import { withFolder } from './temporary.ts';

export const TOKENS = {
  admin: 'admin-0123456789abcdef',
  read: 'read-0123456789abcdef',
  submit: 'submit-0123456789abcdef',
  worker: 'worker-0123456789abcdef',
} as const;

export const allTokens = (): readonly Token[] =>
  tokensFrom({
    DEADAIR_TOKEN: TOKENS.admin,
    DEADAIR_TOKEN_READ: TOKENS.read,
    DEADAIR_TOKEN_SUBMIT: TOKENS.submit,
    DEADAIR_TOKEN_WORKER: TOKENS.worker,
  });

export interface Service {
  readonly url: string;
  readonly port: number;
  readonly db: Database;
  readonly data: string;
  readonly context: ApiContext;
  /** Resolves when every job that was handed over is over. */
  settled(): Promise<void>;
  /** Answers a fetch; `path` from the root. */
  get(path: string, init?: RequestInit): Promise<Response>;
}

async function work(db: Database, data: string, id: string): Promise<void> {
  const job = jobOf(db, id);
  if (job === null || !startJob(db, id, 'test', Date.now())) return;
  const { shortestSeconds = 20, filter = null } = job.settings;
  try {
    const paths = [captureFile(data, id)];
    const shortestNs = BigInt(Math.round(shortestSeconds * 1e9));
    const analysis = await analyse({ paths, shortestNs, filter, workers: 0 });
    const document = report(analysis, 10_000);
    mkdirSync(reportFolder(data, id), { recursive: true });
    writeFileSync(reportFile(data, id, 'json'), jsonText(document));
    const page = pageFor({ columns: 100, colour: false });
    writeFileSync(reportFile(data, id, 'txt'), reportText(analysis, page, []));
    const { findings, paths: found } = document;
    const from = { kind: 'job' as const, job: id };
    const sentAt = new Date().toISOString();
    accept(
      db,
      { v: 1, id: `${id}-1`, from, sentAt, findings, paths: found, evidence: [] },
      Date.now(),
    );
    const reportBytes = statSync(reportFile(data, id, 'json')).size;
    completeJob(db, id, { reportBytes, findings: document.findingsTotal }, Date.now());
  } catch (thrown) {
    const { code = 'E_INTERNAL', message, hint = '' } = thrown as Error & Record<string, string>;
    failJob(db, id, { code, message, hint }, Date.now());
  }
}

interface Wanted extends Partial<Omit<ServerOptions, 'context' | 'follow'>> {
  readonly context?: Partial<ApiContext>;
  /** Jobs stay queued. */
  readonly idle?: boolean;
  /** Of a stage behind the API. */
  readonly routes?: (app: FastifyInstance, context: ApiContext) => void;
}

export function withService<T>(wanted: Wanted, use: (service: Service) => Promise<T>): Promise<T> {
  return withFolder(async (data) => {
    const db = openDatabase(data);
    makeFolders(data);
    const running = new Set<Promise<void>>();
    const queues: Queues = {
      async submit(id) {
        if (wanted.idle === true) return;
        const job = work(db, data, id);
        running.add(job);
        void job.finally(() => running.delete(job));
      },
      cancel: async () => {},
      deliver: async (batch) => void accept(db, batch, Date.now()),
      deadLetters: async () => [],
      redrive: async () => false,
    };
    const context: ApiContext = {
      db,
      data,
      queues,
      rules: { tokens: [], trusting: true, names: [], scheme: 'http' },
      failures: new Failures(),
      maxUpload: 2 ** 31,
      clock: Date.now,
      filterComplaint,
      readiness: async () => [],
      moreMetrics: async () => '',
      ...wanted.context,
    };
    const app = await buildServer({
      follow: openDatabase(data),
      tls: null,
      log: null,
      dashboard: null,
      more: [(scope) => wanted.routes?.(scope, context)],
      ...wanted,
      context,
    });
    await app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = app.server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}`;
    try {
      const settled = async () => void (await Promise.all(running));
      const get = (path: string, init?: RequestInit) => fetch(url + path, init);
      return await use({ url, port, db, data, context, settled, get });
    } finally {
      await app.close();
      await Promise.all(running);
      db.close();
    }
  });
}
