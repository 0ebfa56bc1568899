/** Paths: whose box waits how long, since when, and the silences that say so. */
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { changePath, listPaths, type PathDetail, pathOf } from '../store/paths.ts';
import { type ApiContext, named } from './context.ts';
import { momentFrom, pageFrom, sendTagged } from './paging.ts';
import { notFound } from './problem.ts';
import {
  GUARDED,
  IdParams,
  PageQuery,
  pageOf,
  PathDetailSchema,
  problems,
  StoredPathSchema,
} from './schemas.ts';
import { typed } from './typed.ts';

const TAGS = { tags: ['paths'] };

const listSchema = {
  ...TAGS,
  operationId: 'listPaths',
  summary: 'Paths, the one with the last kill first',
  querystring: Type.Object(
    { ...PageQuery, status: Type.Optional(Type.Enum(['estimated', 'bounded', 'refused'])) },
    { additionalProperties: false },
  ),
  response: { 200: pageOf(StoredPathSchema), ...problems(...GUARDED) },
};

const oneSchema = {
  ...TAGS,
  operationId: 'getPath',
  summary: 'A path, its history and its observations',
  params: IdParams,
  response: {
    200: PathDetailSchema,
    304: { type: 'null', description: 'as you have it' },
    ...problems(...GUARDED, 404),
  },
};

const ChangeBody = Type.Object(
  {
    // Null first: the body's types are coerced, and to a string null is the empty one.
    mutedUntil: Type.Optional(
      Type.Union([Type.Null(), Type.String({ maxLength: 40, description: 'RFC 3339' })]),
    ),
    comment: Type.Optional(Type.Union([Type.Null(), Type.String({ maxLength: 4096 })])),
  },
  { additionalProperties: false, minProperties: 1 },
);

const changeSchema = {
  ...TAGS,
  operationId: 'changePath',
  summary: 'Mute it until a time (no webhook, still counted), comment on it',
  params: IdParams,
  body: ChangeBody,
  response: { 200: PathDetailSchema, ...problems(...GUARDED, 404, 413, 415) },
};

function knownPath({ db }: ApiContext, id: string): PathDetail {
  const path = pathOf(db, id);
  if (path === null) throw notFound('path');
  return path;
}

export function pathRoutes(plain: FastifyInstance, context: ApiContext): void {
  const app = typed(plain);
  app.get('/api/v1/paths', { schema: listSchema }, (request, reply) =>
    reply.send(
      named(context, listPaths(context.db, pageFrom(request.query), request.query.status ?? null)),
    ),
  );
  app.get('/api/v1/paths/:id', { schema: oneSchema }, (request, reply) =>
    sendTagged(request, reply, named(context, knownPath(context, request.params.id))),
  );
  app.patch('/api/v1/paths/:id', { schema: changeSchema }, (request, reply) => {
    const { id } = request.params;
    const { mutedUntil, comment } = request.body;
    const until = mutedUntil === null ? null : momentFrom('mutedUntil', mutedUntil);
    if (!changePath(context.db, id, { mutedUntil: until, comment }, context.clock()))
      throw notFound('path');
    return reply.send(named(context, knownPath(context, id)));
  });
}
