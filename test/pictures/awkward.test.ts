/** Honest traffic and honest captures that look odd. */
import { expect, test } from 'vitest';
import { analysisOf, findingsOn } from '../kit/analyse.ts';
import { exchange, opened, together } from '../kit/scenes.ts';

const KILL = `
  350.0501  client > server  PSH ACK  20 bytes
  350.0511  server > client  stateless  ttl 63`;

test('a capture that shows an acknowledgement before the bytes it acknowledges has missed nothing', async () => {
  const { findings, silences } = await analysisOf(`${opened()}
    40.000000  client > server  PSH ACK  100 bytes
    40.020000  server > client  PSH ACK  200 bytes
    40.020100  client > server  ACK
    clock -0.001
    90.000000  client > server  PSH ACK  100 bytes
    clock -0.05
    90.020000  server > client  PSH ACK  200 bytes
    clock +0.051
    90.020100  client > server  ACK${KILL}`);
  expect(findings).toMatchObject([{ signature: 'late-reset', verdict: 'box-timeout' }]);
  expect(silences).toMatchObject({ unobserved: 0, survived: 2 });
});

test('bytes captured behind their own acknowledgement, in another order, have not been missed either', async () => {
  const swapped = `
    40.000000  client > server  PSH ACK  100 bytes  lost
    40.000010  server > client  ACK
    40.000020  client > server  RETRANSMIT`;
  const { findings, silences } = await analysisOf(`${opened()}${swapped}
    350.0000  client > server  PSH ACK  20 bytes
    350.0010  server > client  stateless  ttl 63`);
  expect(findings).toMatchObject([{ signature: 'late-reset', verdict: 'box-timeout' }]);
  expect(silences).toMatchObject({ killed: 1 });
});

test('both sides speak at once after the silence, and each answers the other: one survivor', async () => {
  const { findings, silences } = await analysisOf(`${opened()}
    350.050  client > server  PSH ACK  20 bytes  undelivered
    350.055  server > client  PSH ACK  40 bytes  undelivered
    350.056  client > server  ACK  ack +40
    350.060  server > client  ACK  ack +20`);
  expect(findings).toEqual([]);
  expect(silences).toMatchObject({ survived: 1, killed: 0, open: 0 });
});

test('a reset inside the window but not exact draws a challenge ACK, and the connection lives', async () => {
  const { findings, silences } = await analysisOf(`${opened()}
    100.000  server > client  RST  seq +1000  ttl 40 win 0 no-ts
    100.0001  client > server  ACK${exchange(100.5)}${exchange(140)}`);
  expect(findings.filter(({ verdict }) => verdict === 'box-timeout')).toEqual([]);
  expect(silences.killed).toBe(0);
});

test('a first sequence number of 2^32 − 1 is as good as any', async () => {
  const isn = { client: 0xffffffff, server: 0xffffffff };
  expect(await findingsOn(`${opened()}${KILL}`, { isn })).toMatchObject([
    { signature: 'late-reset', verdict: 'box-timeout', silence: { seconds: 350 } },
  ]);
});

test('a sender that gives up after six tries and aborts was in a black hole', async () => {
  const tries = [0.2, 0.6, 1.4, 3, 6.2, 12.6].map(
    (after) => `${(300 + after).toFixed(1)}  client > server  RETRANSMIT  undelivered`,
  );
  const picture = together(
    opened(),
    '300.0  client > server  PSH ACK  20 bytes  undelivered',
    ...tries,
    '320.0  client > server  socket',
    opened(500, 'client3', 'server2'),
  );
  const found = await findingsOn(picture);
  expect(found).toMatchObject([{ signature: 'blackhole', verdict: 'possible-box-timeout' }]);
});

test('an answer after six retransmissions is an answer', async () => {
  const tries = [0.2, 0.6, 1.4, 3, 6.2].map(
    (after) => `${(300 + after).toFixed(1)}  client > server  RETRANSMIT  undelivered`,
  );
  const { findings, silences } = await analysisOf(
    together(
      opened(),
      '300.0  client > server  PSH ACK  20 bytes  undelivered',
      ...tries,
      '312.6  client > server  RETRANSMIT',
      '312.62  server > client  PSH ACK  50 bytes',
      '312.63  client > server  ACK',
      exchange(315),
    ),
  );
  expect(findings).toEqual([]);
  expect(silences).toMatchObject({ survived: 1, killed: 0 });
});

test('of a capture that shows one direction only, nothing is concluded from missing answers', async () => {
  const tries = [0.2, 0.6, 1.4, 3, 6.2, 12.6].map(
    (after) => `${(300 + after).toFixed(1)}  client > server  RETRANSMIT`,
  );
  const picture = together(
    '0.00  client > server  PSH ACK  100 bytes\n1.00  client > server  PSH ACK  100 bytes',
    '300.0  client > server  PSH ACK  20 bytes',
    ...tries,
    opened(500, 'client3', 'server2'),
  );
  expect(await findingsOn(picture)).toEqual([]);
});

test('a retransmission that takes more bytes along is the trigger again', async () => {
  expect(
    await findingsOn(`${opened()}
    350.0501  client > server  PSH ACK  20 bytes  undelivered
    350.0600  client > server  PSH ACK  30 bytes  undelivered
    350.2800  client > server  PSH ACK  50 bytes  seq -50
    350.2810  server > client  RST  ttl 63 win 0 id 0 no-ts`),
  ).toMatchObject([{ signature: 'late-reset', verdict: 'box-timeout', silence: { seconds: 350 } }]);
});

test('one byte at the next number is data, not a probe', async () => {
  expect(
    await findingsOn(`${opened()}
    200.0501  client > server  PSH ACK  1 byte
    200.0511  server > client  stateless  ttl 63`),
  ).toMatchObject([{ signature: 'late-reset', trigger: { kind: 'data', payloadBytes: 1 } }]);
});

test('a handshake whose SYN and SYN-ACK were sent twice is one connection', async () => {
  const { counters, findings } = await analysisOf(`
      0.00  client > server  SYN
      1.00  client > server  SYN RETRANSMIT
      1.02  server > client  SYN ACK
      3.02  server > client  RETRANSMIT
      3.03  client > server  ACK
      3.04  client > server  PSH ACK  100 bytes
      3.06  server > client  ACK
    203.06  client > server  PSH ACK  20 bytes
    203.061  server > client  stateless  ttl 63`);
  expect(counters.flows).toMatchObject({ seen: 1, established: 1 });
  expect(findings).toMatchObject([{ signature: 'late-reset', verdict: 'box-timeout' }]);
});

test('a client that goes on sending into the dead tuple gets more resets, but died once', async () => {
  const { findings, resetsByCause } = await analysisOf(`${opened()}${KILL}
    350.06  client > server  PSH ACK  20 bytes
    350.061  server > client  stateless  ttl 63
    350.07  client > server  FIN ACK
    350.071  server > client  stateless  ttl 63`);
  expect(findings).toHaveLength(1);
  const causes = Object.values(resetsByCause as Readonly<Record<string, number>>);
  expect(causes.reduce((sum, count) => sum + count, 0)).toBe(3);
  expect(resetsByCause).toMatchObject({ 'late-reset': 1 });
});

test('a late acknowledgement behind a closed connection opens no new one', async () => {
  const { counters } = await analysisOf(`${opened()}
    1.00  client > server  FIN ACK
    1.02  server > client  FIN ACK
    1.03  client > server  ACK
    1.50  client > server  ACK`);
  expect(counters.flows).toMatchObject({ seen: 1 });
});

test('nanoseconds out of order between queues are no step of the clock', async () => {
  const { findings, silences } = await analysisOf(`${opened()}
    clock -0.020
    30.00  client > server  PSH ACK  100 bytes
    clock +0.020
    30.02  server > client  ACK${KILL}`);
  expect(findings).toMatchObject([{ signature: 'late-reset' }]);
  expect(silences.unobserved).toBe(0);
});

test('a half-closed connection that dies is not called a box timeout', async () => {
  const { findings } = await analysisOf(`${opened()}
      1.00  client > server  FIN ACK
      1.02  server > client  ACK
      2.00  server > client  PSH ACK  500 bytes
      2.01  client > server  ACK
    200.00  server > client  PSH ACK  500 bytes
    200.001  client > server  stateless  ttl 63`);
  expect(findings.filter(({ verdict }) => verdict === 'box-timeout')).toEqual([]);
});

test('a client host that fell asleep: all its connections pause together and go on', async () => {
  const clients = [1, 2, 3, 4].map((n) => `client${n}`);
  const picture = together(
    ...clients.flatMap((client, i) => [
      opened(i / 10, client),
      exchange(5 + i / 10, client),
      exchange(700 + i / 10, client),
    ]),
  );
  const { findings, silences } = await analysisOf(picture);
  expect(findings).toEqual([]);
  expect(silences).toMatchObject({ survived: 4, killed: 0 });
});
