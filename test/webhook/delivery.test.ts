/** From an event in the store to a signed request, and what every kind of answer leads to. */
import { Webhook } from 'standardwebhooks';
import { beforeAll, describe, expect, test } from 'vitest';
import { attemptsOf, redeliver } from '../../src/report/store/deliveries.ts';
import { webhookOf } from '../../src/report/store/webhooks.ts';
import {
  patchWebhook,
  ROTATION_MS,
  rotateWebhook,
  testWebhook,
} from '../../src/webhook/registry.ts';
import { GIVE_UP_AFTER_MS, TRIES, WAITS_MS } from '../../src/webhook/schedule.ts';
import type { Secrets } from '../../src/webhook/subscription.ts';
import { type Bench, withBench } from './bench.ts';
import { type Endpoint, type Received, withEndpoint } from './endpoint.ts';
import { created, type Kills, labKills } from './kills.ts';

let lab: Kills;
beforeAll(async () => {
  lab = await labKills();
});

const kill = (n = 0) => {
  const finding = lab.findings[n];
  if (finding === undefined) throw new Error('too few kills in the lab capture');
  return created(finding);
};

const withBoth = (use: (bench: Bench, endpoint: Endpoint) => Promise<void>): Promise<void> =>
  withEndpoint((endpoint) => withBench((bench) => use(bench, endpoint)));

/** The package compares the timestamp with the clock of the machine, so the bench's clock follows it. */
const verified = (secret: string, { headers, body }: Received): unknown =>
  new Webhook(secret).verify(body, headers as Record<string, string>);

async function oneDelivery(bench: Bench, endpoint: Endpoint) {
  const { webhook, secret } = await bench.subscribe({ url: endpoint.url });
  bench.happen(kill());
  await bench.settle();
  const [delivery] = bench.deliveries(webhook.id);
  if (delivery === undefined) throw new Error('no delivery was made');
  return { webhook, secret, id: delivery.id };
}

describe('what is sent', () => {
  test('a finding arrives signed, and the standardwebhooks package opens it', () =>
    withBoth(async (bench, endpoint) => {
      bench.clockMs = Date.now();
      const { secret, id } = await oneDelivery(bench, endpoint);
      expect(await bench.deliver()).toEqual([{ kind: 'over' }]);
      const [received] = endpoint.received as [Received];
      expect(verified(secret, received)).toEqual({
        type: 'finding.created',
        timestamp: new Date(bench.clockMs).toISOString(),
        data: lab.findings[0],
      });
      expect(received.headers['webhook-id']).toBe(id);
      expect(received.headers['content-length']).toBe(String(Buffer.byteLength(received.body)));
      expect(received.headers['content-type']).toBe('application/json');
      expect(bench.delivery(id)).toMatchObject({ state: 'delivered', tries: 1, lastStatus: 204 });
      expect(() => verified(secret, { ...received, body: `${received.body} ` })).toThrow();
    }));

  test('while a key rotates both keys open it, a day later only the new one', () =>
    withBoth(async (bench, endpoint) => {
      bench.clockMs = Date.now() - ROTATION_MS;
      const { webhook, secret } = await bench.subscribe({ url: endpoint.url });
      const fresh = rotateWebhook(bench, webhook.id)?.secret ?? '';
      expect(fresh).not.toBe(secret);
      bench.clockMs = Date.now() - 60_000;
      testWebhook(bench, webhook.id);
      await bench.settle();
      await bench.deliver();
      const [both] = endpoint.received as [Received];
      expect(verified(secret, both)).toMatchObject({ type: 'webhook.test' });
      expect(verified(fresh, both)).toMatchObject({ type: 'webhook.test' });
      bench.clockMs = Date.now() + 1000;
      testWebhook(bench, webhook.id);
      await bench.settle();
      await bench.deliver();
      const late = endpoint.received[1] as Received;
      expect(verified(fresh, late)).toMatchObject({ type: 'webhook.test' });
      expect(() => verified(secret, late)).toThrow(/signature/i);
    }));

  test('a key that is changed, and headers that are, count from the next delivery on', () =>
    withBoth(async (bench, endpoint) => {
      bench.clockMs = Date.now();
      const { webhook } = await oneDelivery(bench, endpoint);
      await bench.deliver();
      const fresh = rotateWebhook(bench, webhook.id)?.secret ?? '';
      await patchWebhook(bench, webhook.id, { headers: { 'x-later': 'yes' } });
      testWebhook(bench, webhook.id);
      await bench.settle();
      await bench.deliver();
      const second = endpoint.received[1] as Received;
      expect(verified(fresh, second)).toMatchObject({ type: 'webhook.test' });
      expect(second.headers['x-later']).toBe('yes');
    }));

  test('the same finding under the same subscription has one id, under another a different one', () =>
    withBoth(async (bench, endpoint) => {
      const first = await bench.subscribe({ url: endpoint.url });
      const second = await bench.subscribe({ url: endpoint.url });
      bench.happen(kill(), kill());
      await bench.settle();
      const ids = [first, second].map(({ webhook }) =>
        bench.deliveries(webhook.id).map(({ id }) => id),
      );
      expect(ids.map((each) => each.length)).toEqual([1, 1]);
      expect(ids[0]).not.toEqual(ids[1]);
    }));

  test('custom headers are sent; their values, the key and the URL’s secrets lie nowhere in the open', () =>
    withBoth(async (bench, endpoint) => {
      const { webhook, secret } = await bench.subscribe({
        url: `${endpoint.url}?key=sesame`,
        headers: { Authorization: 'Bearer open-please' },
      });
      testWebhook(bench, webhook.id);
      await bench.settle();
      await bench.deliver();
      expect(endpoint.received[0]?.headers['authorization']).toBe('Bearer open-please');
      const everything = ['webhooks', 'deliveries', 'delivery_attempts']
        .flatMap((table) => bench.db.all<Record<string, unknown>>(`SELECT * FROM ${table}`))
        .flatMap((row) => Object.values(row))
        .map((value) =>
          value instanceof ArrayBuffer ? Buffer.from(value).toString('latin1') : value,
        )
        .join('\n');
      for (const hidden of ['sesame', 'open-please', secret])
        expect(everything).not.toContain(hidden);
      expect(webhook.settings).toMatchObject({ headers: ['Authorization'] });
      const opened = JSON.parse(bench.seal.open(webhook.sealed, webhook.id)) as Secrets;
      expect(opened.headers).toEqual({ Authorization: 'Bearer open-please' });
    }));
});

describe('what an answer leads to', () => {
  test('an endpoint that is down is asked ten times over three days, then it is a dead letter', () =>
    withBoth(async (bench, endpoint) => {
      endpoint.answer = (response) => void response.writeHead(500).end('broken');
      const { id } = await oneDelivery(bench, endpoint);
      const started = bench.clockMs;
      const waits: number[] = [];
      for (;;) {
        const sent = await bench.sender.send(id, false);
        if (sent.kind !== 'later') {
          expect(sent).toMatchObject({ kind: 'dead', why: expect.stringContaining('10 tries') });
          break;
        }
        waits.push(sent.inMs);
        bench.clockMs = bench.delivery(id).nextAt;
      }
      expect(waits).toEqual(WAITS_MS);
      expect(endpoint.received).toHaveLength(TRIES);
      expect((bench.clockMs - started) / 86_400_000).toBeCloseTo(3.15, 1);
      expect(bench.delivery(id)).toMatchObject({ state: 'failed', tries: TRIES, lastStatus: 500 });
      expect(attemptsOf(bench.db, id)[0]).toMatchObject({ status: 500, answer: 'broken' });
      expect(new Set(endpoint.received.map(({ headers }) => headers['webhook-id']))).toEqual(
        new Set([id]),
      );
      const times = endpoint.received.map(({ headers }) => headers['webhook-timestamp']);
      expect(new Set(times).size).toBe(TRIES);
    }));

  test('a try before its time is put off, not made', () =>
    withBoth(async (bench, endpoint) => {
      endpoint.answer = (response) => void response.writeHead(502).end();
      const { id } = await oneDelivery(bench, endpoint);
      await bench.sender.send(id, false);
      expect(await bench.sender.send(id, false)).toMatchObject({ kind: 'later' });
      expect(endpoint.received).toHaveLength(1);
    }));

  test.each([429, 503])('%i with Retry-After is asked again then, which costs no try', (status) =>
    withBoth(async (bench, endpoint) => {
      endpoint.answer = (response) =>
        void response.writeHead(status, { 'retry-after': '120' }).end();
      const { id } = await oneDelivery(bench, endpoint);
      expect(await bench.sender.send(id, false)).toEqual({ kind: 'later', inMs: 120_000 });
      expect(bench.delivery(id)).toMatchObject({ state: 'pending', tries: 0, lastStatus: status });
    }),
  );

  test('an endpoint that asks for later for ever is given up after four days', () =>
    withBoth(async (bench, endpoint) => {
      endpoint.answer = (response) =>
        void response.writeHead(503, { 'retry-after': '86400' }).end();
      const { id } = await oneDelivery(bench, endpoint);
      const started = bench.clockMs;
      let last = await bench.sender.send(id, false);
      while (last.kind === 'later') {
        bench.clockMs = bench.delivery(id).nextAt;
        last = await bench.sender.send(id, false);
      }
      expect(last).toMatchObject({ kind: 'dead', why: expect.stringContaining('for later') });
      expect(bench.clockMs - started).toBeLessThanOrEqual(GIVE_UP_AFTER_MS);
    }));

  test('410 disables the subscription and cancels what else was to go there', () =>
    withBoth(async (bench, endpoint) => {
      endpoint.answer = (response) => void response.writeHead(410).end();
      const { webhook, id } = await oneDelivery(bench, endpoint);
      bench.happen(kill(1));
      await bench.settle();
      expect(await bench.sender.send(id, false)).toMatchObject({ kind: 'dead' });
      expect(webhookOf(bench.db, webhook.id)).toMatchObject({
        state: 'disabled',
        problem: expect.stringContaining('410'),
      });
      expect(
        bench
          .deliveries(webhook.id)
          .map(({ state }) => state)
          .sort(),
      ).toEqual(['cancelled', 'failed']);
      bench.happen(kill(2));
      await bench.settle();
      expect(bench.deliveries(webhook.id)).toHaveLength(2);
      await patchWebhook(bench, webhook.id, { state: 'active' });
      bench.happen(kill(3));
      await bench.settle();
      expect(bench.deliveries(webhook.id)).toHaveLength(3);
    }));

  test.each([400, 401, 404, 422])('%i will not heal: no second try', (status) =>
    withBoth(async (bench, endpoint) => {
      endpoint.answer = (response) => void response.writeHead(status).end();
      const { id } = await oneDelivery(bench, endpoint);
      expect(await bench.sender.send(id, false)).toMatchObject({ kind: 'dead' });
      expect(bench.delivery(id)).toMatchObject({ state: 'failed', tries: 1 });
    }),
  );

  test('a redirect is a failure, and nobody goes where it points', () =>
    withBoth(async (bench, endpoint) => {
      await withEndpoint(async (other) => {
        endpoint.answer = (response) => void response.writeHead(301, { location: other.url }).end();
        const { id } = await oneDelivery(bench, endpoint);
        expect(await bench.sender.send(id, false)).toMatchObject({ kind: 'later' });
        expect(bench.delivery(id).lastProblem).toContain('redirects are not followed');
        expect(other.connections).toBe(0);
      });
    }));

  test('an endpoint that hangs up without an answer is tried again', () =>
    withBoth(async (bench, endpoint) => {
      endpoint.answer = (response) => void response.socket?.destroy();
      const { id } = await oneDelivery(bench, endpoint);
      expect(await bench.sender.send(id, false)).toMatchObject({ kind: 'later' });
      expect(bench.delivery(id).lastProblem).toMatch(/socket hang up|ECONNRESET/);
    }));

  test('an endpoint that says 200 and breaks off its body has taken it', () =>
    withBoth(async (bench, endpoint) => {
      endpoint.answer = (response) => {
        response.writeHead(200, { 'content-length': '1000' });
        response.write('o', () => response.socket?.destroy());
      };
      const { id } = await oneDelivery(bench, endpoint);
      expect(await bench.sender.send(id, false)).toEqual({ kind: 'over' });
    }));

  test('an endpoint that answers without end is hung up on, and little of it is kept', () =>
    withBoth(async (bench, endpoint) => {
      let closed = false;
      endpoint.answer = (response) => {
        response.on('close', () => (closed = true)).writeHead(200);
        const talk = (): void => {
          if (!closed) response.write('x'.repeat(16_384), () => setImmediate(talk));
        };
        talk();
      };
      const { id } = await oneDelivery(bench, endpoint);
      expect(await bench.sender.send(id, false)).toEqual({ kind: 'over' });
      expect(attemptsOf(bench.db, id)[0]?.answer).toHaveLength(1024);
      await expect.poll(() => closed).toBe(true);
    }));

  test('an endpoint that takes too long has not taken it', () =>
    withBoth(async (bench, endpoint) => {
      endpoint.answer = () => {};
      const { id } = await oneDelivery(bench, endpoint);
      expect(await bench.sender.send(id, false)).toMatchObject({ kind: 'later' });
      expect(bench.delivery(id).lastProblem).toBe('no answer within 2 s');
    }));

  test('a key file that does not fit is a failure with its reason, not three days of trying', () =>
    withBoth(async (bench, endpoint) => {
      const { webhook, id } = await oneDelivery(bench, endpoint);
      bench.db.run('UPDATE webhooks SET sealed = ? WHERE id = ?', Buffer.alloc(64), webhook.id);
      expect(await bench.sender.send(id, false)).toMatchObject({ kind: 'dead' });
      expect(bench.delivery(id).lastProblem).toContain('E_WEBHOOK_KEY');
      expect(endpoint.connections).toBe(0);
    }));
});

describe('once more', () => {
  test('a redelivery goes through the queue again under the same id', () =>
    withBoth(async (bench, endpoint) => {
      const { id } = await oneDelivery(bench, endpoint);
      await bench.deliver();
      redeliver(bench.db, id, bench.clockMs);
      await bench.settle();
      expect(bench.queue).toEqual([{ id, round: 1, delayMs: 0 }]);
      await bench.deliver();
      expect(endpoint.received.map(({ headers }) => headers['webhook-id'])).toEqual([id, id]);
      expect(attemptsOf(bench.db, id)).toHaveLength(2);
    }));

  test('a dead letter that is put back is sent again; one that merely comes twice is not', () =>
    withBoth(async (bench, endpoint) => {
      endpoint.answer = (response) => void response.writeHead(400).end();
      const { id } = await oneDelivery(bench, endpoint);
      await bench.sender.send(id, false);
      expect(await bench.sender.send(id, false)).toMatchObject({ kind: 'dead' });
      expect(endpoint.received).toHaveLength(1);
      endpoint.answer = (response) => void response.writeHead(204).end();
      expect(await bench.sender.send(id, true)).toEqual({ kind: 'over' });
      expect(bench.delivery(id)).toMatchObject({ state: 'delivered', tries: 1 });
    }));

  test('what the queue did not take is offered again, and nothing of it is lost', () =>
    withBoth(async (bench, endpoint) => {
      const { webhook } = await bench.subscribe({ url: endpoint.url });
      const push = bench.queue.push.bind(bench.queue);
      bench.queue.push = () => {
        throw new Error('away');
      };
      bench.happen(kill());
      await expect(bench.settle()).rejects.toThrow('away');
      bench.queue.push = push;
      await bench.settle();
      expect(bench.queue.map(({ id }) => id)).toEqual(
        bench.deliveries(webhook.id).map(({ id }) => id),
      );
    }));

  test('a delivery that the queue lost is put on it again when its time is over', () =>
    withBoth(async (bench, endpoint) => {
      const { id } = await oneDelivery(bench, endpoint);
      bench.queue.length = 0;
      bench.clockMs += 120_000;
      await bench.settle();
      expect(bench.queue).toMatchObject([{ id }]);
    }));

  test('the log of finished deliveries goes after thirty days, with its attempts', () =>
    withBoth(async (bench, endpoint) => {
      const { webhook, id } = await oneDelivery(bench, endpoint);
      await bench.deliver();
      bench.clockMs += 29 * 86_400_000;
      await bench.settle();
      expect(bench.deliveries(webhook.id)).toHaveLength(1);
      bench.clockMs += 2 * 86_400_000;
      await bench.settle();
      expect(bench.deliveries(webhook.id)).toHaveLength(0);
      expect(attemptsOf(bench.db, id)).toHaveLength(0);
    }));
});
