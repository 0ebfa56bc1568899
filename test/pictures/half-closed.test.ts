/** Connections that one side has closed and the other still uses: boxes have a shorter timer for them. */
import { expect, test } from 'vitest';
import { analysisOf } from '../kit/analyse.ts';
import { opened, together } from '../kit/scenes.ts';

const at = (seconds: number): string => seconds.toFixed(6);

/** The client closes at 1 s; the server goes on sending after each of `pauses`. */
function halfClosed(n: number, pauses: readonly number[], last: string): string {
  const client = `client${n}`;
  const from = n * 3;
  const lines = [
    opened(from, client),
    `${at(from + 1)}  ${client} > server  FIN ACK`,
    `${at(from + 1.02)}  server > ${client}  ACK`,
  ];
  let now = from + 1.02;
  pauses.forEach((pause, i) => {
    now += pause;
    const dies = i === pauses.length - 1 && last !== '';
    lines.push(`${at(now)}  server > ${client}  PSH ACK  500 bytes${dies ? '  undelivered' : ''}`);
    lines.push(`${at(now + 0.001)}  ${client} > server  ${dies ? last : 'ACK'}`);
    now += 0.001;
  });
  return lines.join('\n');
}

/** Of the clients' own router: their TTL is 64. */
const BY_A_BOX = 'stateless  ttl 63';
const SURVIVED = [1, 2, 3, 4, 5, 6].map((n) => halfClosed(n, [30 + 5 * n, 50 + n], ''));
const killed = (last: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => halfClosed(10 + i, [25, 70 + 10 * i], last));

test('half-closed connections that a box cuts have a path and a timeout of their own', async () => {
  const { findings, paths, silences } = await analysisOf(
    together(...SURVIVED, ...killed(BY_A_BOX, 6)),
  );
  expect(findings).toHaveLength(6);
  expect(findings.every(({ verdict }) => verdict === 'box-timeout')).toBe(true);
  expect(silences).toMatchObject({ survived: 18, killed: 6 });
  expect(paths).toMatchObject([
    { tcpState: 'half-closed', firstSpeaker: 'responder', killed: 6, survived: 18 },
  ]);
  const { status, lowSeconds, highSeconds } = paths[0]?.timeout ?? {};
  expect(status).toBe('estimated');
  expect(lowSeconds).toBeCloseTo(60, 1);
  expect(highSeconds).toBeCloseTo(70, 1);
});

test('what survives half-closed is no survivor of the established state, nor the other way round', async () => {
  const { paths } = await analysisOf(
    together(
      ...SURVIVED,
      ...killed(BY_A_BOX, 6),
      `${opened(0, 'client30')}
      300.00  server > client30  PSH ACK  500 bytes
      300.01  client30 > server  ACK`,
    ),
  );
  const longest = paths.map(({ tcpState, longestSurvivedNs }) => [
    tcpState,
    Math.round(Number(longestSurvivedNs) / 1e9),
  ]);
  expect(longest.toSorted((a, b) => (Number(a[1]) < Number(b[1]) ? 1 : -1))).toEqual([
    ['established', 300],
    ['half-closed', 60],
  ]);
});

test.each([
  ['two of them are too few to tell a timer from a closed socket', killed(BY_A_BOX, 2)],
  ['the endpoint itself answers: its socket was gone (tcp_fin_timeout)', killed('stateless', 6)],
])('%s', async (_, dead) => {
  const { findings, resetsByCause } = await analysisOf(together(...SURVIVED, ...dead));
  expect(findings).toEqual([]);
  expect(resetsByCause).toEqual({ 'after-fin': dead.length });
});

test('no survivor below: nothing shows that the silence mattered', async () => {
  const alone = Array.from({ length: 6 }, (_, i) => halfClosed(10 + i, [70 + 10 * i], BY_A_BOX));
  const { findings, resetsByCause } = await analysisOf(together(...alone));
  expect(findings).toEqual([]);
  expect(resetsByCause).toEqual({ 'after-fin': 6 });
});

test('a second FIN after a long silence ends what was ending, and is no silence', async () => {
  const { silences, findings } = await analysisOf(`${opened()}
      1.00  client > server  FIN ACK
      1.02  server > client  ACK
    200.00  server > client  FIN ACK
    200.01  client > server  ACK`);
  expect(findings).toEqual([]);
  expect(Object.values(silences)).toEqual([0, 0, 0, 0, 0]);
});
