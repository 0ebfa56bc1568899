/** Jobs: list, state, cancel or delete, and the report in the form that was asked for. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import Type from 'typebox';
import { cancelJob, deleteJob, type Job, JOB_STATES, jobOf, listJobs } from '../store/jobs.ts';
import { removeJobFiles, reportFile, type ReportForm } from '../store/places.ts';
import type { ApiContext } from './context.ts';
import { pageFrom, sendTagged } from './paging.ts';
import { notFound, Problem } from './problem.ts';
import { FOLLOWED, GUARDED, IdParams, JobSchema, PageQuery, pageOf, problems } from './schemas.ts';
import { typed } from './typed.ts';

const TAGS = { tags: ['jobs'] };

const listSchema = {
  ...TAGS,
  operationId: 'listJobs',
  summary: 'Jobs, newest first',
  querystring: Type.Object(
    { ...PageQuery, state: Type.Optional(Type.Enum([...JOB_STATES])) },
    { additionalProperties: false },
  ),
  response: { 200: pageOf(JobSchema), ...problems(...FOLLOWED) },
};

const oneSchema = {
  ...TAGS,
  operationId: 'getJob',
  summary: 'State and progress',
  params: IdParams,
  response: {
    200: JobSchema,
    304: { type: 'null', description: 'as you have it' },
    ...problems(...FOLLOWED, 404),
  },
};

const deleteSchema = {
  ...TAGS,
  operationId: 'deleteJob',
  summary: 'Cancel it, or delete its capture and report',
  description:
    'A job that is not over is cancelled (200); one that is over is deleted (204). Findings stay.',
  params: IdParams,
  response: {
    200: JobSchema,
    204: { type: 'null', description: 'gone' },
    ...problems(...GUARDED, 404),
  },
};

const reportSchema = {
  ...TAGS,
  operationId: 'getReport',
  summary: 'The report, by Accept: JSON (deadair.report/1), text or HTML',
  params: IdParams,
  response: {
    200: {
      description: 'the report',
      content: {
        'application/json': { schema: { type: 'object', description: 'deadair.report/1' } },
        'text/plain': { schema: { type: 'string' } },
        'text/html': { schema: { type: 'string' } },
      },
    },
    ...problems(...FOLLOWED, 404, 406, 409),
  },
};

const TYPES: Readonly<Record<ReportForm, string>> = {
  json: 'application/json; charset=utf-8',
  txt: 'text/plain; charset=utf-8',
  html: 'text/html; charset=utf-8',
};

const MEDIA: readonly (readonly [media: string, form: ReportForm])[] = [
  ['application/json', 'json'],
  ['text/html', 'html'],
  ['text/plain', 'txt'],
];

interface Wish {
  readonly form: ReportForm;
  readonly quality: number;
}

function wishOf(part: string): Wish[] {
  const [media = '', ...parameters] = part.split(';').map((word) => word.trim().toLowerCase());
  const quality = parameters.find((parameter) => parameter.startsWith('q='));
  const forms = MEDIA.filter(
    ([name]) => media === name || media === '*/*' || media === `${name.split('/')[0]}/*`,
  );
  return forms.map(([, form]) => ({
    form,
    quality: quality === undefined ? 1 : Number(quality.slice(2)) || 0,
  }));
}

/** The client's order, then ours (RFC 9110 §12.5.1, without its finer points). Empty: nothing of it. */
export const formsFor = (accept: string): readonly ReportForm[] => [
  ...new Set(
    accept
      .split(',')
      .flatMap(wishOf)
      .filter(({ quality }) => quality > 0)
      .sort((a, b) => b.quality - a.quality)
      .map(({ form }) => form),
  ),
];

/**
 * The report is a page with a script of its own, allowed by its own policy in the document. Sandboxed: what a hostile
 * capture might bring into it has no origin, and so no session, to speak with.
 */
const HTML_POLICY =
  "sandbox allow-scripts allow-downloads; frame-ancestors 'none'; base-uri 'none'";

async function sendReport(
  request: FastifyRequest,
  reply: FastifyReply,
  { job, data }: { job: Job; data: string },
): Promise<FastifyReply> {
  if (!job.hasReport) throw new Problem('report-not-ready', `the job is ${job.state}`);
  for (const form of formsFor(request.headers.accept ?? '*/*')) {
    const path = reportFile(data, job.id, form);
    const found = await stat(path).catch(() => null);
    if (found === null) continue;
    if (form === 'html') reply.header('content-security-policy', HTML_POLICY);
    return reply
      .header('vary', 'accept')
      .header('content-length', found.size)
      .type(TYPES[form])
      .send(createReadStream(path));
  }
  throw new Problem('not-acceptable', 'there are application/json, text/plain and text/html');
}

function knownJob({ db }: ApiContext, id: string): Job {
  const job = jobOf(db, id);
  if (job === null) throw notFound('job');
  return job;
}

async function cancelOrDelete(
  { params, log }: { params: { id: string }; log: FastifyRequest['log'] },
  reply: FastifyReply,
  context: ApiContext,
): Promise<FastifyReply> {
  const { id } = knownJob(context, params.id);
  if (cancelJob(context.db, id, context.clock())) {
    // The worker also sees it in the job's row: this only makes it quicker.
    await context.queues
      .cancel(id)
      .catch((err: unknown) => log.warn({ err, job: id }, 'queue is away'));
    return reply.send(knownJob(context, id));
  }
  deleteJob(context.db, id);
  removeJobFiles(context.data, id);
  return reply.code(204).send();
}

export function jobRoutes(plain: FastifyInstance, context: ApiContext): void {
  const app = typed(plain);
  app.get('/api/v1/jobs', { schema: listSchema }, (request) =>
    listJobs(context.db, pageFrom(request.query), request.query.state ?? null),
  );
  app.get('/api/v1/jobs/:id', { schema: oneSchema }, (request, reply) =>
    sendTagged(request, reply, knownJob(context, request.params.id)),
  );
  app.delete('/api/v1/jobs/:id', { schema: deleteSchema }, (request, reply) =>
    cancelOrDelete(request, reply, context),
  );
  app.get('/api/v1/jobs/:id/report', { schema: reportSchema }, (request, reply) =>
    sendReport(request, reply, { job: knownJob(context, request.params.id), data: context.data }),
  );
}
