/** A trigger after a silence is answered by a reset: who made the reset decides what it means. */
import { expect, test } from 'vitest';
import { analysisOf, findingsOn } from '../kit/analyse.ts';
import { exchange, opened } from '../kit/scenes.ts';

/** Client side capture: the server is 20 ms and ten hops away (TTL 54), a box one hop (TTL 63). */
const SILENT_350 = `${opened()}
  350.0501  client > server  PSH ACK  20 bytes`;

const lateReset = (ending: string): string => `${SILENT_350}\n  ${ending}`;

test('a connection that wakes after 350 s and is reset at another TTL was cut by a box', async () => {
  expect(await findingsOn(lateReset('350.0511  server > client  stateless  ttl 63'))).toMatchObject(
    [
      {
        signature: 'late-reset',
        verdict: 'box-timeout',
        emitter: { is: 'middlebox' },
        silence: { seconds: 350, clock: 'packet' },
        trigger: { kind: 'data', by: 'originator', payloadBytes: 20, retransmissions: 0 },
        ending: { kind: 'rst', by: 'responder', form: 'stateless', latencySeconds: 0.001 },
        flow: { originator: { address: '10.0.0.2', port: 40001 }, responder: { port: 27017 } },
      },
    ],
  );
});

test('a stateless reset at the TTL and the distance of the endpoint may as well be a reboot: possible, no more', async () => {
  const found = await findingsOn(lateReset('350.0701  server > client  stateless'));
  expect(found).toMatchObject([{ signature: 'late-reset', verdict: 'possible-box-timeout' }]);
  expect(found[0]?.emitter.is).not.toBe('middlebox');
  expect(found[0]?.confidence).toBeLessThan(0.8);
});

test('where the TTL is rewritten, a reset that comes back in a fraction of the round trip was made on the way', async () => {
  expect(await findingsOn(lateReset('350.0506  server > client  stateless'))).toMatchObject([
    { signature: 'late-reset', verdict: 'box-timeout', emitter: { is: 'middlebox' } },
  ]);
});

test('over IPv6 there is no IP-ID, and the hop limit tells the same', async () => {
  const picture = lateReset('350.0511  server > client  stateless  ttl 63');
  expect(await findingsOn(picture, { ip: 6 })).toMatchObject([
    {
      signature: 'late-reset',
      verdict: 'box-timeout',
      flow: { originator: { address: '2001:db8:1::2' } },
    },
  ]);
});

test('a reset that acknowledges the trigger comes from someone who still had the connection', async () => {
  const { findings, resetsByCause } = await analysisOf(
    lateReset('350.0701  server > client  socket'),
  );
  expect(findings.filter(({ verdict }) => verdict !== 'endpoint-timer')).toEqual([]);
  expect(resetsByCause['late-reset'] ?? 0).toBe(0);
});

test('a load balancer that answered the handshake itself is known by its TTL on the reset', async () => {
  const picture = `
      0.000  client > server  SYN
      0.020  server > client  SYN ACK  ttl 251
      0.021  client > server  ACK
      0.022  client > server  PSH ACK  100 bytes
      0.050  server > client  PSH ACK  300 bytes  ttl 52
      0.051  client > server  ACK
    200.051  client > server  PSH ACK  20 bytes
    200.071  server > client  stateless  ttl 251`;
  expect(await findingsOn(picture)).toMatchObject([
    { signature: 'late-reset', verdict: 'box-timeout', emitter: { is: 'middlebox' } },
  ]);
});

test('a silence shorter than asked for is not reported, and its reset is counted as having none', async () => {
  const picture = `${opened()}
    15.0501  client > server  PSH ACK  20 bytes
    15.0511  server > client  stateless  ttl 63`;
  const { findings, resetsByCause } = await analysisOf(picture);
  expect(findings).toEqual([]);
  expect(resetsByCause).toMatchObject({ 'no-silence': 1 });
  expect(await findingsOn(picture, { shortestSeconds: 10 })).toHaveLength(1);
});

test('a pause of a few round trips is no silence, however short one asks for', async () => {
  const picture = `
      0.0  client > server  SYN
      0.6  server > client  SYN ACK
      0.6  client > server  ACK
      0.7  client > server  PSH ACK  100 bytes
      1.3  server > client  PSH ACK  100 bytes
      1.3  client > server  ACK
      4.3  client > server  PSH ACK  100 bytes
      4.31  server > client  stateless  ttl 63`;
  const found = await findingsOn(picture, { shortestSeconds: 1 });
  expect(found.filter(({ verdict }) => verdict === 'box-timeout')).toEqual([]);
});

test('a trigger sent three times before the reset comes is still one trigger after one silence', async () => {
  const picture = `${SILENT_350}
    350.3  client > server  RETRANSMIT
    350.9  client > server  RETRANSMIT
    350.901  server > client  stateless  ttl 63`;
  expect(await findingsOn(picture)).toMatchObject([
    { signature: 'late-reset', silence: { seconds: 350 }, trigger: { retransmissions: 2 } },
  ]);
});

test('a missing timestamp option speaks against the endpoint; one cut off by the snaplen says nothing', async () => {
  const picture = lateReset('350.0511  server > client  stateless  ttl 63');
  const about = (found: Awaited<ReturnType<typeof findingsOn>>): readonly string[] =>
    [
      ...(found[0]?.evidence ?? []).map(({ fact }) => fact),
      ...(found[0]?.emitter.because ?? []),
    ].filter((fact) => /timestamp/i.test(fact) && !/unknown|cut/i.test(fact));
  expect(about(await findingsOn(picture))).not.toEqual([]);
  const cut = await findingsOn(picture, { snaplen: 54 });
  expect(cut).toMatchObject([{ signature: 'late-reset', verdict: 'box-timeout' }]);
  expect(about(cut)).toEqual([]);
});

test('silences that ended well below the deadly one are counted as survived', async () => {
  const picture = `${opened()}${exchange(60)}${exchange(180)}
    530.0201  client > server  PSH ACK  20 bytes
    530.0211  server > client  stateless  ttl 63`;
  const { silences, findings } = await analysisOf(picture);
  expect(silences).toMatchObject({ survived: 2, killed: 1, unobserved: 0 });
  expect(findings).toHaveLength(1);
});

test('a TTL that a program has set itself (eBGP: 1) says nothing of the kernel that answers for it', async () => {
  const ending = '350.0701  server > client  stateless  ttl 64';
  expect(await findingsOn(lateReset(ending), { ttl: { server: 1 } })).toMatchObject([
    { verdict: 'possible-box-timeout', emitter: { is: 'unknown' } },
  ]);
  expect(await findingsOn(lateReset(ending), { ttl: { server: 54 } })).toMatchObject([
    { verdict: 'box-timeout', emitter: { is: 'middlebox' } },
  ]);
});

const USED_LATER = [2, 4, 6, 8].map((at) => exchange(at)).join('\n');
const USED = `${exchange(0)}${USED_LATER}`;

test('a server that thinks 20 ms before each answer is not 20 ms away: its kernel may reset at once', async () => {
  const ending = `
    120.0000  client > server  PSH ACK  20 bytes
    120.0002  server > client  stateless`;
  const [found] = await findingsOn(`${USED}${ending}`);
  expect(found).toMatchObject({ verdict: 'possible-box-timeout' });
  expect(found?.evidence.map(({ fact }) => fact).join()).toContain('never took less than 20');
  expect(await findingsOn(`${opened()}${USED_LATER}${ending}`)).toMatchObject([
    { verdict: 'box-timeout', emitter: { is: 'middlebox' } },
  ]);
});

/** The server's side: its own kernel times what the client acknowledges. */
const pushed = (acknowledgedAfter: number, handshake = ''): string =>
  [
    handshake,
    ...[1, 3, 5].map(
      (at) => `
    ${at}.0  server > client  PSH ACK  50 bytes
    ${(at + acknowledgedAfter).toFixed(4)}  client > server  ACK`,
    ),
    `
    200.0000  server > client  PSH ACK  50 bytes
    200.0003  client > server  stateless`,
  ].join('');

test('a client that delays its acknowledgements is not far away; one whose handshake took as long is', async () => {
  expect(await findingsOn(pushed(0.04))).toMatchObject([
    { verdict: 'possible-box-timeout', ending: { by: 'originator' } },
  ]);
  const far = `
    0.0  client > server  SYN
    0.0001  server > client  SYN ACK
    0.0401  client > server  ACK`;
  expect(await findingsOn(pushed(0.04, far))).toMatchObject([
    { verdict: 'box-timeout', emitter: { is: 'middlebox' } },
  ]);
  const near = far.replace('0.0401', '0.0003');
  expect(await findingsOn(pushed(0.04, near))).toMatchObject([{ verdict: 'possible-box-timeout' }]);
  const twice = far.replace('0.0401', '0.0200  server > client  SYN ACK  seq +0\n    0.0401');
  expect(await findingsOn(pushed(0.04, twice))).toMatchObject([
    { verdict: 'possible-box-timeout' },
  ]);
});
