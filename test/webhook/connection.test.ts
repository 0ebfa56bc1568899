/** Deliveries to one endpoint share connections: what is kept, what is not, and what a closed one costs. */
import { beforeAll, describe, expect, test } from 'vitest';
import { type Bench, withBench } from './bench.ts';
import { type Endpoint, withEndpoint } from './endpoint.ts';
import { created, type Kills, labKills } from './kills.ts';

let lab: Kills;
beforeAll(async () => {
  lab = await labKills();
});

const kill = (n: number) => {
  const finding = lab.findings[n];
  if (finding === undefined) throw new Error('too few kills in the lab capture');
  return created(finding);
};

const withBoth = (use: (bench: Bench, endpoint: Endpoint) => Promise<void>): Promise<void> =>
  withEndpoint((endpoint) => withBench((bench) => use(bench, endpoint)));

describe('the connection', () => {
  const oneByOne = async (bench: Bench, count: number) => {
    for (let n = 0; n < count; n++) {
      bench.happen(kill(n));
      await bench.settle();
      expect(await bench.deliver()).toEqual([{ kind: 'over' }]);
    }
  };

  test('deliveries that follow one another share one', () =>
    withBoth(async (bench, endpoint) => {
      await bench.subscribe({ url: endpoint.url });
      await oneByOne(bench, 4);
      expect(endpoint.received).toHaveLength(4);
      expect(endpoint.connections).toBe(1);
    }));

  test('one that the endpoint closed without a word costs no try', () =>
    withBoth(async (bench, endpoint) => {
      const { webhook } = await bench.subscribe({ url: endpoint.url });
      await oneByOne(bench, 1);
      const answer = endpoint.answer;
      // Heard on the kept connection, hung up on; heard again on a new one.
      endpoint.answer = (response, received) => {
        if (endpoint.received.length === 2) response.socket?.destroy();
        else answer(response, received);
      };
      bench.happen(kill(1));
      await bench.settle();
      expect(await bench.deliver()).toEqual([{ kind: 'over' }]);
      expect(endpoint.connections).toBe(2);
      const [first, again] = endpoint.received.slice(1);
      expect(again?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
      expect(bench.deliveries(webhook.id).at(-1)).toMatchObject({ state: 'delivered', tries: 1 });
    }));

  test('is never kept behind an answer that was not read to its end', () =>
    withBoth(async (bench, endpoint) => {
      await bench.subscribe({ url: endpoint.url });
      endpoint.answer = (response) => void response.writeHead(200).end('x'.repeat(200_000));
      await oneByOne(bench, 2);
      expect(endpoint.connections).toBe(2);
    }));
});
