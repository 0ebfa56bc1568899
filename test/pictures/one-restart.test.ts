/** A server that restarts takes its longest silences with it, and that looks like a threshold. */
import { expect, test } from 'vitest';
import { analysisOf } from '../kit/analyse.ts';
import { exchange, opened, together } from '../kit/scenes.ts';

/** The server's own kernel, at its own TTL and after its full round trip. */
const reset = (client: string, at: number): string => `
    ${at}  ${client} > server  PSH ACK  20 bytes  undelivered
    ${at + 0.02}  server > ${client}  stateless`;

/** Silent since about 1000 s, and awake again behind 4000 s. */
const KILLED = [0, 1, 2, 3].map((i) => {
  const client = `client${i + 1}`;
  const awake = [600 + 60 * i, 1000 + 137 * i].map((at) => exchange(at, client));
  return together(opened(i, client), ...awake, reset(client, 4010 + i * 61));
});

/** Silences of up to half an hour end well before it, and none is left open. */
const SURVIVED = Array.from({ length: 12 }, (_, i) => {
  const client = `client${20 + i}`;
  const at = 10 + 5 * i;
  const back = at + (i === 0 ? 1790 : 60 + 140 * i);
  return together(
    opened(at, client),
    exchange(back, client),
    `${back + 1}  ${client} > server  FIN ACK`,
    `${back + 1.02}  server > ${client}  FIN ACK`,
    `${back + 1.021}  ${client} > server  ACK`,
  );
});

const NEW_ONES = [0, 1, 2, 3].map((i) => opened(4010.5 + 61 * i, `client${40 + i}`));

const told = async (...pictures: readonly string[]) => {
  const { findings, paths } = await analysisOf(together(...pictures));
  return { verdicts: findings.map(({ verdict }) => verdict), timeout: paths[0]?.timeout };
};

const four = (verdict: string) => Array.from({ length: 4 }, () => verdict);

test('one restart explains four kills longer than all that survived: possible, and no T', async () => {
  const { verdicts, timeout } = await told(...KILLED, ...SURVIVED, ...NEW_ONES);
  expect(verdicts).toEqual(four('possible-box-timeout'));
  expect(timeout).toMatchObject({ status: 'refused', reason: 'one-moment' });
});

test('control: a connection older than all of them is answered afterwards: nobody restarted, a box did it', async () => {
  const old = [opened(0, 'client50')];
  for (let at = 60; at < 4400; at += 60) old.push(exchange(at, 'client50'));
  const { verdicts, timeout } = await told(...KILLED, ...SURVIVED, ...NEW_ONES, ...old);
  expect(verdicts).toEqual(four('box-timeout'));
  expect(timeout).toMatchObject({ status: 'estimated', basis: 'change-point' });
});

/** Three nights: three pool connections each, used by day, idle from the evening to six in the morning. */
function nights(client: (night: number, i: number) => string): string {
  const parts = [0, 1, 2].flatMap((night) =>
    [0, 1, 2].flatMap((i) => {
      const [name, day] = [client(night, i), night * 86_400];
      const used = Array.from({ length: 13 }, (_, k) =>
        exchange(day + 28_000 + 3300 * k + 97 * i, name),
      );
      return [opened(day + 25_200 + 50 * i, name), ...used, reset(name, day + 108_000 + 600 * i)];
    }),
  );
  return together(...parts);
}

test('a restart every night is as many moments as nights, and no timeout', async () => {
  const { verdicts, timeout } = await told(nights((night, i) => `client${night * 3 + i + 1}`));
  expect(new Set(verdicts)).toEqual(new Set(['possible-box-timeout']));
  expect(timeout).toMatchObject({ status: 'refused', reason: 'one-moment' });
});
