/** What a second pair of eyes found: each of these pictures was told wrongly once. */
import { expect, test } from 'vitest';
import { analysisOf } from '../kit/analyse.ts';
import { exchange, opened } from '../kit/scenes.ts';

test('a bare acknowledgement after a silence hides neither the next silence nor its length', async () => {
  const { findings } = await analysisOf(`${opened()}
    25.0  client > server  ACK
    400.0  client > server  PSH ACK  20 bytes
    400.001  server > client  stateless  ttl 63`);
  expect(findings).toMatchObject([{ signature: 'late-reset', silenceNs: 375_000_000_000n }]);
});

test('a SYN that carries RST as well opens nothing, and is a reset with a cause', async () => {
  const { counters, resetsByCause } = await analysisOf(`${opened()}
    1.0  client > server  SYN RST
    ${exchange(30)}`);
  expect(counters.flows.seen).toBe(1);
  expect(Object.values(resetsByCause).reduce((a, b) => a + b, 0)).toBe(1);
});

test('a clock that steps while a trigger is unanswered leaves the silence unobserved', async () => {
  const { findings, silences } = await analysisOf(`${opened()}
    350.0  client > server  PSH ACK  20 bytes
    300350.0  server > client  stateless  ttl 63`);
  expect(findings).toEqual([]);
  expect(silences.unobserved).toBeGreaterThan(0);
});

test('the same return is seen by one shard and by two, a SYN repeated after the kill included', async () => {
  const picture = `${opened()}
    349.5  client:40009 > server  SYN
    350.0  client > server  PSH ACK  20 bytes
    350.001  server > client  stateless  ttl 63
    350.5  client:40009 > server  SYN  seq +0`;
  const returns = await Promise.all(
    [0, 2, 3].map(async (workers) => {
      const { findings } = await analysisOf(picture, { workers });
      return findings.map(({ record }) => record.reconnectedAtNs);
    }),
  );
  expect(new Set(returns.map(String)).size).toBe(1);
});
