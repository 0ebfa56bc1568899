/** Who watches, and who has fallen silent. */
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { forgetAgent, listAgents } from '../store/agents.ts';
import type { ApiContext } from './context.ts';
import { notFound } from './problem.ts';
import { AgentSchema, GUARDED, IdParams, PLAIN, problems } from './schemas.ts';
import { typed } from './typed.ts';

const TAGS = { tags: ['agents'] };

const listSchema = {
  ...TAGS,
  operationId: 'listAgents',
  summary: 'Agents: last heartbeat, interfaces, drops, blind time, spool',
  response: {
    200: Type.Object({ items: Type.Array(AgentSchema), next: Type.Null() }),
    ...problems(...PLAIN),
  },
};

const forgetSchema = {
  ...TAGS,
  operationId: 'forgetAgent',
  summary: 'Forget an agent that was taken down; what it found stays',
  params: IdParams,
  response: { 204: { type: 'null', description: 'forgotten' }, ...problems(...GUARDED, 404) },
};

export function agentRoutes(plain: FastifyInstance, { db }: ApiContext): void {
  const app = typed(plain);
  app.get('/api/v1/agents', { schema: listSchema }, (_request, reply) =>
    reply.send({ items: listAgents(db), next: null }),
  );
  app.delete('/api/v1/agents/:id', { schema: forgetSchema }, (request, reply) => {
    if (!forgetAgent(db, request.params.id)) throw notFound('agent');
    return reply.code(204).send();
  });
}
