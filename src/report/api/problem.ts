/**
 * Errors of the API: application/problem+json (RFC 9457). `type` is stable and what programs look at; `detail` is for
 * people. What is not thrown as a Problem is a bug of ours and tells the client nothing but that.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import Type from 'typebox';
import { AppError } from '../../base/errors.ts';
import { visibleJson } from '../visible.ts';

/** slug → status and title. docs/api.md lists them; a test compares. */
export const PROBLEMS = {
  'bad-request': [400, 'The request makes no sense'],
  'bad-cursor': [400, 'The cursor is none of ours'],
  unauthorized: [401, 'A token is needed'],
  forbidden: [403, 'This token may not do that'],
  'upload-header': [403, 'The upload lacks a header'],
  'foreign-origin': [403, 'Another site may not do that'],
  'not-found': [404, 'There is no such thing'],
  'evidence-not-kept': [404, 'The packets of this finding were not kept'],
  'not-acceptable': [406, 'There is no such form of it'],
  'body-timeout': [408, 'Nothing came for too long'],
  conflict: [409, 'Its state does not allow that'],
  'report-not-ready': [409, 'There is no report yet'],
  'upload-gone': [410, 'This upload is over'],
  'upload-version': [412, 'Only tus 1.0.0 is spoken here'],
  'too-large': [413, 'This is too large'],
  'not-a-capture': [415, 'This is no capture'],
  'unsupported-media-type': [415, 'This content type is not understood here'],
  'wrong-host': [421, 'This is not the host you asked for'],
  'key-reused': [422, 'The Idempotency-Key was used for something else'],
  refused: [422, 'This is well formed, and not allowed'],
  'too-many-failures': [429, 'Too many wrong tokens'],
  'headers-too-large': [431, 'The head of the request is too large'],
  internal: [500, 'A bug in deadair'],
  'not-implemented': [501, 'This part of the protocol is not built'],
  busy: [503, 'Too much at once'],
  unavailable: [503, 'Something that is needed is away'],
  'no-space': [507, 'The disk is full'],
} as const satisfies Readonly<Record<string, readonly [number, string]>>;

export type ProblemSlug = keyof typeof PROBLEMS;

export const problemType = (slug: ProblemSlug): string => `urn:deadair:problem:${slug}`;

export const ProblemSchema = Type.Object(
  {
    type: Type.String({ description: 'stable: urn:deadair:problem:…' }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String({ description: 'for people' }),
    code: Type.Optional(Type.String({ description: 'an E_ code of docs/errors.md' })),
  },
  { description: 'RFC 9457' },
);

export class Problem extends Error {
  readonly slug: ProblemSlug;
  readonly headers: Readonly<Record<string, string>>;
  readonly code: string | null;

  constructor(
    slug: ProblemSlug,
    detail: string,
    { headers = {}, code = null }: { headers?: Record<string, string>; code?: string | null } = {},
  ) {
    super(detail);
    this.name = 'Problem';
    this.slug = slug;
    this.headers = headers;
    this.code = code;
  }

  get status(): number {
    return PROBLEMS[this.slug][0];
  }

  body(): Record<string, unknown> {
    const [status, title] = PROBLEMS[this.slug];
    const code = this.code === null ? {} : { code: this.code };
    return { type: problemType(this.slug), title, status, detail: this.message, ...code };
  }

  text(): string {
    return `${visibleJson(JSON.stringify(this.body()))}\n`;
  }
}

export const notFound = (what: string): Problem =>
  new Problem('not-found', `there is no such ${what}`);

interface Complaint {
  readonly statusCode?: number;
  readonly code?: string;
  readonly validation?: unknown;
  readonly message?: string;
}

/** What Fastify itself complains about: a body that is no JSON, a query that is not of the schema. */
function fromFastify(error: Complaint): Problem | null {
  const detail = error.message ?? '';
  if (error.validation !== undefined) return new Problem('bad-request', detail);
  switch (error.statusCode) {
    case 400:
      return new Problem('bad-request', detail);
    case 408:
      return new Problem('body-timeout', detail);
    case 413:
      return new Problem('too-large', detail, { headers: { connection: 'close' } });
    case 415:
      return new Problem('unsupported-media-type', detail);
    case 429:
      return new Problem('busy', detail);
    default:
      return null;
  }
}

const SQLITE_FULL = 'SQLITE_FULL';
const SQLITE_BUSY = /^SQLITE_(?:BUSY|LOCKED)/;

function fromStore({ code = '' }: Complaint): Problem | null {
  if (code === SQLITE_FULL || code === 'ENOSPC')
    return new Problem('no-space', 'the disk of the data directory is full');
  const retry = { headers: { 'retry-after': '5' } };
  if (SQLITE_BUSY.test(code)) return new Problem('busy', 'the store is busy: try again', retry);
  return null;
}

export function asProblem(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown;
  if (thrown instanceof AppError) {
    const slug = thrown.code === 'E_REDIS_AWAY' ? 'unavailable' : 'internal';
    return new Problem(slug, thrown.message, { code: thrown.code });
  }
  const complaint = (typeof thrown === 'object' && thrown !== null ? thrown : {}) as Complaint;
  return (
    fromStore(complaint) ??
    fromFastify(complaint) ??
    new Problem('internal', 'something went wrong here; the log has it under this request id')
  );
}

export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  return reply
    .code(problem.status)
    .headers(problem.headers)
    .header('content-type', 'application/problem+json')
    .serializer((text: string) => text)
    .send(problem.text());
}

export function installProblems(app: FastifyInstance): void {
  app.setErrorHandler((thrown: unknown, request: FastifyRequest, reply) => {
    const problem = asProblem(thrown);
    if (problem.slug === 'internal') request.log.error({ err: thrown }, 'request failed');
    return sendProblem(reply, problem);
  });
}
