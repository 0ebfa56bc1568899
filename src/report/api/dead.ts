/** Dead letters: what a queue gave up on, with its reason, and the way back. */
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { reviveJob } from '../store/jobs.ts';
import type { ApiContext } from './context.ts';
import { notFound } from './problem.ts';
import { GUARDED, problems } from './schemas.ts';
import { typed } from './typed.ts';

const TAGS = { tags: ['operations'] };

const LetterSchema = Type.Object({
  queue: Type.String(),
  id: Type.String(),
  reason: Type.String(),
  failedAt: Type.String(),
  attempts: Type.Integer(),
  payload: Type.Unknown(),
});

const listSchema = {
  ...TAGS,
  operationId: 'listDeadLetters',
  summary: 'Dead letters of all queues, newest first',
  querystring: Type.Object(
    { limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100 }) },
    { additionalProperties: false },
  ),
  response: {
    200: Type.Object({ items: Type.Array(LetterSchema), next: Type.Null() }),
    ...problems(...GUARDED, 503),
  },
};

const Body = Type.Object(
  { queue: Type.String({ maxLength: 64 }), id: Type.String({ maxLength: 256 }) },
  { additionalProperties: false },
);

const redriveSchema = {
  ...TAGS,
  operationId: 'redriveDeadLetter',
  summary: 'Put one back on its queue',
  body: Body,
  response: {
    202: Type.Object({ queue: Type.String(), id: Type.String() }),
    ...problems(...GUARDED, 404, 413, 415, 503),
  },
};

interface CapturePayload {
  readonly job?: unknown;
}

/** Of a capture, the job's row goes back to queued as well. */
async function revive({ queues, db, clock }: ApiContext, id: string): Promise<void> {
  const letter = (await queues.deadLetters(1000)).find(
    (one) => one.queue === 'captures' && one.id === id,
  );
  const { job } = (letter?.payload ?? {}) as CapturePayload;
  if (typeof job === 'string') reviveJob(db, job, clock());
}

export function deadRoutes(plain: FastifyInstance, context: ApiContext): void {
  const app = typed(plain);
  app.get('/api/v1/dead', { schema: listSchema }, async (request) => ({
    items: [...(await context.queues.deadLetters(request.query.limit))],
    next: null,
  }));
  app.post('/api/v1/dead', { schema: redriveSchema }, async (request, reply) => {
    const { queue, id } = request.body;
    if (queue === 'captures') await revive(context, id);
    if (!(await context.queues.redrive(queue, id))) throw notFound('dead letter');
    return reply.code(202).send({ queue, id });
  });
}
