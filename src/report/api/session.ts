/**
 * Sessions of browsers. EventSource and downloads cannot send a bearer token, and a token in a URL ends up in logs; so a
 * token is changed into a cookie that no script can read and no other site can send.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import Type from 'typebox';
import { closeSession, openSession, SESSION_LIVES_MS, sessionRole } from '../store/sessions.ts';
import { COOKIE, cookieOf, refuseGuessers } from './access/access.ts';
import { ROLES } from './access/table.ts';
import { roleOfToken } from './access/tokens.ts';
import type { ApiContext } from './context.ts';
import { Problem } from './problem.ts';
import { problems } from './schemas.ts';
import { typed } from './typed.ts';

const TAGS = { tags: ['session'] };

const SessionSchema = Type.Object({
  role: Type.Union([Type.Enum([...ROLES]), Type.Null()]),
  needsToken: Type.Boolean({ description: 'false on loopback without tokens' }),
});

const Body = Type.Object(
  { token: Type.String({ minLength: 1, maxLength: 512 }) },
  { additionalProperties: false },
);

const openSchema = {
  ...TAGS,
  operationId: 'openSession',
  summary: 'Change a token into a session cookie',
  body: Body,
  response: { 200: SessionSchema, ...problems(400, 401, 403, 413, 415, 421, 429, 500) },
};

const showSchema = {
  ...TAGS,
  operationId: 'getSession',
  summary: 'Who am I here',
  response: { 200: SessionSchema, ...problems(421, 500) },
};

const closeSchema = {
  ...TAGS,
  operationId: 'closeSession',
  summary: 'Log out',
  response: { 204: { type: 'null', description: 'gone' }, ...problems(403, 421, 500) },
};

const cookie = (value: string, seconds: number, secure: boolean): string =>
  `${COOKIE}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${seconds}${secure ? '; Secure' : ''}`;

function shownRole(request: FastifyRequest, { rules, db, clock }: ApiContext) {
  if (rules.trusting) return 'admin';
  const session = cookieOf(request);
  const role = session === null ? null : sessionRole(db, session, clock());
  return ROLES.find((one) => one === role) ?? null;
}

export function sessionRoutes(plain: FastifyInstance, context: ApiContext): void {
  const app = typed(plain);
  const { db, rules, failures, clock } = context;
  const secure = rules.scheme === 'https';
  app.post('/api/v1/session', { schema: openSchema }, (request, reply) => {
    if (rules.trusting) return reply.send({ role: 'admin', needsToken: false });
    refuseGuessers(request, { rules, db, failures, clock });
    const role = roleOfToken(rules.tokens, request.body.token);
    if (role === null) {
      failures.count(request.ip, clock());
      throw new Problem('unauthorized', 'this token is not known here');
    }
    const session = openSession(db, role, clock());
    return reply
      .header('set-cookie', cookie(session, SESSION_LIVES_MS / 1000, secure))
      .send({ role, needsToken: true });
  });
  app.get('/api/v1/session', { schema: showSchema }, (request, reply) =>
    reply
      .header('cache-control', 'no-store')
      .send({ role: shownRole(request, context), needsToken: !rules.trusting }),
  );
  app.delete('/api/v1/session', { schema: closeSchema }, (request, reply) => {
    const session = cookieOf(request);
    if (session !== null) closeSession(db, session);
    return reply
      .code(204)
      .header('set-cookie', cookie('', 0, secure))
      .send();
  });
}
