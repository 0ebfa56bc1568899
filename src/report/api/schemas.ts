/** Shapes of the API beside those of the report: one schema is check, type and OpenAPI at once. */
import Type from 'typebox';
import { PathSchema } from '../path-schema.ts';
import { FindingSchema } from '../schema.ts';
import { count, time } from '../schema-words.ts';
import { SIGNATURES, VERDICTS } from '../words.ts';
import { JOB_STATES } from '../store/jobs.ts';
import { ProblemSchema } from './problem.ts';

const orNull = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

export const problems = (...statuses: readonly number[]) =>
  Object.fromEntries(
    statuses.map((status) => [
      status,
      {
        description: 'a problem (RFC 9457)',
        content: { 'application/problem+json': { schema: ProblemSchema } },
      },
    ]),
  );

/** Of every route that needs a token; and of those that take anything to be checked. */
export const PLAIN = [401, 403, 421, 429, 500] as const;
export const GUARDED = [400, ...PLAIN] as const;
/** Of those that every role may read. */
export const FOLLOWED = [400, 401, 421, 429, 500] as const;

export const PageQuery = {
  limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100 }),
  cursor: Type.Optional(Type.String({ maxLength: 512, description: '`next` of the page before' })),
};

export const pageOf = <T extends Type.TSchema>(item: T) =>
  Type.Object({ items: Type.Array(item), next: orNull(Type.String()) });

export const IdParams = Type.Object({ id: Type.String({ minLength: 1, maxLength: 128 }) });

export const JobSettingsSchema = Type.Object({
  shortestSeconds: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
  filter: Type.Optional(Type.String()),
  maxFlows: Type.Optional(Type.Integer({ minimum: 64 })),
});

export const JobProblemSchema = Type.Object({
  code: Type.String({ maxLength: 64 }),
  message: Type.String({ maxLength: 4096 }),
  hint: Type.String({ maxLength: 4096 }),
});

export const JobSchema = Type.Object({
  id: Type.String({ pattern: '^j_' }),
  state: Type.Enum([...JOB_STATES]),
  progress: Type.Object({
    bytes: count('read so far'),
    totalBytes: count('of the capture'),
    findings: count('so far'),
  }),
  createdAt: time('handed in'),
  startedAt: orNull(time('first attempt')),
  finishedAt: orNull(time('completed, failed or cancelled')),
  name: orNull(Type.String({ description: 'what the client called it; never a path' })),
  source: Type.String({ description: 'api, inbox, …' }),
  bytes: count('of the capture'),
  sha256: Type.String(),
  settings: JobSettingsSchema,
  attempts: count('begun'),
  worker: orNull(Type.String()),
  problem: orNull(JobProblemSchema),
  hasReport: Type.Boolean(),
});

export const StoredFindingSchema = Type.Interface([FindingSchema], {
  job: orNull(Type.String()),
  agent: orNull(Type.String()),
  storedAt: time('first stored'),
  changedAt: time('last change of anything about it'),
  acknowledged: orNull(Type.Object({ at: time('when'), by: orNull(Type.String()) })),
  comment: orNull(Type.String()),
  hasEvidence: Type.Boolean({ description: 'its packets were kept' }),
});

export const StoredPathSchema = Type.Interface([PathSchema], {
  lastKilledAt: orNull(time('last kill of a box, capture clock')),
  storedAt: time('first stored'),
  changedAt: time('last change of anything about it'),
  mutedUntil: orNull(time('no webhook before')),
  comment: orNull(Type.String()),
  sources: count('captures and agents that know it'),
});

const seconds = orNull(Type.Number());

export const PathDetailSchema = Type.Interface([StoredPathSchema], {
  history: Type.Array(
    Type.Object({
      at: time('stored'),
      source: Type.String(),
      status: Type.String(),
      estimateSeconds: seconds,
      lowSeconds: seconds,
      highSeconds: seconds,
      killed: count('by that source'),
      survived: count('by that source'),
    }),
  ),
});

export const AgentSchema = Type.Object({
  id: Type.String(),
  host: Type.String(),
  firstAt: time('first heartbeat'),
  lastAt: time('last heartbeat'),
  silent: Type.Boolean(),
  silentSince: orNull(time('last heartbeat before it fell silent')),
  interfaces: Type.Array(
    Type.Object({
      name: Type.String(),
      up: Type.Boolean(),
      packets: Type.Number(),
      drops: Type.Number(),
    }),
  ),
  blindSeconds: Type.Number(),
  spoolBytes: Type.Number(),
  spoolDropped: Type.Optional(Type.Number()),
  findings: Type.Number(),
  at: Type.String({ description: 'by its own clock' }),
});

export const VerdictSchema = Type.Enum([...VERDICTS]);
export const SignatureSchema = Type.Enum([...SIGNATURES]);
