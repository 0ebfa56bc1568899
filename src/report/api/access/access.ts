/**
 * The door of the API: who is it, and may they. Runs before anything of a body is read.
 *
 * On loopback without tokens everybody is admin: any local user reaches loopback (docs/security.md). As soon as there is
 * a token, or the address is not loopback, nobody is anybody without one.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Database } from '../../store/database.ts';
import { sessionRole } from '../../store/sessions.ts';
import { Problem, sendProblem } from '../problem.ts';
import type { Failures } from './failures.ts';
import { hostsAsked, isForeign, isOwnHost } from './origin.ts';
import { allowedOn, mayEnter, type Role, ROLES } from './table.ts';
import { roleOfToken, type Token } from './tokens.ts';

export interface AccessRules {
  readonly tokens: readonly Token[];
  /** Nobody has to show a token: loopback, and none is set. */
  readonly trusting: boolean;
  /** Names of this service beside localhost; null asks for none (not loopback, none given). */
  readonly names: readonly string[] | null;
  readonly scheme: 'http' | 'https';
}

export interface Door {
  readonly rules: AccessRules;
  readonly db: Database;
  readonly failures: Failures;
  readonly clock: () => number;
}

export const COOKIE = 'deadair_session';

const BEARER = /^Bearer +([\x21-\x7e]{1,512}) *$/i;

export const bearerOf = ({ headers }: FastifyRequest): string | null =>
  BEARER.exec(headers.authorization ?? '')?.[1] ?? null;

export function cookieOf({ headers }: FastifyRequest): string | null {
  for (const part of (headers.cookie ?? '').split(';')) {
    const [name, value] = part.trim().split('=');
    if (name === COOKIE && value !== undefined && value !== '') return value;
  }
  return null;
}

const asRole = (text: string | null): Role | null => ROLES.find((role) => role === text) ?? null;

/** Null: nobody. A wrong token is a failure that is counted; a session that has run out is not. */
function roleOf(request: FastifyRequest, { rules, db, failures, clock }: Door): Role | null {
  if (rules.trusting) return 'admin';
  const session = cookieOf(request);
  const token = bearerOf(request);
  if (token !== null) {
    const role = roleOfToken(rules.tokens, token);
    if (role === null) failures.count(request.ip, clock());
    return role;
  }
  return session === null ? null : asRole(sessionRole(db, session, clock()));
}

function refuseForeigners(request: FastifyRequest, { rules }: Door): void {
  const { headers, method, raw } = request;
  const { names } = rules;
  const hosts = hostsAsked(raw.url ?? '', raw.rawHeaders);
  if (names !== null && !hosts.every((host) => isOwnHost(host, names))) {
    throw new Problem('wrong-host', 'start `deadair serve` with --name to give it this name');
  }
  if (isForeign(method, headers, rules.scheme)) {
    throw new Problem('foreign-origin', 'a page of another origin asked for this');
  }
}

export function refuseGuessers(request: FastifyRequest, { failures, clock }: Door): void {
  const wait = failures.waitOf(request.ip, clock());
  if (wait === 0) return;
  const headers = { 'retry-after': String(wait) };
  throw new Problem('too-many-failures', `try again in ${wait} s`, { headers });
}

function refuse(role: Role | null, hadToken: boolean): never {
  if (role !== null) throw new Problem('forbidden', `the role "${role}" may not do that`);
  const detail = hadToken ? 'this token is not known here' : 'send "Authorization: Bearer …"';
  throw new Problem('unauthorized', detail, { headers: { 'www-authenticate': 'Bearer' } });
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Who it is, where they had to say. */
    role: Role | null;
  }
}

function enter(request: FastifyRequest, door: Door): void {
  refuseForeigners(request, door);
  // No such route: nothing to protect, and the answer is 404 for everybody.
  if (request.is404) return;
  const allowed = allowedOn(request.method, request.routeOptions.url ?? '');
  if (allowed === 'open') return;
  if (!door.rules.trusting) refuseGuessers(request, door);
  request.role = roleOf(request, door);
  if (allowed === null || !mayEnter(allowed, request.role)) {
    refuse(request.role, bearerOf(request) !== null);
  }
}

export function installAccess(app: FastifyInstance, door: Door): void {
  app.decorateRequest('role', null);
  app.addHook('onRoute', ({ method, url }) => {
    for (const verb of [method].flat()) {
      if (verb !== 'OPTIONS' && allowedOn(verb, url) === null)
        throw new Error(`nobody decided who may ${verb} ${url}: access/table.ts`);
    }
  });
  // Answered here, not thrown: plugins of others (bull-board) have error handlers of their own.
  app.addHook('onRequest', async (request, reply) => {
    try {
      enter(request, door);
      return undefined;
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown;
      return sendProblem(reply, thrown);
    }
  });
}
