/** Subscriptions over the API: made, shown without secrets, changed, tested, sent again; and who may. */
import { Compile } from 'typebox/compile';
import { beforeAll, describe, expect, test } from 'vitest';
import { appendEvent } from '../../src/report/store/events.ts';
import { parseCursor } from '../../src/report/store/page.ts';
import { webhookRoutes } from '../../src/webhook/api/routes.ts';
import {
  AcceptedSchema,
  DeliverySchema,
  MadeWebhookSchema,
  WebhookSchema,
} from '../../src/webhook/api/schemas.ts';
import { Dispatcher } from '../../src/webhook/dispatcher.ts';
import { reachableWith } from '../../src/webhook/guard/addresses.ts';
import { webhookMetrics } from '../../src/webhook/metrics.ts';
import { sealOf } from '../../src/webhook/seal.ts';
import { Sender } from '../../src/webhook/sender.ts';
import { allTokens, type Service, TOKENS, withService } from '../kit/service.ts';
import { LOOPBACK } from './bench.ts';
import { withEndpoint } from './endpoint.ts';
import { created, type Kills, labKills } from './kills.ts';

let lab: Kills;
beforeAll(async () => {
  lab = await labKills();
});

const CHECKS = {
  webhook: Compile(WebhookSchema),
  made: Compile(MadeWebhookSchema),
  delivery: Compile(DeliverySchema),
  accepted: Compile(AcceptedSchema),
};

const partsOf = ({ data, db }: { data: string; db: Service['db'] }, allow: readonly string[]) => ({
  db,
  seal: sealOf(data),
  reach: reachableWith(allow),
});

const withApi = (use: (service: Service) => Promise<void>, allow = LOOPBACK): Promise<void> =>
  withService({ routes: (app, context) => webhookRoutes(app, partsOf(context, allow)) }, use);

const asked = (method: string, body?: object): RequestInit => ({
  method,
  ...(body === undefined
    ? {}
    : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
});

type Json = Record<string, unknown> & { id: string; secret: string; items: Json[] };
const json = async (response: Response): Promise<Json> => (await response.json()) as Json;

const WANTED = { url: 'http://127.0.0.1:9/hook?key=sesame', events: ['finding.created'] };

async function made(service: Service, wanted: object = WANTED): Promise<Json> {
  const response = await service.get('/api/v1/webhooks', asked('POST', wanted));
  expect(response.status).toBe(201);
  return json(response);
}

/** What the webhooks process does, once. */
async function sendAll({ data, db }: Service): Promise<void> {
  const parts = partsOf({ data, db }, LOOPBACK);
  const sender = new Sender({ ...parts, version: '0' });
  const ids: string[] = [];
  const enqueue = async (tasks: readonly { id: string }[]) =>
    void ids.push(...tasks.map(({ id }) => id));
  const dispatcher = new Dispatcher({ db, enqueue });
  while (await dispatcher.turn());
  for (const id of ids) await sender.send(id, false);
}

describe('subscribing', () => {
  test('the key is shown once; neither it nor what else is secret is ever shown again', () =>
    withApi(async (service) => {
      const wanted = { ...WANTED, headers: { Authorization: 'Bearer open-please' } };
      const first = await made(service, wanted);
      expect(CHECKS.made.Check(first)).toBe(true);
      const one = await service.get(`/api/v1/webhooks/${first.id}`);
      const list = await service.get('/api/v1/webhooks');
      const rotated = await service.get(`/api/v1/webhooks/${first.id}/rotate`, asked('POST'));
      const fresh = await json(rotated);
      expect(fresh.secret).toMatch(/^whsec_/);
      expect(fresh.secret).not.toBe(first.secret);
      const shown = `${await one.clone().text()}${await list.clone().text()}`;
      for (const hidden of ['sesame', 'open-please', 'whsec_']) expect(shown).not.toContain(hidden);
      expect(CHECKS.webhook.Check(await one.json())).toBe(true);
      expect((await json(list)).items).toHaveLength(1);
    }));

  test('the URL of a chat is its key, and is not shown', () =>
    withApi(async (service) => {
      const url = 'http://127.0.0.1:9/services/T000/B000/XXXX';
      const { format, group, ...rest } = await made(service, { ...WANTED, url, format: 'slack' });
      expect([rest['url'], format, group]).toEqual(['http://127.0.0.1:9/…', 'slack', 'off']);
    }));

  test('alertmanager and pagerduty are always grouped', () =>
    withApi(async (service) => {
      expect(await made(service, { ...WANTED, format: 'alertmanager' })).toMatchObject({
        group: 'path',
      });
      const duty = await made(service, { ...WANTED, format: 'pagerduty', routingKey: 'R0UT3' });
      expect(duty).toMatchObject({ group: 'path' });
      expect(JSON.stringify(duty)).not.toContain('R0UT3');
    }));

  test.each<[string, object, number, RegExp]>([
    ['a private address', { ...WANTED, url: 'http://10.0.0.5/' }, 422, /--webhook-allow/],
    ['the metadata service', { ...WANTED, url: 'http://169.254.169.254/' }, 422, /--webhook-allow/],
    ['another scheme', { ...WANTED, url: 'gopher://example.org/' }, 422, /http or https/],
    ['a header of ours', { ...WANTED, headers: { 'webhook-id': 'x' } }, 422, /not yours/],
    ['pagerduty without a key', { ...WANTED, format: 'pagerduty' }, 422, /routingKey/],
    ['no events', { ...WANTED, events: [] }, 400, /events/],
    ['an unknown event', { ...WANTED, events: ['finding.deleted'] }, 400, /events/],
    ['an unknown field', { ...WANTED, allow: ['10.0.0.0/8'] }, 400, /additional/],
    ['a header value with a line end', { ...WANTED, headers: { a: 'x\r\ny: z' } }, 400, /headers/],
  ])('%s is refused', (_, wanted, status, why) =>
    withApi(async (service) => {
      const response = await service.get('/api/v1/webhooks', asked('POST', wanted));
      expect(response.status).toBe(status);
      expect(response.headers.get('content-type')).toContain('application/problem+json');
      expect((await json(response))['detail']).toMatch(why);
    }),
  );

  test('changing the URL is checked like making one', () =>
    withApi(async (service) => {
      const { id } = await made(service);
      const to = (url: string) => service.get(`/api/v1/webhooks/${id}`, asked('PATCH', { url }));
      expect((await to('http://10.0.0.5/')).status).toBe(422);
      expect(await json(await to('http://127.0.0.2:9/other'))).toMatchObject({
        url: 'http://127.0.0.2:9/other',
      });
    }));

  test('paused and woken, deleted, and gone', () =>
    withApi(async (service) => {
      const { id } = await made(service);
      const one = `/api/v1/webhooks/${id}`;
      for (const state of ['paused', 'active']) {
        expect(await json(await service.get(one, asked('PATCH', { state })))).toMatchObject({
          state,
        });
      }
      expect((await service.get(one, asked('DELETE'))).status).toBe(204);
      for (const [method, path] of [
        ['GET', one],
        ['DELETE', one],
        ['GET', `${one}/deliveries`],
        ['POST', `${one}/test`],
        ['POST', `${one}/rotate`],
        ['POST', '/api/v1/deliveries/msg_0/redeliver'],
      ] as const) {
        expect([method, path, (await service.get(path, asked(method))).status]).toEqual([
          method,
          path,
          404,
        ]);
      }
    }));
});

describe('deliveries', () => {
  test('a test message, a finding, and the log of both with every attempt', () =>
    withEndpoint((endpoint) =>
      withApi(async (service) => {
        const { id } = await made(service, { ...WANTED, url: endpoint.url });
        const tried = await service.get(`/api/v1/webhooks/${id}/test`, asked('POST'));
        expect(tried.status).toBe(202);
        const accepted = await json(tried);
        expect(CHECKS.accepted.Check(accepted)).toBe(true);
        const [finding] = lab.findings;
        if (finding === undefined) throw new Error('no kill');
        appendEvent(service.db, created(finding), Date.now());
        endpoint.answer = (response) => void response.writeHead(200).end('thanks');
        await sendAll(service);
        const { items } = await json(await service.get(`/api/v1/webhooks/${id}/deliveries`));
        const types = items.map((item) => item['type']);
        expect(new Set(types)).toEqual(new Set(['finding.created', 'webhook.test']));
        for (const item of items) {
          expect([...CHECKS.delivery.Errors(item)]).toEqual([]);
          expect(item).toMatchObject({
            state: 'delivered',
            attempts: [{ status: 200, answer: 'thanks' }],
          });
        }
        expect(items.map((item) => item.id)).toContain(accepted['delivery']);
      }),
    ));

  test('sent again under the same id', () =>
    withEndpoint((endpoint) =>
      withApi(async (service) => {
        const { id } = await made(service, { ...WANTED, url: endpoint.url });
        const tested = await json(await service.get(`/api/v1/webhooks/${id}/test`, asked('POST')));
        const delivery = String(tested['delivery']);
        await sendAll(service);
        const again = await service.get(`/api/v1/deliveries/${delivery}/redeliver`, asked('POST'));
        expect(again.status).toBe(202);
        await sendAll(service);
        expect(endpoint.received.map(({ headers }) => headers['webhook-id'])).toEqual([
          delivery,
          delivery,
        ]);
      }),
    ));

  test('a page at a time, and by state', () =>
    withApi(async (service) => {
      const { id } = await made(service);
      for (let i = 0; i < 5; i++) await service.get(`/api/v1/webhooks/${id}/test`, asked('POST'));
      const seen = new Set<string>();
      let query = '?limit=2';
      for (let pages = 0; query !== ''; pages++) {
        expect(pages).toBeLessThan(4);
        const page = await json(await service.get(`/api/v1/webhooks/${id}/deliveries${query}`));
        for (const item of page.items) seen.add(item.id);
        const next = page['next'] as string | null;
        query = next === null ? '' : `?limit=2&cursor=${next}`;
        expect(next === null || parseCursor(next) !== null).toBe(true);
      }
      expect(seen.size).toBe(5);
      const delivered = `/api/v1/webhooks/${id}/deliveries?state=delivered`;
      expect((await json(await service.get(delivered))).items).toEqual([]);
    }));
});

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe('who may', () => {
  test('admins alone, on every route', () =>
    withService(
      {
        context: { rules: { tokens: allTokens(), trusting: false, names: [], scheme: 'http' } },
        routes: (app, context) => webhookRoutes(app, partsOf(context, LOOPBACK)),
      },
      async (service) => {
        const asAdmin = { headers: bearer(TOKENS.admin) };
        const document = (await (await service.get('/openapi.json', asAdmin)).json()) as {
          readonly paths: Readonly<Record<string, object>>;
        };
        const ours = Object.entries(document.paths).filter(([path]) =>
          /webhooks|deliver/.test(path),
        );
        const routes = ours.flatMap(([path, methods]) =>
          Object.keys(methods).map((method) => [method.toUpperCase(), path] as const),
        );
        expect(routes).toHaveLength(9);
        for (const [method, path] of routes) {
          const status = async (headers: Record<string, string>): Promise<number> =>
            (await service.get(path.replace('{id}', 'x'), { method, headers })).status;
          for (const role of ['read', 'submit', 'worker'] as const) {
            expect([method, path, await status(bearer(TOKENS[role]))]).toEqual([method, path, 403]);
          }
          expect([method, path, await status({})]).toEqual([method, path, 401]);
          expect([401, 403]).not.toContain(await status(bearer(TOKENS.admin)));
        }
        const wrong = await service.get('/api/v1/webhooks', {
          headers: bearer('wrong-0123456789'),
        });
        expect(wrong.status).toBe(401);
      },
    ));
});

test('metrics say how many there are of each state, and how long the oldest waits', () =>
  withApi(async (service) => {
    const { id } = await made(service);
    await service.get(`/api/v1/webhooks/${id}/test`, asked('POST'));
    const text = await webhookMetrics(service.db, Date.now() + 5000);
    expect(text).toContain('deadair_webhooks{state="active"} 1');
    expect(text).toContain('deadair_webhook_deliveries{state="pending"} 1');
    expect(text).toContain('deadair_webhook_deliveries{state="delivered"} 0');
    const waits = Number(/^deadair_webhook_oldest_pending_seconds (.*)$/m.exec(text)?.[1]);
    expect(waits).toBeGreaterThanOrEqual(5);
    expect(waits).toBeLessThan(60);
  }));
