/** Who may do what: every route of the OpenAPI document, with no, a wrong, a lesser and the right token. */
import { request } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { expect, test } from 'vitest';
import { isForeign, isOwnHost } from '../src/report/api/access/origin.ts';
import { ACCESS, allowedOn, mayEnter, ROLES } from '../src/report/api/access/table.ts';
import type { ApiContext } from '../src/report/api/context.ts';
import { tokensFrom } from '../src/report/api/access/tokens.ts';
import { Failures } from '../src/report/api/access/failures.ts';
import { webhookRoutes } from '../src/webhook/api/routes.ts';
import { reachableWith } from '../src/webhook/guard/addresses.ts';
import { sealOf } from '../src/webhook/seal.ts';
import { stubborn } from './hostile/socket.ts';
import { addressOf, documentOf, type Route, routesOf } from './kit/openapi.ts';
import { allTokens, type Service, TOKENS, withService } from './kit/service.ts';

const rules = { tokens: allTokens(), trusting: false, names: [], scheme: 'http' as const };
const routes = (scope: FastifyInstance, { db, data }: ApiContext) =>
  webhookRoutes(scope, { db, seal: sealOf(data), reach: reachableWith([]) });

const guarded = { context: { rules }, routes };

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

const inTable = ({ method, path }: Route): string =>
  `${method} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`;

async function guardedRoutes(service: Service): Promise<readonly Route[]> {
  const served = routesOf(await documentOf(service, bearer(TOKENS.admin)));
  return served.filter((route) => ACCESS[inTable(route)] !== 'open');
}

const ask = async (service: Service, route: Route, init: RequestInit): Promise<number> => {
  const stop = new AbortController();
  const headers = { accept: 'application/json', ...(init.headers as object) };
  const answer = await service.get(addressOf(route), {
    method: route.method,
    ...init,
    headers,
    signal: stop.signal,
  });
  stop.abort();
  return answer.status;
};

test('every route of the document is in the table, and every route of the table in the document', () =>
  withService(guarded, async (service) => {
    const served = routesOf(await documentOf(service, bearer(TOKENS.admin))).map(inTable);
    expect(served.length).toBeGreaterThan(30);
    expect([...served, 'GET /openapi.json'].sort()).toEqual(Object.keys(ACCESS).sort());
  }));

test('without a token nothing but probes and the login is answered', () =>
  withService(guarded, async (service) => {
    for (const route of await guardedRoutes(service)) {
      expect([route.path, await ask(service, route, {})]).toEqual([route.path, 401]);
    }
    for (const path of ['/healthz', '/readyz', '/', '/api/v1/session']) {
      expect([path, (await service.get(path)).status]).toEqual([path, 200]);
    }
  }));

test('a token with too little role is refused, the right one is let in, on every route', () =>
  withService(guarded, async (service) => {
    for (const route of await guardedRoutes(service)) {
      const allowed = allowedOn(route.method, inTable(route).split(' ')[1] ?? '');
      for (const role of ROLES) {
        const status = await ask(service, route, bearer(TOKENS[role]));
        const what = `${role}: ${route.method} ${route.path}`;
        if (allowed !== null && mayEnter(allowed, role))
          expect([401, 403], what).not.toContain(status);
        else expect([what, status]).toEqual([what, 403]);
      }
    }
  }));

test('a wrong token is refused on every route, and too many of them make a client wait', () =>
  withService(guarded, async (service) => {
    const statuses: number[] = [];
    for (const route of await guardedRoutes(service))
      statuses.push(await ask(service, route, bearer('wrong-0123456789abcdef')));
    expect(statuses.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 401));
    expect(new Set(statuses.slice(10))).toEqual(new Set([429]));
    const answer = await service.get('/api/v1/jobs', bearer(TOKENS.admin));
    expect([answer.status, Number(answer.headers.get('retry-after'))]).toEqual([
      429,
      expect.toSatisfy((seconds: number) => seconds > 0 && seconds <= 60),
    ]);
    expect((await service.get('/healthz')).status).toBe(200);
  }));

test('after a minute it may try again, and another network is not made to wait', () => {
  const failures = new Failures();
  for (let i = 0; i < 10; i++) failures.count('2001:db8::1', 1000 + i);
  expect(failures.waitOf('2001:db8::ffff', 2000)).toBe(59);
  expect(failures.waitOf('2001:db8:0:1::1', 2000)).toBe(0);
  expect(failures.waitOf('2001:db8::1', 62_000)).toBe(0);
});

test('a page of another origin may change nothing, on any route, with any role', () =>
  withService({ routes }, async (service) => {
    const unsafe = routesOf(await documentOf(service)).filter(({ method }) => method !== 'GET');
    expect(unsafe.length).toBeGreaterThan(10);
    for (const route of unsafe) {
      for (const headers of [
        { origin: 'http://evil.example' },
        { 'sec-fetch-site': 'cross-site' },
      ]) {
        expect([
          route.path,
          await ask(service, route, { headers: headers as Record<string, string> }),
        ]).toEqual([route.path, 403]);
      }
    }
  }));

/** fetch does not let a caller choose Host. */
const statusAs = (
  { port }: Service,
  host: string,
  asked: { readonly path: string; readonly method: string },
): Promise<number> =>
  new Promise((resolve, reject) => {
    const sent = request({ port, host: '127.0.0.1', ...asked, headers: { host } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    sent.on('error', reject).end();
  });

test('a name that is not ours is answered 421 on every route: no rebinding', () =>
  withService(
    { routes, context: { rules: { ...rules, names: ['deadair.lan'] } } },
    async (service) => {
      for (const route of routesOf(await documentOf(service, bearer(TOKENS.admin)))) {
        const path = addressOf(route);
        const { method } = route;
        expect([path, await statusAs(service, 'evil.example', { path, method })]).toEqual([
          path,
          421,
        ]);
      }
      for (const host of ['localhost', '127.0.0.1:99', '[::1]:8686', 'DeadAir.lan:8686']) {
        expect([host, await statusAs(service, host, { path: '/healthz', method: 'GET' })]).toEqual([
          host,
          200,
        ]);
      }
    },
  ));

test.each([
  ['two Host lines, ours first', '/healthz', ['localhost', 'evil.example'], 421],
  ['two Host lines, ours last', '/healthz', ['evil.example', 'localhost'], 421],
  ['a target that is written out', 'http://evil.example/healthz', ['localhost'], 421],
  ['ours, written out', 'http://localhost/healthz', ['localhost'], 200],
  ['one', '/healthz', ['localhost'], 200],
])('%s', (_, target, hosts, status) =>
  withService({ routes, context: { rules: { ...rules, names: [] } } }, async ({ port }) => {
    const lines = hosts.map((host) => `Host: ${host}\r\n`).join('');
    const head = `GET ${target} HTTP/1.1\r\n${lines}Connection: close\r\n\r\n`;
    const { text } = await stubborn(port, head, () => null);
    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  }),
);

test('what a host name or an origin may look like', () => {
  expect(isOwnHost(undefined, [])).toBe(false);
  expect(isOwnHost('localhost.evil.example', [])).toBe(false);
  expect(isOwnHost('127.0.0.1.evil.example', [])).toBe(false);
  expect(isOwnHost('localhost.:80', [])).toBe(true);
  const own = { host: 'localhost:8686', origin: 'http://localhost:8686' };
  expect(isForeign('POST', own, 'http')).toBe(false);
  expect(isForeign('POST', own, 'https')).toBe(true);
  expect(isForeign('POST', { host: 'a', origin: 'null' }, 'http')).toBe(true);
  expect(isForeign('POST', { 'sec-fetch-site': 'same-site' }, 'http')).toBe(true);
  expect(isForeign('GET', { 'sec-fetch-site': 'cross-site' }, 'http')).toBe(false);
});

test('a session is a cookie no script reads; it opens the API and ends with the logout', () =>
  withService(guarded, async (service) => {
    const open = (token: string) =>
      service.get('/api/v1/session', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ token }),
      });
    expect((await open('wrong-0123456789abcdef')).status).toBe(401);
    const answer = await open(TOKENS.read);
    const cookie = answer.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(
      /^deadair_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+$/,
    );
    expect(await answer.json()).toEqual({ role: 'read', needsToken: true });
    const headers = { cookie: cookie.split(';')[0] ?? '' };
    expect((await service.get('/api/v1/findings', { headers })).status).toBe(200);
    expect((await service.get('/api/v1/webhooks', { headers })).status).toBe(403);
    expect(service.db.all('SELECT token_hash FROM sessions')).not.toContainEqual({
      token_hash: expect.stringContaining(headers.cookie.slice(16)),
    });
    await service.get('/api/v1/session', { method: 'DELETE', headers });
    expect((await service.get('/api/v1/findings', { headers })).status).toBe(401);
  }));

test('a session runs out', () => {
  let now = 1_000_000;
  return withService({ context: { rules, clock: () => now } }, async (service) => {
    const answer = await service.get('/api/v1/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: TOKENS.read }),
    });
    const headers = { cookie: (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '' };
    expect((await service.get('/api/v1/findings', { headers })).status).toBe(200);
    now += 12 * 3600 * 1000;
    expect((await service.get('/api/v1/findings', { headers })).status).toBe(401);
  });
});

test('tokens that are too short, or whose file is not there, keep the service from starting', () => {
  const code = expect.objectContaining({ code: 'E_TOKEN' });
  expect(() => tokensFrom({ DEADAIR_TOKEN: 'short' })).toThrow(code);
  expect(() => tokensFrom({ DEADAIR_TOKEN_READ_FILE: '/nowhere/token' })).toThrow(code);
  expect(tokensFrom({ DEADAIR_TOKEN_READ: TOKENS.read }).map(({ role }) => role)).toEqual(['read']);
});

test('every answer carries the policy; none over plain HTTP asks for HTTPS', () =>
  withService({ routes }, async (service) => {
    const { headers } = await service.get('/');
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe-inline|unsafe-eval|upgrade-insecure-requests/);
    expect(headers.get('strict-transport-security')).toBeNull();
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('access-control-allow-origin')).toBeNull();
  }));
