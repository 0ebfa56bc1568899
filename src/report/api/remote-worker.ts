/**
 * What `deadair work` on another machine needs: the capture, a way to say how far it is, and a way to hand in what came
 * out. A job is only ever completed after its report lies here.
 */
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import Type from 'typebox';
import { checkedPayload, FindingsBatchSchema, isHeartbeat } from '../../queue/payload.ts';
import { completeJob, failJob, type Job, jobOf, progressJob, startJob } from '../store/jobs.ts';
import {
  captureFile,
  reportFile,
  reportFolder,
  type ReportForm,
  syncFolder,
} from '../store/places.ts';
import type { ApiContext } from './context.ts';
import { notFound, Problem } from './problem.ts';
import { GUARDED, IdParams, JobProblemSchema, JobSchema, problems } from './schemas.ts';
import { typed } from './typed.ts';
import { refuseTooLarge } from './upload.ts';

const TAGS = { tags: ['workers'] };

/** Chosen: a report of 10 000 findings has 30 MB. */
const REPORT_BYTES = 512 * 1024 * 1024;
const BATCH_BYTES = 64 * 1024 * 1024;

const captureSchema = {
  ...TAGS,
  operationId: 'fetchCapture',
  summary: 'The capture of a job',
  params: IdParams,
  response: {
    200: {
      description: 'as it was handed in',
      content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } },
    },
    ...problems(...GUARDED, 404),
  },
};

const StateBody = Type.Union([
  Type.Object({ state: Type.Literal('running'), worker: Type.String({ maxLength: 255 }) }),
  Type.Object({
    state: Type.Literal('progress'),
    bytes: Type.Integer({ minimum: 0 }),
    findings: Type.Integer({ minimum: 0 }),
  }),
  Type.Object({ state: Type.Literal('completed'), findings: Type.Integer({ minimum: 0 }) }),
  Type.Object({ state: Type.Literal('failed'), problem: JobProblemSchema }),
]);

const stateSchema = {
  ...TAGS,
  operationId: 'reportProgress',
  summary: 'How far it is: running, progress, completed, failed; 409 when the job is over',
  params: IdParams,
  body: StateBody,
  response: { 200: JobSchema, ...problems(...GUARDED, 404, 409, 413, 415) },
};

const reportSchema = {
  ...TAGS,
  operationId: 'deliverReport',
  summary: 'The report, in the form of its content type: JSON, text or HTML',
  params: IdParams,
  response: {
    204: { type: 'null', description: 'kept' },
    ...problems(...GUARDED, 404, 408, 413, 415, 507),
  },
};

const batchSchema = {
  ...TAGS,
  operationId: 'deliverBatch',
  summary: 'Findings, paths and packets, for the reporter',
  body: FindingsBatchSchema,
  response: {
    202: Type.Object({ id: Type.String() }),
    ...problems(...GUARDED, 408, 413, 415, 503),
  },
};

function knownJob({ db }: ApiContext, id: string): Job {
  const job = jobOf(db, id);
  if (job === null) throw notFound('job');
  return job;
}

async function sendCapture(
  reply: FastifyReply,
  context: ApiContext,
  id: string,
): Promise<FastifyReply> {
  knownJob(context, id);
  const path = captureFile(context.data, id);
  const found = await stat(path).catch(() => null);
  if (found === null) throw notFound('capture');
  return reply
    .type('application/octet-stream')
    .header('content-length', found.size)
    .send(createReadStream(path));
}

async function changeState(
  body: Type.Static<typeof StateBody>,
  { id }: Job,
  { db, data, clock }: ApiContext,
): Promise<boolean> {
  if (body.state === 'running') return startJob(db, id, body.worker, clock());
  if (body.state === 'progress') return progressJob(db, id, body, clock());
  if (body.state === 'failed') return failJob(db, id, body.problem, clock());
  const report = await stat(reportFile(data, id, 'json')).catch(() => null);
  if (report === null) throw new Problem('conflict', 'hand in the report first');
  return completeJob(db, id, { reportBytes: report.size, findings: body.findings }, clock());
}

const FORMS: Readonly<Record<string, ReportForm>> = {
  'application/json': 'json',
  'text/plain': 'txt',
  'text/html': 'html',
};

async function writeWhole(path: string, stream: Readable): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    let bytes = 0;
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      refuseTooLarge(bytes, REPORT_BYTES);
      await file.appendFile(chunk);
    }
    await file.sync();
  } finally {
    await file.close();
  }
}

async function keepReport(data: string, job: string, form: ReportForm, stream: Readable) {
  const folder = reportFolder(data, job);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = reportFile(data, job, form);
  const part = `${path}.${process.hrtime.bigint()}.part`;
  try {
    await writeWhole(part, stream);
    await rename(part, path);
    syncFolder(folder);
  } catch (thrown) {
    await rm(part, { force: true });
    throw thrown;
  }
}

/** Its body goes to the disk as it comes: so it has parsers of its own. */
async function reportRoute(app: FastifyInstance, context: ApiContext): Promise<void> {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  typed(app).put('/api/v1/jobs/:id/report', { schema: reportSchema }, async (request, reply) => {
    const { id } = knownJob(context, request.params.id);
    const form = FORMS[(request.headers['content-type'] ?? '').split(';')[0]?.trim() ?? ''];
    if (form === undefined)
      throw new Problem('unsupported-media-type', `send one of ${Object.keys(FORMS).join(', ')}`);
    refuseTooLarge(Number(request.headers['content-length'] ?? 0), REPORT_BYTES);
    await keepReport(context.data, id, form, request.body as Readable);
    return reply.code(204).send();
  });
}

export async function workerRoutes(plain: FastifyInstance, context: ApiContext): Promise<void> {
  const app = typed(plain);
  app.get('/api/v1/jobs/:id/capture', { schema: captureSchema }, (request, reply) =>
    sendCapture(reply, context, request.params.id),
  );
  app.patch('/api/v1/jobs/:id', { schema: stateSchema }, async (request, reply) => {
    const job = knownJob(context, request.params.id);
    if (!(await changeState(request.body, job, context)))
      throw new Problem('conflict', `the job is ${job.state}`);
    return reply.send(knownJob(context, job.id));
  });
  const options = { schema: batchSchema, bodyLimit: BATCH_BYTES };
  app.post('/api/v1/batches', options, async (request, reply) => {
    const batch = checkedPayload('findings', request.body);
    if (isHeartbeat(batch)) throw new Problem('bad-request', 'this is a heartbeat');
    await context.queues.deliver(batch);
    return reply.code(202).send({ id: batch.id });
  });
  await plain.register((scope) => reportRoute(scope, context));
}
