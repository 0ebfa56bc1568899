/** A client whose connection was killed comes back: how much time it lost. */
import { expect, test } from 'vitest';
import { analysisOf } from '../kit/analyse.ts';
import { opened } from '../kit/scenes.ts';

const KILLED = `${opened()}
  350.0501  client > server  PSH ACK  20 bytes
  350.0511  server > client  stateless  ttl 63`;

const CAME_BACK = `
  350.3011  client:40009 > server  SYN
  350.3211  server > client:40009  SYN ACK  ttl 54
  350.3212  client:40009 > server  ACK`;

test('the first SYN of the same client to the same service is its return, a quarter of a second later', async () => {
  const { findings } = await analysisOf(KILLED + CAME_BACK);
  const [finding] = findings;
  expect((finding?.record.reconnectedAtNs ?? 0n) - (finding?.ending.atNs ?? 0n)).toBe(250_000_000n);
  expect(finding?.evidence.map(({ fact }) => fact)).toContainEqual(
    expect.stringContaining('connected again 250 ms later, from port 40009'),
  );
});

test('a connection to another port is no return, nor is one that comes an hour later', async () => {
  const others = `
  350.4  client:40010 > server:27018  SYN
  3950.3  client:40011 > server  SYN`;
  const { findings } = await analysisOf(KILLED + others);
  expect(findings.map(({ record }) => record.reconnectedAtNs)).toEqual([0n]);
});

test('whichever shard keeps the new connection, the return is seen', async () => {
  for (const workers of [0, 2, 3]) {
    const { findings } = await analysisOf(KILLED + CAME_BACK, { workers });
    expect(findings[0]?.record.reconnectPort).toBe(40_009);
  }
});
