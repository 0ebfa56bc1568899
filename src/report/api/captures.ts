/** POST /api/v1/captures: a capture becomes a job. multipart/form-data (field `file`), or the raw bytes. */
import type { Readable } from 'node:stream';
import multipart from '@fastify/multipart';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import Type from 'typebox';
import { parseDuration, seconds } from '../../base/units.ts';
import { type Job, type JobSettings, newJobId } from '../store/jobs.ts';
import type { ApiContext } from './context.ts';
import { answerEarly } from './linger.ts';
import { asProblem, Problem } from './problem.ts';
import { recordJob } from './record-job.ts';
import { GUARDED, JobSchema, problems } from './schemas.ts';
import { typed } from './typed.ts';
import { receiveCapture } from './upload.ts';

/** Chosen: each holds a file handle and a connection. */
const AT_ONCE = 64;
/** What boundaries and part headers of a form may add to the file. */
const FORM_BYTES = 65_536;

const Query = Type.Object(
  {
    shortest: Type.Optional(
      Type.String({ maxLength: 20, description: 'shortest silence to look at, as 20s or 1.5m' }),
    ),
    filter: Type.Optional(Type.String({ maxLength: 4096, description: 'pcap-filter(7)' })),
    name: Type.Optional(Type.String({ maxLength: 255, description: 'what to call it' })),
  },
  { additionalProperties: false },
);

const Headers = Type.Object({
  'idempotency-key': Type.Optional(Type.String({ pattern: '^[\\x21-\\x7e]{1,255}$' })),
});

type UploadQuery = Type.Static<typeof Query>;

async function settingsFrom(
  { shortest, filter }: UploadQuery,
  { filterComplaint }: ApiContext,
): Promise<JobSettings> {
  const ns = shortest === undefined ? null : parseDuration(shortest);
  if (shortest !== undefined && (ns === null || ns <= 0n))
    throw new Problem('bad-request', 'shortest: write 20s, 1.5m, 250ms or 2h');
  const complaint = filter === undefined || filter === '' ? null : await filterComplaint(filter);
  if (complaint !== null)
    throw new Problem('bad-request', `filter: ${complaint}`, { code: 'E_CAPTURE_FILTER' });
  return {
    ...(ns === null ? {} : { shortestSeconds: seconds(ns) }),
    ...(filter === undefined || filter === '' ? {} : { filter }),
  };
}

interface Incoming {
  readonly stream: AsyncIterable<Buffer>;
  readonly name: string | null;
  readonly announced: number | null;
}

function announcedLength(request: FastifyRequest): number | null {
  const length = Number(request.headers['content-length']);
  return Number.isSafeInteger(length) ? length : null;
}

/** The first part called `file`; the form's other fields are not looked at. */
async function fromForm(request: FastifyRequest, maxUpload: number): Promise<Incoming> {
  const limits = { files: 1, fields: 16, parts: 20, fileSize: maxUpload + 1, headerPairs: 100 };
  const part = await request.file({ limits, throwFileSizeLimit: false });
  if (part === undefined || part.fieldname !== 'file')
    throw new Problem('bad-request', 'the form needs a field "file" with the capture');
  const length = announcedLength(request);
  const announced = length === null ? null : Math.max(0, length - FORM_BYTES);
  return { stream: part.file, name: part.filename ?? null, announced };
}

async function incomingOf(request: FastifyRequest, { maxUpload }: ApiContext): Promise<Incoming> {
  if (request.isMultipart()) return fromForm(request, maxUpload);
  if (request.body === undefined) throw new Problem('not-a-capture', 'the body is empty');
  const stream = request.body as Readable;
  return { stream, name: null, announced: announcedLength(request) };
}

interface Submitted {
  readonly job: Job;
  readonly isNew: boolean;
}

async function submit(
  request: FastifyRequest,
  query: UploadQuery,
  context: ApiContext,
): Promise<Submitted> {
  const settings = await settingsFrom(query, context);
  const incoming = await incomingOf(request, context);
  const id = newJobId();
  const { data, maxUpload: maxBytes } = context;
  const plan = { data, job: id, maxBytes, announced: incoming.announced };
  const uploaded = await receiveCapture(plan, incoming.stream);
  const name = (query.name ?? incoming.name)?.slice(0, 255) ?? null;
  const key = request.headers['idempotency-key'];
  return recordJob(
    context,
    { id, name, source: 'api', settings, ...uploaded },
    {
      key: typeof key === 'string' ? key : null,
      log: request.log,
    },
  );
}

const wasReadToItsEnd = (request: FastifyRequest): boolean => request.raw.complete;

function fail(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = asProblem(thrown);
  if (wasReadToItsEnd(request) || problem.slug === 'internal') throw thrown;
  answerEarly(request, reply, problem);
  return reply;
}

const schema = {
  operationId: 'submitCapture',
  tags: ['jobs'],
  summary: 'Hand in a capture',
  description:
    'multipart/form-data with a field `file`, or the raw bytes under any other content type. Answered once the ' +
    'capture is on the disk and the job is recorded.',
  querystring: Query,
  headers: Headers,
  response: {
    202: { ...JobSchema, description: 'the job; the same one again under a known Idempotency-Key' },
    ...problems(...GUARDED, 408, 413, 415, 422, 503, 507),
  },
};

function refuseBusy(underWay: number, most: number): void {
  if (underWay < most) return;
  const headers = { 'retry-after': '10' };
  throw new Problem('busy', `${most} uploads are under way`, { headers });
}

export async function captureRoutes(
  app: FastifyInstance,
  context: ApiContext,
  most: number = AT_ONCE,
): Promise<void> {
  let underWay = 0;
  await app.register(multipart);
  app.removeContentTypeParser(['application/json', 'text/plain']);
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  typed(app).post('/api/v1/captures', { schema }, async (request, reply) => {
    underWay++;
    try {
      refuseBusy(underWay - 1, most);
      const { job } = await submit(request, request.query, context);
      return await reply.code(202).header('location', `/api/v1/jobs/${job.id}`).send(job);
    } catch (thrown) {
      return await fail(thrown, request, reply);
    } finally {
      underWay--;
    }
  });
}
