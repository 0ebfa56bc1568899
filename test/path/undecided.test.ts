/** Silences of which nobody knows how they went on: told on their path, and nothing is concluded from them. */
import { describe, expect, test } from 'vitest';
import type { Analysis, PathFacts } from '../../src/report/analysis.ts';
import { analyseFiles, analysisOf } from '../kit/analyse.ts';
import { labFile } from '../kit/lab.ts';
import { exchange, opened, together } from '../kit/scenes.ts';

const lines = (...pictures: readonly string[]): string => together(...pictures);

/** One survivor of 60 s, so that there is a path. */
const SURVIVOR = lines(opened(), exchange(60));

/** To the same server: open for 40 s when the capture ends, which another one goes on to do. */
const OPEN = opened(59.95, 'client2');
const LATER = exchange(100.0501, 'client9', 'server2');
const ELSEWHERE = opened(1, 'client9', 'server2');

const pathTo = ({ paths }: Analysis, server = '198.51.100.9'): PathFacts | undefined =>
  paths.find(({ responderAddress }) => responderAddress === server);

const told = (analysis: Analysis) => pathTo(analysis)?.undecided;

test('a connection that is still silent when the capture ends is open on its path, as long as it was seen silent', async () => {
  const analysis = await analysisOf(lines(SURVIVOR, OPEN, ELSEWHERE, LATER));
  expect(analysis.silences).toMatchObject({ open: 2, survived: 2 });
  expect(told(analysis)).toEqual([
    { seconds: expect.closeTo(40.07, 2) as number, outcome: 'open', count: 2 },
  ]);
});

test('a silence with bytes in it that nobody captured is unobserved on its path', async () => {
  const analysis = await analysisOf(
    lines(
      SURVIVOR,
      `${opened(70, 'client3')}
    100.00  server > client3  PSH ACK  400 bytes  lost
    100.01  client3 > server  ACK  lost
    120.05  client3 > server  PSH ACK  20 bytes
    120.07  server > client3  ACK`,
    ),
  );
  expect(told(analysis)).toContainEqual({
    seconds: expect.closeTo(50, 1) as number,
    outcome: 'unobserved',
    count: 1,
  });
});

test('a trigger without an answer at the end of the capture is open, as long as the silence before it', async () => {
  const analysis = await analysisOf(
    lines(
      SURVIVOR,
      `${opened(0, 'client4')}
     75.05  client4 > server  PSH ACK  20 bytes  undelivered
     75.25  client4 > server  RETRANSMIT  undelivered`,
    ),
  );
  expect(told(analysis)).toEqual([
    { seconds: expect.closeTo(75, 1) as number, outcome: 'open', count: 1 },
  ]);
});

test('so is one whose tries were too close together for a verdict', async () => {
  const tries = [0.02, 0.04, 0.06, 0.08, 0.1].map(
    (after) => `${(75.05 + after).toFixed(2)}  client4 > server  RETRANSMIT  undelivered`,
  );
  const analysis = await analysisOf(
    lines(
      SURVIVOR,
      opened(0, 'client4'),
      '75.05  client4 > server  PSH ACK  20 bytes  undelivered',
      ...tries,
    ),
  );
  expect(analysis.findings).toEqual([]);
  expect(told(analysis)).toEqual([
    { seconds: expect.closeTo(75, 1) as number, outcome: 'open', count: 1 },
  ]);
});

test('nothing is concluded from them: T, verdicts and counts stay when they come', async () => {
  const killed = [90, 95, 100, 110].map(
    (after, i) => `${opened(i, `client${10 + i}`)}
    ${(i + 0.05 + after).toFixed(3)}  client${10 + i} > server  PSH ACK  20 bytes
    ${(i + 0.051 + after).toFixed(3)}  server > client${10 + i}  stateless  ttl 63`,
  );
  const survived = [50, 60, 70, 80].map((after, i) =>
    lines(
      opened(i, `client${20 + i}`),
      exchange(i + after, `client${20 + i}`),
      `${(i + after + 0.1).toFixed(3)}  client${20 + i} > server  FIN ACK
       ${(i + after + 0.11).toFixed(3)}  server > client${20 + i}  FIN ACK
       ${(i + after + 0.12).toFixed(3)}  client${20 + i} > server  ACK`,
    ),
  );
  const end = [ELSEWHERE, exchange(400, 'client9', 'server2')];
  const open = Array.from({ length: 30 }, (_, i) => opened(3 * i, `client${40 + i}`));
  const without = await analysisOf(lines(...killed, ...survived, ...end));
  const withThem = await analysisOf(lines(...killed, ...survived, ...open, ...end));
  expect(pathTo(without)?.undecided).toEqual([]);
  expect(sumOf(withThem, 'open')).toBe(30);
  expect(concluded(withThem)).toEqual(concluded(without));
  expect(pathTo(without)?.timeout.status).not.toBe('refused');
});

/** All but ids, which hang on sequence numbers. */
function concluded(analysis: Analysis) {
  const { timeout, significant, killed, survived, observations } = pathTo(analysis) as PathFacts;
  const verdicts = analysis.findings.map(({ verdict, confidence }) => [verdict, confidence]);
  return { timeout, significant, killed, survived, observations, verdicts };
}

test('they make no path: where nothing survived and nothing was killed there is nothing to estimate', async () => {
  const analysis = await analysisOf(lines(opened(), ELSEWHERE, LATER));
  expect(analysis.silences.open).toBeGreaterThan(0);
  expect(pathTo(analysis)).toBeUndefined();
});

const sumOf = (analysis: Analysis, outcome: string): number =>
  analysis.paths
    .flatMap(({ undecided }) => undecided)
    .filter((one) => one.outcome === outcome)
    .reduce((sum, { count }) => sum + count, 0);

describe('in the lab', () => {
  test.for([
    ['drop', 13],
    ['flush-mixed', 8],
    ['dnat-90', 12],
  ] as const)(
    'what %s left open is told once, for any number of shards',
    async ([scenario, open]) => {
      for (const workers of [0, 2]) {
        const asked = { shortestSeconds: 1, workers };
        const analysis = await analyseFiles([labFile(scenario, 'outside.pcap')], asked);
        expect(analysis.silences.open).toBe(open);
        expect(sumOf(analysis, 'open')).toBe(open);
      }
    },
  );

  test('what came back under another tuple was killed, and is not open as well', async () => {
    const analysis = await analyseFiles([labFile('remap', 'outside.pcap')], { shortestSeconds: 1 });
    const remapped = analysis.findings.filter(({ signature }) => signature === 'remap');
    expect(remapped.length).toBeGreaterThan(0);
    expect(sumOf(analysis, 'open')).toBe(analysis.silences.open);
  });
});
