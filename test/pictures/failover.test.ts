/** Drops that come of no silence: the busy are dropped as well, or silences as long end well. */
import { expect, test } from 'vitest';
import { analysisOf } from '../kit/analyse.ts';
import { exchange, opened, together } from '../kit/scenes.ts';

const clientOf = (i: number): string => `client${i + 1}`;

/** Linux: 0.2 s, then doubling. */
const dropped = (client: string, at: number): string =>
  [
    `${at.toFixed(3)}  ${client} > server  PSH ACK  20 bytes  undelivered`,
    ...[0.2, 0.6, 1.4, 3, 6.2, 12.6, 25.4].map(
      (after) => `${(at + after).toFixed(3)}  ${client} > server  RETRANSMIT  undelivered`,
    ),
  ].join('\n');

/** Speaks every so often, up to the moment and no further. */
function rhythm(client: string, every: number, until: number): string {
  const parts = [opened(1, client)];
  for (let at = 2; at < until; at += every) parts.push(exchange(at, client));
  return parts.join('\n');
}

/** Answered from the first second after the failover on. */
const NEW_ONE = [
  opened(1001, 'client40'),
  ...Array.from({ length: 60 }, (_, i) => exchange(1002 + 3 * i, 'client40')),
].join('\n');

const survived = (seconds: number): string => `${opened(3, 'client30')}
  ${exchange(3 + seconds, 'client30')}
  ${4 + seconds}  client30 > server  FIN ACK
  ${4.02 + seconds}  server > client30  FIN ACK
  ${4.021 + seconds}  client30 > server  ACK`;

test('a stateful firewall that fails over drops all at one instant, however short their silences: no timeout', async () => {
  const lost = [22, 31, 37, 43, 61, 71, 83].map((every, i) => {
    const next = 2 + every * Math.ceil((1000 - 2) / every);
    return together(rhythm(clientOf(i), every, 1000), dropped(clientOf(i), next));
  });
  const { findings, bursts } = await analysisOf(together(...lost, survived(200), NEW_ONE));
  expect(findings).toHaveLength(7);
  expect(new Set(findings.map(({ verdict }) => verdict))).toEqual(new Set(['burst']));
  expect(bursts).toMatchObject([{ flows: 7, reading: expect.stringContaining('failover') }]);
});

test('control: as many drops at one time, all longer than what survived, are a timeout', async () => {
  const lost = Array.from({ length: 7 }, (_, i) =>
    together(rhythm(clientOf(i), 60, 900), dropped(clientOf(i), 1005 + 2 * i)),
  );
  const { findings, bursts } = await analysisOf(together(...lost, survived(70), NEW_ONE));
  expect(bursts).toEqual([]);
  expect(findings.map(({ verdict }) => verdict)).toEqual(lost.map(() => 'box-timeout'));
});

/** One link of several dies: what is hashed to it is dropped. The others go on, and are witnesses. */
const OTHERS = Array.from({ length: 3 }, (_, i) => rhythm(`client${20 + i}`, 3, 1200)).join('\n');

test.each([
  ['as long as one that survived is possible', 150, 'possible-box-timeout'],
  ['longer than all that survived is a timeout', 110, 'box-timeout'],
])('a drop with a witness after a silence %s', async (_, longest, verdict) => {
  const lost = [134, 138].map((every, i) =>
    together(rhythm(clientOf(i), 60, 860), dropped(clientOf(i), 842 + every)),
  );
  const earlier = [survived(longest), OTHERS].join('\n');
  const { findings } = await analysisOf(together(...lost, earlier));
  expect(findings.map((finding) => finding.verdict)).toEqual([verdict, verdict]);
});
