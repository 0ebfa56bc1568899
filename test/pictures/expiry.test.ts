/** Resets and FINs that nothing triggered. */
import { expect, test } from 'vitest';
import { analysisOf, findingsOn } from '../kit/analyse.ts';
import { opened } from '../kit/scenes.ts';

test('resets to both ends within a millisecond, after 90 s of nothing: the box let go, and T is exact', async () => {
  const picture = `${opened()}
    90.0501  server > client  box  ttl 63
    90.0503  client > server  box  ttl 62`;
  expect(await findingsOn(picture)).toMatchObject([
    {
      signature: 'expiry-reset',
      verdict: 'box-timeout',
      silence: { seconds: 90 },
      trigger: { kind: 'none' },
      ending: { kind: 'rst' },
    },
  ]);
});

test("one reset alone is enough when its TTL is not the sender's", async () => {
  const picture = `${opened()}\n 90.0501  server > client  box  RST ACK  ttl 63`;
  expect(await findingsOn(picture)).toMatchObject([
    { signature: 'expiry-reset', verdict: 'box-timeout', emitter: { is: 'middlebox' } },
  ]);
});

test("a live socket that aborts after 90 s is an application's business", async () => {
  const { findings, resetsByCause } = await analysisOf(
    `${opened()}\n 90.0501  server > client  socket`,
  );
  expect(findings.filter(({ verdict }) => verdict === 'box-timeout')).toEqual([]);
  expect(resetsByCause['expiry-reset'] ?? 0).toBe(0);
});

test('a proxy that made the handshake (TTL 251) and resets with its own counter is told from the host behind it', async () => {
  const picture = `
      0.000  client > server  SYN      ttl 251 id 31756
      0.0001  server > client  SYN ACK
      0.020  client > server  ACK      ttl 251 id 31757
      0.030  client > server  PSH ACK  100 bytes  ttl 52 id 49424
      0.031  server > client  PSH ACK  300 bytes
      0.060  client > server  ACK      ttl 52 id 49425
    180.060  client > server  RST ACK  ttl 251 id 32788 win 9300 no-ts`;
  expect(await findingsOn(picture)).toMatchObject([
    {
      signature: 'expiry-reset',
      verdict: 'box-timeout',
      emitter: { is: 'middlebox' },
      silence: { seconds: 180 },
    },
  ]);
});

test('a FIN made on the way at expiry is expiry-fin', async () => {
  const picture = `${opened()}
    350.0501  server > client  FIN ACK  ttl 63 no-ts id 0
    350.0502  client > server  ACK`;
  expect(await findingsOn(picture)).toMatchObject([
    {
      signature: 'expiry-fin',
      emitter: { is: 'middlebox' },
      silence: { seconds: 350 },
      ending: { kind: 'fin' },
    },
  ]);
});

test('a FIN of the endpoint itself after the same silence is a close like any other', async () => {
  const { findings, silences } = await analysisOf(`${opened()}
    350.0501  server > client  FIN ACK
    350.0502  client > server  FIN ACK
    350.0702  server > client  ACK`);
  expect(findings).toEqual([]);
  expect(silences).toMatchObject({ closed: 1, killed: 0 });
});
