/** What a connection is, and which of its packets are the same packet. */
import { expect, test } from 'vitest';
import { analysisOf, type Drawn, findingsOn } from '../kit/analyse.ts';
import { opened } from '../kit/scenes.ts';

const KILLED = `${opened()}
  350.0501  client > server  PSH ACK  20 bytes
  350.0511  server > client  stateless  ttl 63`;

/** `word` behind every line. */
const everywhere = (picture: string, word: string): string =>
  picture
    .split('\n')
    .map((line) => (line.trim() === '' ? line : `${line}  ${word}`))
    .join('\n');

const CUT = [{ signature: 'late-reset', verdict: 'box-timeout', silence: { seconds: 350 } }];

test('a connection met mid-stream is a connection: it can be killed as well', async () => {
  const picture = `
      0.000  client > server  PSH ACK  100 bytes
      0.020  server > client  PSH ACK  300 bytes
      0.021  client > server  ACK
    350.021  client > server  PSH ACK  20 bytes
    350.022  server > client  stateless  ttl 63`;
  const { findings, counters } = await analysisOf(picture);
  expect(counters.flows).toMatchObject({ seen: 1, midStream: 1 });
  expect(findings).toMatchObject([{ signature: 'late-reset', verdict: 'box-timeout' }]);
});

test('a mirror port that shows every packet twice (TTL one lower) changes nothing', async () => {
  const { findings, resetsByCause, counters, silences } = await analysisOf(
    everywhere(KILLED, 'dup'),
  );
  expect(findings).toMatchObject([
    { signature: 'late-reset', verdict: 'box-timeout', silenceNs: 350_000_000_000n },
  ]);
  expect(findings[0]?.trigger.retransmissions).toBe(0);
  expect(resetsByCause).toEqual({ 'late-reset': 1, duplicate: 1 });
  expect(silences).toMatchObject({ killed: 1, survived: 0 });
  expect(counters.mirrored).toBeGreaterThanOrEqual(8);
});

test.each([1_000, 2_000, 3_000, 4_000, 5_000, 6_000, 7_000, 8_000])(
  'a FIN right behind an acknowledgement with the same numbers is no copy of it (sequence numbers from %d)',
  async (isn) => {
    const picture = `${opened()}
    10.000  server > client  ACK
    10.001  server > client  FIN ACK`;
    const { counters } = await analysisOf(picture, { isn: { client: isn, server: isn } });
    expect(counters.mirrored).toBe(0);
  },
);

test('exact copies are copies, not retransmissions', async () => {
  const { findings } = await analysisOf(everywhere(KILLED, 'dup-same'));
  expect(findings).toMatchObject([{ signature: 'late-reset', verdict: 'box-timeout' }]);
  expect(findings[0]?.trigger.retransmissions).toBe(0);
});

test.each([
  ['the client', { client: 0xffffffce, server: 5_000 }],
  ['the server', { client: 7_000, server: 0xfffffff0 }],
])('sequence numbers of %s that pass 2^32 are a circle', async (_who, isn) => {
  expect(await findingsOn(KILLED, { isn })).toMatchObject(CUT);
});

test('a trigger that itself crosses 2^32 is retransmitted like any other', async () => {
  const picture = `${opened()}
    350.0501  client > server  PSH ACK  20 bytes  undelivered
    350.30  client > server  RETRANSMIT
    350.301  server > client  stateless  ttl 63`;
  const isn = { client: (2 ** 32 - 111) >>> 0, server: 1 };
  expect(await findingsOn(picture, { isn })).toMatchObject([
    { signature: 'late-reset', silence: { seconds: 350 }, trigger: { retransmissions: 1 } },
  ]);
});

test('the two directions may carry different VLAN tags', async () => {
  const tagged = KILLED.split('\n')
    .map((line) =>
      line.includes('>') ? `${line}  vlan ${line.includes('client > ') ? 10 : 20}` : line,
    )
    .join('\n');
  expect(await findingsOn(tagged)).toMatchObject(CUT);
});

test('one connection on two interfaces is two sightings, each judged by what it saw', async () => {
  const picture = `${everywhere(opened(), '@in0,out0')}
    350.0501  client > server  PSH ACK  20 bytes  @in0
    350.0511  server > client  stateless  ttl 64  @in0`;
  const { findings, counters, capturePoints } = await analysisOf(picture);
  expect(capturePoints.map(({ name }) => name)).toEqual(['in0', 'out0']);
  expect(counters.flows.seen).toBe(2);
  expect(findings).toHaveLength(1);
  expect(findings[0]?.record.capturePoint).toBe(0);
});

const HEADERS_ONLY: Drawn = { snaplen: 54 };

test('a snaplen that leaves only headers leaves the lengths, the silences and the kill', async () => {
  expect(await findingsOn(KILLED, HEADERS_ONLY)).toMatchObject([
    { ...CUT[0], trigger: { kind: 'data', payloadBytes: 20 } },
  ]);
});

test('a connection without timestamps is judged without them', async () => {
  expect(await findingsOn(KILLED, { timestamps: false })).toMatchObject(CUT);
});

test('an empty capture is an empty report', async () => {
  const { findings, sources, counters } = await analysisOf('');
  expect(findings).toEqual([]);
  expect(sources).toMatchObject([{ frames: 0, complete: true, problem: null }]);
  expect(counters.flows).toMatchObject({ seen: 0 });
});

test('every reset has one cause', async () => {
  const { resetsByCause } = await analysisOf(`${KILLED}
    351.0  client > server  PSH ACK 20 bytes
    351.1  server > client  stateless  ttl 63
    352.0  client2 > server  SYN
    352.1  server > client2  stateless
    353.0  client3 > server  RST`);
  const causes = Object.values(resetsByCause as Readonly<Record<string, number>>);
  expect(causes.reduce((sum, count) => sum + count, 0)).toBe(4);
  expect(resetsByCause).toMatchObject({ 'late-reset': 1, refused: 1, 'unknown-connection': 1 });
});
