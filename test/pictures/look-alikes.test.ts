/** Resets and pauses that are not a box's idle timeout. */
import { expect, test } from 'vitest';
import { analysisOf } from '../kit/analyse.ts';
import { exchange, opened, together } from '../kit/scenes.ts';

const boxes = (found: readonly { readonly verdict: string }[]): number =>
  found.filter(({ verdict }) => verdict === 'box-timeout').length;

test('a reset after a FIN cleans up a connection that was ending anyway', async () => {
  const { findings, resetsByCause } = await analysisOf(`${opened()}
      1.00  server > client  FIN ACK
      1.01  client > server  ACK
    100.01  client > server  PSH ACK  20 bytes
    100.011  server > client  stateless  ttl 63`);
  expect(boxes(findings)).toBe(0);
  expect(resetsByCause).toEqual({ 'after-fin': 1 });
});

test('a FIN that nobody captured shows as an acknowledgement one too high, and counts', async () => {
  const { findings, resetsByCause } = await analysisOf(`${opened()}
      1.00  server > client  FIN ACK  lost
      1.01  client > server  ACK
    100.01  client > server  PSH ACK  20 bytes
    100.011  server > client  stateless  ttl 63`);
  expect(boxes(findings)).toBe(0);
  expect(resetsByCause).toEqual({ 'after-fin': 1 });
});

test('a refused connection was never established', async () => {
  const { findings, resetsByCause, counters } = await analysisOf(`
    0.00  client > server  SYN
    0.02  server > client  stateless
    1.00  client2 > server  SYN
    1.02  server > client2  stateless`);
  expect(findings).toEqual([]);
  expect(resetsByCause).toEqual({ refused: 2 });
  expect(counters.flows).toMatchObject({ seen: 2, established: 0 });
});

test('a health check every 30 s (SYN, SYN-ACK, RST) is no kill', async () => {
  const checks = Array.from(
    { length: 6 },
    (_, i) => `
    ${i * 30}.000  client:4100${i} > server  SYN
    ${i * 30}.020  server > client:4100${i}  SYN ACK
    ${i * 30}.021  client:4100${i} > server  RST ACK`,
  );
  const { findings, silences } = await analysisOf(checks.join('\n'));
  expect(findings).toEqual([]);
  expect(silences.killed).toBe(0);
});

test('a reset far outside the window is dropped by its receiver and closes nothing', async () => {
  const { findings, resetsByCause, silences } = await analysisOf(`${opened()}
     50.00  server > client  RST  seq +500000000  ttl 40 win 0 no-ts${exchange(60)}${exchange(160)}`);
  expect(findings).toEqual([]);
  expect(resetsByCause).toEqual({ 'out-of-window': 1 });
  expect(silences.killed).toBe(0);
});

test('a forged reset in the middle of a transfer has no silence before it', async () => {
  const { findings, resetsByCause } = await analysisOf(`${opened()}
    0.100  client > server  PSH ACK  200 bytes
    0.101  server > client  box  ttl 40`);
  expect(findings).toEqual([]);
  expect(resetsByCause).toEqual({ 'no-silence': 1 });
});

test('a server that forgets everything at one moment restarted: a burst, and no box', async () => {
  const lives = Array.from({ length: 8 }, (_, i) => {
    const client = `client${i + 1}`;
    const wakes = 200 + i * 0.4;
    const last = 170 - i * 12;
    return `${opened(i * 2, client)}${exchange(last, client)}
      ${wakes.toFixed(3)}  ${client} > server  PSH ACK  20 bytes
      ${(wakes + 0.02).toFixed(3)}  server > ${client}  stateless`;
  });
  const { findings, bursts } = await analysisOf(together(...lives));
  expect(boxes(findings)).toBe(0);
  expect(
    findings.every(({ verdict }) => verdict === 'burst' || verdict === 'possible-box-timeout'),
  ).toBe(true);
  expect(bursts.length).toBeLessThanOrEqual(1);
});

test('eight connections cut by a box, each after its own 100 s of silence, are eight kills and no burst', async () => {
  const lives = Array.from({ length: 8 }, (_, i) => {
    const client = `client${i + 1}`;
    const wakes = 100.0501 + i * 41;
    return `${opened(i * 41, client)}
      ${wakes.toFixed(4)}  ${client} > server  PSH ACK  20 bytes
      ${(wakes + 0.001).toFixed(4)}  server > ${client}  stateless  ttl 63`;
  });
  const { findings, bursts } = await analysisOf(together(...lives));
  expect(boxes(findings)).toBe(8);
  expect(bursts).toEqual([]);
});

test('a new connection on the same ports is a new connection, not a trigger', async () => {
  const { findings, counters } = await analysisOf(`${opened()}${opened(400)}
    600.0501  client > server  PSH ACK  20 bytes
    600.0511  server > client  stateless  ttl 63`);
  expect(counters.flows).toMatchObject({ seen: 2, established: 2 });
  expect(findings).toMatchObject([
    { signature: 'late-reset', silenceNs: 199_800_000_000n + 200_000_000n },
  ]);
});

test('a flood of SYNs is counted and costs no established connection its place', async () => {
  const flood = Array.from(
    { length: 3000 },
    (_, i) => `${(10 + i / 1000).toFixed(3)}  client:${1024 + i} > server2  SYN`,
  ).join('\n');
  const picture = together(
    `${opened()}
    350.0501  client > server  PSH ACK  20 bytes
    350.0511  server > client  stateless  ttl 63`,
    flood,
  );
  const { findings, counters } = await analysisOf(picture, { maxFlows: 640 });
  expect(findings).toMatchObject([{ signature: 'late-reset', verdict: 'box-timeout' }]);
  expect(counters.flows).toMatchObject({ seen: 3001, established: 1 });
  expect(counters.evicted).toMatchObject({ open: 0 });
  expect(counters.evicted.halfOpen).toBeGreaterThan(2000);
});
