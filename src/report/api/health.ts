/** Probes: alive, ready, and what happens to reports of pages that broke their policy. */
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import type { ApiContext } from './context.ts';
import { Problem } from './problem.ts';
import { problems } from './schemas.ts';

const TAGS = { tags: ['operations'] };

const aliveSchema = {
  ...TAGS,
  operationId: 'isAlive',
  summary: 'The process answers',
  response: { 200: Type.Object({ status: Type.Literal('ok') }), ...problems(421) },
};

const ReadySchema = Type.Object({
  ready: Type.Boolean(),
  parts: Type.Array(
    Type.Object({
      name: Type.String(),
      ready: Type.Boolean(),
      detail: Type.Optional(Type.String()),
    }),
  ),
});

const readySchema = {
  ...TAGS,
  operationId: 'isReady',
  summary: 'Everything it needs is there',
  response: {
    200: ReadySchema,
    503: { ...ReadySchema, description: 'not now' },
    ...problems(421),
  },
};

const reportSchema = {
  ...TAGS,
  operationId: 'reportPolicy',
  summary: 'Browsers tell of broken content security policies; they are counted',
  response: {
    204: { type: 'null', description: 'counted' },
    ...problems(400, 403, 413, 415, 421),
  },
};

async function storeReady({ db }: ApiContext) {
  try {
    db.get('SELECT 1');
    return { name: 'store', ready: true };
  } catch {
    return { name: 'store', ready: false, detail: 'cannot be read' };
  }
}

/** Chosen: reports of a minute that are worth a log line. */
const LOGGED_A_MINUTE = 10;

export function healthRoutes(
  app: FastifyInstance,
  context: ApiContext,
  counters: { cspReports: number },
): void {
  app.get('/healthz', { schema: aliveSchema }, async () => ({ status: 'ok' }));
  app.get('/readyz', { schema: readySchema }, async (_request, reply) => {
    const parts = [await storeReady(context), ...(await context.readiness())];
    const ready = parts.every((part) => part.ready);
    return reply
      .code(ready ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({ ready, parts });
  });
  let [minute, logged] = [0, 0];
  const types = ['application/csp-report', 'application/reports+json'];
  app.addContentTypeParser(
    types,
    { parseAs: 'string', bodyLimit: 16_384 },
    (_request, body, done) => done(null, body),
  );
  app.post('/api/v1/csp-reports', { schema: reportSchema }, async (request, reply) => {
    if (typeof request.body !== 'string') throw new Problem('bad-request', 'this is no report');
    counters.cspReports++;
    const now = Math.floor(context.clock() / 60_000);
    if (now !== minute) [minute, logged] = [now, 0];
    if (logged++ < LOGGED_A_MINUTE) {
      request.log.warn({ report: request.body.slice(0, 1000) }, 'page broke its policy');
    }
    return reply.code(204).send();
  });
}
