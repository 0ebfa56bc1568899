/** Findings: the list with its filters, one of them, its packets, and what people add to it. */
import type { FastifyInstance, FastifyReply } from 'fastify';
import Type from 'typebox';
import { keyRange } from '../store/address-key.ts';
import { evidenceOf } from '../store/evidence.ts';
import type { FindingFilter } from '../store/finding-list.ts';
import { changeFinding, findingOf, listFindings, type StoredFinding } from '../store/findings.ts';
import { evidenceLadder } from '../ladder/evidence.ts';
import { LadderSchema } from '../ladder/schema.ts';
import { NO_NAMES } from '../names.ts';
import { actorOf, type ApiContext, named } from './context.ts';
import { EXPORT_FORMATS, exportFindings } from './export.ts';
import { momentFrom, pageFrom, sendTagged } from './paging.ts';
import { notFound, Problem } from './problem.ts';
import {
  GUARDED,
  IdParams,
  PageQuery,
  pageOf,
  problems,
  SignatureSchema,
  StoredFindingSchema,
  VerdictSchema,
} from './schemas.ts';
import { typed } from './typed.ts';

const TAGS = { tags: ['findings'] };

const moment = (description: string) => Type.String({ maxLength: 40, description });

const Filter = {
  since: Type.Optional(moment('dead at or after, RFC 3339, capture clock')),
  until: Type.Optional(moment('dead at or before')),
  path: Type.Optional(Type.String({ maxLength: 64 })),
  verdict: Type.Optional(VerdictSchema),
  signature: Type.Optional(SignatureSchema),
  address: Type.Optional(
    Type.String({ maxLength: 64, description: 'of either end: an address or a CIDR block' }),
  ),
  port: Type.Optional(Type.Integer({ minimum: 0, maximum: 65_535, description: 'of either end' })),
  acknowledged: Type.Optional(Type.Boolean()),
};

const ListQuery = Type.Object(
  {
    ...Filter,
    ...PageQuery,
    format: Type.Enum(['json', ...EXPORT_FORMATS], {
      default: 'json',
      description: 'all but json: the whole list as a stream, without pages',
    }),
  },
  { additionalProperties: false },
);

const listSchema = {
  ...TAGS,
  operationId: 'listFindings',
  summary: 'Findings, newest first',
  querystring: ListQuery,
  response: {
    200: {
      description: 'a page; or the whole list in the form that was asked for',
      content: {
        'application/json': { schema: pageOf(StoredFindingSchema) },
        'application/x-ndjson': { schema: { type: 'string' } },
        'text/csv': { schema: { type: 'string' } },
      },
    },
    ...problems(...GUARDED),
  },
};

const oneSchema = {
  ...TAGS,
  operationId: 'getFinding',
  summary: 'One finding',
  params: IdParams,
  response: {
    200: StoredFindingSchema,
    304: { type: 'null', description: 'as you have it' },
    ...problems(...GUARDED, 404),
  },
};

const ladderSchema = {
  ...TAGS,
  operationId: 'getFindingLadder',
  summary: 'Its packets decoded, as a ladder draws them',
  params: IdParams,
  response: { 200: LadderSchema, ...problems(...GUARDED, 404) },
};

const packetsSchema = {
  ...TAGS,
  operationId: 'getFindingPackets',
  summary: 'Its packets, as pcapng',
  params: IdParams,
  response: {
    200: {
      description: 'a capture',
      content: { 'application/x-pcapng': { schema: { type: 'string', format: 'binary' } } },
    },
    ...problems(...GUARDED, 404),
  },
};

const ChangeBody = Type.Object(
  {
    acknowledged: Type.Optional(Type.Boolean()),
    comment: Type.Optional(Type.Union([Type.Null(), Type.String({ maxLength: 4096 })])),
  },
  { additionalProperties: false, minProperties: 1 },
);

const changeSchema = {
  ...TAGS,
  operationId: 'changeFinding',
  summary: 'Acknowledge it, comment on it',
  params: IdParams,
  body: ChangeBody,
  response: { 200: StoredFindingSchema, ...problems(...GUARDED, 404, 413, 415) },
};

function filterFrom(query: Type.Static<typeof ListQuery>): FindingFilter {
  const { since, until, address, path, verdict, signature, port, acknowledged } = query;
  const range = address === undefined ? undefined : keyRange(address);
  if (range === null)
    throw new Problem('bad-request', 'address: write an address, or a block as in 10.0.0.0/8');
  return {
    since: momentFrom('since', since),
    until: momentFrom('until', until),
    address: range,
    path,
    verdict,
    signature,
    port,
    acknowledged,
  };
}

function knownFinding({ db }: ApiContext, id: string): StoredFinding {
  const finding = findingOf(db, id);
  if (finding === null) throw notFound('finding');
  return finding;
}

function sendPackets(reply: FastifyReply, id: string, context: ApiContext): FastifyReply {
  knownFinding(context, id);
  const bytes = evidenceOf(context.db, id);
  if (bytes === null)
    throw new Problem('evidence-not-kept', 'whoever found it had no packets, or they were deleted');
  return reply
    .type('application/x-pcapng')
    .header('content-disposition', `attachment; filename="${id.replace(/[^\w]/g, '')}.pcapng"`)
    .send(Buffer.from(bytes));
}

async function sendLadder(
  reply: FastifyReply,
  id: string,
  context: ApiContext,
): Promise<FastifyReply> {
  const finding = knownFinding(context, id);
  const bytes = evidenceOf(context.db, id);
  const ladder = bytes === null ? null : await evidenceLadder(finding, bytes);
  if (ladder === null)
    throw new Problem('evidence-not-kept', 'its packets were not kept, or cannot be decoded');
  return reply.send(ladder);
}

export function findingRoutes(plain: FastifyInstance, context: ApiContext): void {
  const app = typed(plain);
  const { db } = context;
  app.get('/api/v1/findings', { schema: listSchema }, (request, reply) => {
    const { query } = request;
    const filter = filterFrom(query);
    if (query.format !== 'json') {
      const { names = NO_NAMES } = context;
      return exportFindings(reply, { db, filter, format: query.format, names });
    }
    return reply.send(named(context, listFindings(db, filter, pageFrom(query))));
  });
  app.get('/api/v1/findings/:id', { schema: oneSchema }, (request, reply) =>
    sendTagged(request, reply, named(context, knownFinding(context, request.params.id))),
  );
  app.get('/api/v1/findings/:id/pcap', { schema: packetsSchema }, (request, reply) =>
    sendPackets(reply, request.params.id, context),
  );
  app.get('/api/v1/findings/:id/packets', { schema: ladderSchema }, (request, reply) =>
    sendLadder(reply, request.params.id, context),
  );
  app.patch('/api/v1/findings/:id', { schema: changeSchema }, (request, reply) => {
    const { id } = request.params;
    const by = actorOf(request.role);
    if (!changeFinding(db, id, request.body, { by, now: context.clock() }))
      throw notFound('finding');
    return reply.send(named(context, knownFinding(context, id)));
  });
}
