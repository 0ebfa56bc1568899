/** Keepalive probes: activity when they cross, a trigger when they come too late. */
import { expect, test } from 'vitest';
import { analysisOf, findingsOn } from '../kit/analyse.ts';
import { opened, together } from '../kit/scenes.ts';

const probes = (every: number, times: number): string =>
  Array.from({ length: times }, (_, i) => {
    const at = (i + 1) * every;
    return `${at.toFixed(3)}  client > server  KEEPALIVE\n${(at + 0.02).toFixed(3)}  server > client  ACK`;
  }).join('\n');

const LATER = opened(2000, 'client3', 'server2');

test('a probe after 200 s that meets a stateless reset came too late', async () => {
  const picture = `${opened()}
    200.0501  client > server  KEEPALIVE
    200.0511  server > client  stateless  ttl 63`;
  expect(await findingsOn(picture)).toMatchObject([
    {
      signature: 'keepalive-reset',
      verdict: 'box-timeout',
      silence: { seconds: 200 },
      trigger: { kind: 'keepalive', by: 'originator' },
      emitter: { is: 'middlebox' },
    },
  ]);
});

test('a probe with one garbage byte is a probe', async () => {
  const picture = `${opened()}
    200.0501  client > server  KEEPALIVE  1 byte
    200.0511  server > client  stateless  ttl 63`;
  expect(await findingsOn(picture)).toMatchObject([
    { signature: 'keepalive-reset', trigger: { kind: 'keepalive' } },
  ]);
});

test('probes that cross are activity: ten minutes without payload hold no silence of ten minutes', async () => {
  const { findings, silences, paths } = await analysisOf(`${opened()}\n${probes(60, 10)}`);
  expect(findings).toEqual([]);
  expect(silences).toMatchObject({ survived: 10, killed: 0 });
  expect(Number(paths[0]?.longestSurvivedNs) / 1e9).toBeCloseTo(60, 0);
});

test('after probes that crossed, the deadly silence is counted from the last of them', async () => {
  const picture = `${opened()}\n${probes(60, 5)}
    500.02  client > server  PSH ACK  20 bytes
    500.021  server > client  stateless  ttl 63`;
  expect(await findingsOn(picture)).toMatchObject([
    { signature: 'late-reset', silence: { seconds: 200 } },
  ]);
});

test('probes into nothing until the prober gives up are a blackhole that no witness supports', async () => {
  const deaf = Array.from(
    { length: 9 },
    (_, i) => `${(300.0501 + i * 75).toFixed(4)}  client > server  KEEPALIVE  undelivered`,
  );
  const picture = together(opened(), deaf.join('\n'), '975.0501  client > server  socket', LATER);
  expect(await findingsOn(picture)).toMatchObject([
    {
      signature: 'blackhole',
      verdict: 'possible-box-timeout',
      trigger: { kind: 'keepalive' },
      silence: { seconds: 300 },
    },
  ]);
});

test('a probe that is unanswered only because the file ends is open', async () => {
  const { findings, silences } = await analysisOf(`${opened()}
    300.0501  client > server  KEEPALIVE  undelivered
    300.06  client2 > server2  SYN`);
  expect(findings).toEqual([]);
  expect(silences).toMatchObject({ open: 1, killed: 0 });
});
