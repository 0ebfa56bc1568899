/** What a reviewer with captures of his own found: each of these pictures was told wrongly once. */
import { describe, expect, test } from 'vitest';
import { analysisOf } from '../kit/analyse.ts';
import { exchange, opened, together } from '../kit/scenes.ts';

const CUT = `
  400.00  client > server  PSH ACK  20 bytes  undelivered
  400.001  server > client  stateless  ttl 63`;
const KILLED = { signature: 'late-reset', verdict: 'box-timeout' };
const WITNESS = together(opened(1, 'client2'), exchange(301, 'client2'), exchange(305, 'client2'));
const LATER = together(opened(500, 'client3', 'server2'), exchange(900, 'client3', 'server2'));

describe('what a connection was before its handshake does not blind it', () => {
  test('a stale reset of the same tuple, then the handshake', async () => {
    const { findings, resetsByCause } = await analysisOf(
      `0.00  client > server  RST${opened(1)}${CUT}`,
    );
    expect(findings).toMatchObject([KILLED]);
    expect(resetsByCause).toEqual({ 'unknown-connection': 1, 'late-reset': 1 });
  });

  test('a half-open connection is discovered, reset, and opened by the same SYN again (RFC 9293 §3.5)', async () => {
    const { findings, resetsByCause } = await analysisOf(`
      0.00  client > server  SYN
      0.02  server > client  ACK  seq 5000  ack 7000
      0.021  client > server  RST
      1.00  client > server  SYN  RETRANSMIT
      1.02  server > client  SYN ACK
      1.021  client > server  ACK
      ${exchange(1.1)}${CUT}`);
    expect(findings).toMatchObject([KILLED]);
    expect(resetsByCause).toEqual({ refused: 1, 'late-reset': 1 });
  });

  test('stray data of the server, then a new connection of that tuple', async () => {
    const { findings, silences } = await analysisOf(
      `0.00  server > client  PSH ACK  50 bytes${opened(5)}${CUT}`,
    );
    expect(findings).toMatchObject([KILLED]);
    expect(silences).toMatchObject({ unobserved: 0, killed: 1 });
  });

  test('the tuple is used again after a close, and the SYN was not captured', async () => {
    const { findings, counters } = await analysisOf(`${opened()}
      1.00  client > server  FIN ACK
      1.02  server > client  FIN ACK
      1.021  client > server  ACK
      100.00  client > server  SYN  lost
      100.02  server > client  SYN ACK
      100.021  client > server  ACK
      ${exchange(100.1)}${CUT}`);
    expect(findings).toMatchObject([KILLED]);
    expect(counters.flows.seen).toBe(2);
  });
});

describe('an attempt is an attempt', () => {
  /** Five segments at once; a mirror's copies come behind the last of them. */
  const burst = (copies: boolean): string => {
    const lines = Array.from({ length: 5 }, (_, i) => {
      const at = (300 + i * 1e-5).toFixed(6);
      return `${at}  client > server  PSH ACK  ${200 + i} bytes  undelivered`;
    });
    if (!copies) return lines.join('\n');
    const again = Array.from({ length: 5 }, (_, i) => {
      const at = (300.0003 + i * 1e-5).toFixed(6);
      const back =
        1010 - Array.from({ length: i }, (_each, j) => 200 + j).reduce((a, b) => a + b, 0);
      return `${at}  client > server  PSH ACK  ${200 + i} bytes  seq -${back}  ttl 63  undelivered`;
    });
    return [...lines, ...again].join('\n');
  };

  test.each([true, false])('copies of a burst are none (copies: %s)', async (copies) => {
    const { findings, silences } = await analysisOf(
      together(opened(), burst(copies), '300.25  client > server  RETRANSMIT  undelivered'),
    );
    expect(findings).toEqual([]);
    expect(silences).toMatchObject({ open: 1, killed: 0 });
  });

  test('new data behind a probe is none, and what it acknowledges was answered out of sight', async () => {
    const { findings, silences } = await analysisOf(
      together(
        opened(),
        WITNESS,
        `300.0  client > server  KEEPALIVE
         300.02  server > client  ACK  lost`,
        ...Array.from(
          { length: 8 },
          (_, i) => `
            ${301 + i}.00  client > server  PSH ACK  50 bytes
            ${301 + i}.02  server > client  PSH ACK  200 bytes  lost
            ${301 + i}.03  client > server  ACK`,
        ),
        LATER,
      ),
    );
    expect(findings).toEqual([]);
    expect(silences).toMatchObject({ killed: 0 });
    expect(silences.unobserved).toBeGreaterThan(0);
  });

  test('one unacknowledged byte that backs off is no silence', async () => {
    const { silences } = await analysisOf(`${opened()}
       0.10  client > server  PSH ACK  1 byte  undelivered
       1.10  client > server  RETRANSMIT  undelivered
      30.10  client > server  RETRANSMIT  undelivered
      90.10  client > server  RETRANSMIT  undelivered`);
    expect(silences).toMatchObject({ survived: 0, killed: 0, unobserved: 0 });
  });
});

test('a closed window that is asked with a new byte each time is answered: the silences survive', async () => {
  const asked = Array.from(
    { length: 8 },
    (_, i) => `
      ${60 * (i + 1)}.00  client > server  WINDOW-PROBE
      ${60 * (i + 1)}.02  server > client  ACK  win 0`,
  );
  const { findings, silences } = await analysisOf(
    together(opened(), '0.2  server > client  ACK  win 0', WITNESS, ...asked, LATER),
  );
  expect(findings).toEqual([]);
  expect(silences).toMatchObject({ killed: 0 });
  expect(silences.survived).toBeGreaterThanOrEqual(8);
});

test.each(['server > client  stateless  ttl 53', 'server > client  stateless  dup'])(
  'a mirror sees every packet twice, a hop apart; of the reset the further copy comes alone, or both: %s',
  async (last) => {
    const twice = exchange(1).replaceAll(/(?<=\S)$/gm, '  dup');
    const { findings } = await analysisOf(`${opened()}${twice}
      400.00  client > server  PSH ACK  20 bytes  undelivered  dup
      400.02  ${last}`);
    expect(findings).toMatchObject([{ verdict: 'possible-box-timeout' }]);
  },
);

test('a reset from elsewhere is one in such a capture too', async () => {
  const twice = exchange(1).replaceAll(/(?<=\S)$/gm, '  dup');
  const { findings } = await analysisOf(`${opened()}${twice}${CUT}`);
  expect(findings).toMatchObject([KILLED]);
});
