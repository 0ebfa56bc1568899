/**
 * The implementation held against its own OpenAPI document: every route, every status it is said to answer, every body
 * by its schema. One witness sees all; the last test asks it what it never saw.
 */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { accept } from '../src/report/intake/accept.ts';
import { recordHeartbeat } from '../src/report/store/agents.ts';
import { insertJob, newJobId } from '../src/report/store/jobs.ts';
import { labFile } from './kit/lab.ts';
import { addressOf, documentOf } from './kit/openapi.ts';
import { allTokens, type Service, TOKENS, withService } from './kit/service.ts';
import { away, bearer, bytes, halfSent, json, queuesWith } from './kit/api-requests.ts';
import { aBatch, aFinding, aPath } from './kit/store.ts';
import { Witness } from './kit/witness.ts';

const CAPTURE = readFileSync(labFile('dnat-90', 'inside.pcap'));
const witness = new Witness();
const long = 'x'.repeat(129);
const rules = { tokens: allTokens(), trusting: false, names: [], scheme: 'http' as const };
async function learned(service: Service, init?: RequestInit): Promise<Service> {
  await witness.learn(service, init);
  return service;
}

async function status(service: Service, method: string, url: string, init?: RequestInit) {
  return (await witness.ask(service, method, url, init)).status;
}

/** Expects the statuses of several requests, each named by its request. */
async function expectAll(
  service: Service,
  wanted: readonly (readonly [number, string, string, RequestInit?])[],
): Promise<void> {
  for (const [code, method, url, init] of wanted) {
    expect([method, url, await status(service, method, url, init)]).toEqual([method, url, code]);
  }
}

test('the document is OpenAPI 3.1, and names every route once', () =>
  withService({}, async (service) => {
    const document = await documentOf(service);
    expect(document.openapi).toBe('3.1.0');
    await learned(service);
    const ids = witness.routes.map(({ operation }) => operation.operationId);
    expect(ids).not.toContain(undefined);
    expect(new Set(ids).size).toBe(ids.length);
  }));

test('jobs, their reports and their ends', () =>
  withService({}, async (given) => {
    const service = await learned(given);
    const answer = await witness.ask(service, 'POST', '/api/v1/captures', bytes(CAPTURE));
    const { id } = (await answer.json()) as { id: string };
    await service.settled();
    const open = newJobId();
    const made = { name: null, source: 'api', bytes: 1, sha256: 'a', settings: {} };
    insertJob(service.db, { ...made, id: open }, Date.now());
    const at = `/api/v1/jobs/${id}`;
    const tag = (await witness.ask(service, 'GET', at)).headers.get('etag') ?? '';
    const accepting = (media: string) => ({ headers: { accept: media } });
    await expectAll(service, [
      [304, 'GET', at, { headers: { 'if-none-match': tag } }],
      [200, 'GET', '/api/v1/jobs?state=completed&limit=1'],
      [400, 'GET', '/api/v1/jobs?cursor=nonsense'],
      [404, 'GET', '/api/v1/jobs/none'],
      [400, 'GET', `/api/v1/jobs/${long}`],
      [200, 'GET', `${at}/report`, accepting('application/json')],
      [200, 'GET', `${at}/report`, accepting('text/plain')],
      [406, 'GET', `${at}/report`, accepting('image/png')],
      [409, 'GET', `/api/v1/jobs/${open}/report`],
      [404, 'GET', '/api/v1/jobs/none/report'],
      [400, 'GET', `/api/v1/jobs/${long}/report`],
      [200, 'GET', `${at}/events`],
      [404, 'GET', '/api/v1/jobs/none/events'],
      [400, 'GET', `/api/v1/jobs/${long}/events`],
      [200, 'DELETE', `/api/v1/jobs/${open}`],
      [204, 'DELETE', at],
      [404, 'DELETE', at],
      [400, 'DELETE', `/api/v1/jobs/${long}`],
    ]);
  }));

test('what the report of a job tells is the contract, not only any object', () =>
  withService({}, async (service) => {
    const { id } = (await (
      await service.get('/api/v1/captures', { method: 'POST', ...bytes(CAPTURE) })
    ).json()) as { id: string };
    await service.settled();
    const report = await (await service.get(`/api/v1/jobs/${id}/report`)).json();
    expect(report).toMatchObject({ schema: 'deadair.report/1' });
  }));

async function expectHalf(service: Service, code: number, line: string, headers: string) {
  const { status: got, body } = await halfSent(
    service,
    `${line} HTTP/1.1\r\nHost: localhost\r\n${headers}`,
  );
  const [method = '', url = ''] = line.split(' ');
  expect([line, got]).toEqual([line, code]);
  witness.saw(method, url, got, 'application/problem+json', body);
}

const octets = 'Content-Type: application/octet-stream\r\nContent-Length: ';

test('captures: every way in which one is refused', () =>
  withService(
    { idle: true, times: { stillMs: 200 }, context: { maxUpload: 2 ** 51 } },
    async (given) => {
      const service = await learned(given);
      const keyed = (body: Uint8Array) => {
        const headers = { 'content-type': 'x/y', 'idempotency-key': 'k' };
        return { headers, body: body as unknown as string };
      };
      await expectAll(service, [
        [202, 'POST', '/api/v1/captures', keyed(CAPTURE)],
        [422, 'POST', '/api/v1/captures', keyed(CAPTURE.subarray(0, 200))],
        [400, 'POST', '/api/v1/captures?shortest=-1', bytes(CAPTURE)],
        [415, 'POST', '/api/v1/captures', bytes('no capture')],
      ]);
      const post = 'POST /api/v1/captures';
      await expectHalf(service, 408, post, `${octets}100`);
      await expectHalf(service, 413, post, `${octets}${2 ** 52}`);
      await expectHalf(service, 507, post, `${octets}${2 ** 50}`);
    },
  ));

test('too many uploads, too many listeners: come back later', () =>
  withService({ idle: true, most: { uploads: 0, listeners: 0 } }, async (given) => {
    const service = await learned(given);
    const id = newJobId();
    insertJob(
      service.db,
      { id, name: null, source: 'api', bytes: 1, sha256: 'a', settings: {} },
      1,
    );
    await expectAll(service, [
      [503, 'POST', '/api/v1/captures', bytes(CAPTURE)],
      [503, 'GET', '/api/v1/events'],
      [503, 'GET', `/api/v1/jobs/${id}/events`],
    ]);
  }));

test('findings, paths, agents', () =>
  withService({}, async (given) => {
    const service = await learned(given);
    const section = readFileSync(labFile('dnat-90', 'inside.pcap')).subarray(0, 64);
    section.writeUInt32BE(0x0a0d0d0a);
    const evidence = [{ finding: 'f_2', pcapng: section.toString('base64') }];
    const findings = [aFinding('f_1'), aFinding('f_2')];
    accept(service.db, aBatch({ findings, paths: [aPath('p_1')], evidence }), Date.now());
    const interfaces = [{ name: 'eth0', up: true, packets: 1, drops: 0 }];
    const beat = {
      agent: 'gw',
      host: 'h',
      interfaces,
      blindSeconds: 0,
      spoolBytes: 0,
      findings: 0,
      at: 'x',
    };
    recordHeartbeat(service.db, beat, Date.now());
    const big = json({ comment: 'x'.repeat(2 ** 20) });
    for (const [list, one, change] of [
      ['/api/v1/findings', '/api/v1/findings/f_1', { acknowledged: true, comment: 'known' }],
      ['/api/v1/paths', '/api/v1/paths/p_1', { mutedUntil: '2026-12-01T00:00:00Z' }],
    ] as const) {
      const tag = (await witness.ask(service, 'GET', one)).headers.get('etag') ?? '';
      await expectAll(service, [
        [200, 'GET', list],
        [400, 'GET', `${list}?wrong=1`],
        [304, 'GET', one, { headers: { 'if-none-match': tag } }],
        [404, 'GET', `${list}/none`],
        [400, 'GET', `${list}/${long}`],
        [200, 'PATCH', one, json(change)],
        [400, 'PATCH', one, json({})],
        [404, 'PATCH', `${list}/none`, json(change)],
        [413, 'PATCH', one, big],
        [415, 'PATCH', one, bytes('x')],
      ]);
    }
    await expectAll(service, [
      [200, 'GET', '/api/v1/findings?format=csv'],
      [200, 'GET', '/api/v1/findings?format=eve'],
      [400, 'GET', '/api/v1/findings?address=somewhere'],
      [200, 'GET', '/api/v1/findings/f_2/pcap'],
      [404, 'GET', '/api/v1/findings/f_1/pcap'],
      [400, 'GET', `/api/v1/findings/${long}/pcap`],
      [404, 'GET', '/api/v1/findings/f_1/packets'],
      [400, 'GET', `/api/v1/findings/${long}/packets`],
      [200, 'GET', '/api/v1/agents'],
      [204, 'DELETE', '/api/v1/agents/gw'],
      [404, 'DELETE', '/api/v1/agents/gw'],
      [400, 'DELETE', `/api/v1/agents/${long}`],
      [200, 'GET', '/api/v1/events'],
      [400, 'GET', '/api/v1/events?types=x'],
    ]);
  }));

test('remote workers', () =>
  withService({ idle: true, times: { stillMs: 200 } }, async (given) => {
    const service = await learned(given);
    const answer = await witness.ask(service, 'POST', '/api/v1/captures', bytes(CAPTURE));
    const { id } = (await answer.json()) as { id: string };
    const at = `/api/v1/jobs/${id}`;
    await expectAll(service, [
      [200, 'GET', `${at}/capture`],
      [404, 'GET', '/api/v1/jobs/none/capture'],
      [400, 'GET', `/api/v1/jobs/${long}/capture`],
      [200, 'PATCH', at, json({ state: 'running', worker: 'far' })],
      [200, 'PATCH', at, json({ state: 'progress', bytes: 5, findings: 1 })],
      [400, 'PATCH', at, json({ state: 'eaten' })],
      [404, 'PATCH', '/api/v1/jobs/none', json({ state: 'progress', bytes: 5, findings: 1 })],
      [409, 'PATCH', at, json({ state: 'completed', findings: 1 })],
      [413, 'PATCH', at, json({ state: 'running', worker: 'x'.repeat(2 ** 20) })],
      [415, 'PATCH', at, bytes('x')],
      [204, 'PUT', `${at}/report`, json({ schema: 'deadair.report/1' })],
      [400, 'PUT', `/api/v1/jobs/${long}/report`, json({})],
      [404, 'PUT', '/api/v1/jobs/none/report', json({})],
      [415, 'PUT', `${at}/report`, bytes('x', 'image/png')],
      [200, 'PATCH', at, json({ state: 'completed', findings: 1 })],
      [409, 'PATCH', at, json({ state: 'progress', bytes: 5, findings: 1 })],
      [202, 'POST', '/api/v1/batches', json(aBatch({ findings: [aFinding('f_1')] }))],
      [400, 'POST', '/api/v1/batches', json({ v: 2 })],
      [415, 'POST', '/api/v1/batches', bytes('x')],
    ]);
    const type = 'Content-Type: application/json\r\nContent-Length: ';
    await expectHalf(service, 413, `PUT ${at}/report`, `${type}${2 ** 40}\r\nConnection: close`);
    await expectHalf(service, 408, `PUT ${at}/report`, `${type}100\r\nConnection: close`);
    await expectHalf(
      service,
      413,
      'POST /api/v1/batches',
      `${type}${2 ** 40}\r\nConnection: close`,
    );
    await expectHalf(service, 408, 'POST /api/v1/batches', `${type}100\r\nConnection: close`);
  }));

test('dead letters, probes, metrics, policy reports; and Redis being away', async () => {
  await withService({ context: { queues: queuesWith({}) } }, async (given) => {
    const service = await learned(given);
    const big = 'x'.repeat(2 ** 20);
    await expectAll(service, [
      [200, 'GET', '/api/v1/dead'],
      [400, 'GET', '/api/v1/dead?limit=0'],
      [202, 'POST', '/api/v1/dead', json({ queue: 'captures', id: 'j_1' })],
      [404, 'POST', '/api/v1/dead', json({ queue: 'captures', id: 'j_2' })],
      [400, 'POST', '/api/v1/dead', json({})],
      [413, 'POST', '/api/v1/dead', json({ queue: big, id: '' })],
      [415, 'POST', '/api/v1/dead', bytes('x')],
      [200, 'GET', '/healthz'],
      [200, 'GET', '/readyz'],
      [200, 'GET', '/metrics'],
      [204, 'POST', '/api/v1/csp-reports', bytes('{}', 'application/csp-report')],
      [400, 'POST', '/api/v1/csp-reports', json({})],
      [413, 'POST', '/api/v1/csp-reports', bytes(big, 'application/csp-report')],
      [415, 'POST', '/api/v1/csp-reports', bytes('x', 'image/png')],
    ]);
  });
  const refuse = async () => {
    throw away;
  };
  const queues = queuesWith({ deliver: refuse, deadLetters: refuse, redrive: refuse });
  const readiness = async () => [{ name: 'redis', ready: false, detail: 'away' }];
  await withService({ context: { queues, readiness } }, async (given) => {
    await expectAll(await learned(given), [
      [503, 'GET', '/api/v1/dead'],
      [503, 'POST', '/api/v1/dead', json({ queue: 'findings', id: 'x' })],
      [503, 'POST', '/api/v1/batches', json(aBatch())],
      [503, 'GET', '/readyz'],
    ]);
  });
});

test('sessions', () =>
  withService({ context: { rules } }, async (given) => {
    const service = await learned(given, bearer(TOKENS.admin));
    const log = (token: string) => ['POST', '/api/v1/session', json({ token })] as const;
    await expectAll(service, [
      [200, ...log(TOKENS.read)],
      [401, ...log('wrong')],
      [400, 'POST', '/api/v1/session', json({})],
      [413, ...log('x'.repeat(2 ** 20))],
      [415, 'POST', '/api/v1/session', bytes('x')],
      [200, 'GET', '/api/v1/session'],
      [204, 'DELETE', '/api/v1/session'],
      ...Array.from({ length: 9 }, () => [401, ...log('wrong')] as const),
      [429, ...log(TOKENS.read)],
    ]);
  }));

test('on every guarded route: nobody, too little, another host, too many failures', () =>
  withService({ context: { rules } }, async (given) => {
    const service = await learned(given, bearer(TOKENS.admin));
    for (const route of witness.routes) {
      const [url, answers] = [addressOf(route), route.operation.responses];
      if ('421' in answers) await expectHalf421(service, route.method, url);
      if (route.method !== 'GET' && '403' in answers) {
        const headers = { origin: 'http://evil.example' };
        expect(await status(service, route.method, url, { headers })).toBe(403);
      }
      if (route.operation['x-roles'] === undefined) continue;
      expect(await status(service, route.method, url)).toBe(401);
      const roles = route.operation['x-roles'];
      const lesser = (['read', 'submit', 'worker'] as const).find((role) => !roles.includes(role));
      if (lesser === undefined) continue;
      expect(await status(service, route.method, url, bearer(TOKENS[lesser]))).toBe(403);
    }
    for (let i = 0; i < 10; i++) await service.get('/api/v1/jobs', bearer('wrong'));
    for (const route of witness.routes.filter(
      ({ operation }) => operation['x-roles'] !== undefined,
    ))
      expect(await status(service, route.method, addressOf(route))).toBe(429);
  }));

async function expectHalf421(service: Service, method: string, url: string): Promise<void> {
  const head = `${method} ${url} HTTP/1.1\r\nHost: evil.example\r\nConnection: close`;
  const { status: got, body } = await halfSent(service, head);
  expect([method, url, got]).toEqual([method, url, 421]);
  witness.saw(method, url, got, 'application/problem+json', body);
}

/** What needs no store cannot fail for want of it. */
test('a store that is gone is a bug of ours on every route that needs it, and tells nothing', () =>
  withService({ context: { rules: { ...rules, trusting: true } } }, async (given) => {
    const service = await learned(given);
    service.db.close();
    for (const { method, path, operation } of witness.routes) {
      if (!('500' in operation.responses)) continue;
      const body = requestOf(method, path);
      const answer = await service.get(addressOf({ method, path, operation }), { method, ...body });
      if (answer.status !== 500) continue;
      const text = await answer.text();
      expect(text).not.toMatch(/sqlite|libsql|database|node:/i);
      witness.saw(method, path, 500, 'application/problem+json', text);
    }
  }));

test('a queue or a store that breaks under a session or a dead letter tells nothing either', async () => {
  const broken = async () => {
    throw new TypeError('node:internal');
  };
  await withService({ context: { queues: queuesWith({ deadLetters: broken }) } }, async (given) => {
    await expectAll(await learned(given), [
      [500, 'GET', '/api/v1/dead'],
      [500, 'POST', '/api/v1/dead', json({ queue: 'captures', id: 'j_1' })],
    ]);
  });
  await withService({ context: { rules } }, async (given) => {
    const service = await learned(given, bearer(TOKENS.admin));
    service.db.close();
    const headers = { cookie: 'deadair_session=x' };
    await expectAll(service, [
      [500, 'POST', '/api/v1/session', json({ token: TOKENS.read })],
      [500, 'GET', '/api/v1/session', { headers }],
      [500, 'DELETE', '/api/v1/session', { headers }],
    ]);
  });
});

function requestOf(method: string, path: string): RequestInit {
  if (method === 'GET' || method === 'DELETE') return {};
  if (path === '/api/v1/captures') return bytes(CAPTURE);
  if (path.endsWith('/report')) return json({});
  if (path === '/api/v1/batches') return json(aBatch());
  if (path === '/api/v1/dead') return json({ queue: 'captures', id: 'x' });
  if (path === '/api/v1/session') return json({ token: 'x' });
  if (path.includes('/jobs/')) return json({ state: 'running', worker: 'x' });
  return json({ comment: 'x' });
}

/** Each with its reason. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'PUT /api/v1/jobs/{id}/report → 507': 'needs a full disk: the tests of serve have one',
  'GET /api/v1/findings/{id}/packets → 200': 'needs packets of a live capture: test/ladder.test.ts',
};

test('nothing that the document promises was left out', () => {
  const missing = witness.missing().filter((line) => ELSEWHERE[line] === undefined);
  expect(missing).toEqual([]);
});
