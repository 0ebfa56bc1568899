/** A trigger that nothing ever answers. */
import { expect, test } from 'vitest';
import { analysisOf, findingsOn } from '../kit/analyse.ts';
import { exchange, opened, together } from '../kit/scenes.ts';

/** Linux: the first retransmission after about 0.2 s, then doubling. */
const unanswered = (from: number, times: number, client = 'client'): string => {
  const lines = [`${from.toFixed(4)}  ${client} > server  PSH ACK  20 bytes  undelivered`];
  for (let i = 0, wait = 0.22, at = from + wait; i < times; i++, wait *= 2, at += wait) {
    lines.push(`${at.toFixed(3)}  ${client} > server  RETRANSMIT  undelivered`);
  }
  return lines.join('\n');
};

/** Another connection of the same client, answered before, meanwhile and after. */
const WITNESS = together(
  opened(1, 'client2'),
  exchange(301, 'client2'),
  exchange(310, 'client2'),
  exchange(330, 'client2'),
);

/** The capture goes on long after, so that nothing is open only because the file ends. */
const LATER = together(opened(500, 'client3', 'server2'), exchange(900, 'client3', 'server2'));

test('retransmissions into nothing while another connection is answered: a box dropped it', async () => {
  expect(
    await findingsOn(together(opened(), unanswered(300.0501, 7), WITNESS, LATER)),
  ).toMatchObject([
    {
      signature: 'blackhole',
      verdict: 'box-timeout',
      silence: { seconds: 300 },
      trigger: { kind: 'data', retransmissions: 7 },
      ending: { kind: 'none' },
    },
  ]);
});

test('without a witness the server may be down: possible, no more', async () => {
  const found = await findingsOn(together(opened(), unanswered(300.0501, 7), LATER));
  expect(found).toMatchObject([{ signature: 'blackhole', verdict: 'possible-box-timeout' }]);
});

test('the reconnecting SYN that is answered is a witness too', async () => {
  const found = await findingsOn(
    together(opened(), unanswered(300.0501, 7), opened(316, 'client2'), LATER),
  );
  expect(found).toMatchObject([{ signature: 'blackhole', verdict: 'box-timeout' }]);
});

test.each([
  ['two seconds', 330],
  ['20 s', 348],
])(
  'who is heard %s after the last try proves nothing: an outage may be over by then',
  async (_, at) => {
    const found = await findingsOn(
      together(opened(), unanswered(300.0501, 7), opened(at, 'client2'), LATER),
    );
    expect(found).toMatchObject([
      { signature: 'blackhole', verdict: 'possible-box-timeout', emitter: { is: 'unknown' } },
    ]);
  },
);

test('two retransmissions before the file ends leave it open', async () => {
  const { findings, silences } = await analysisOf(together(opened(), unanswered(300.0501, 2)));
  expect(findings).toEqual([]);
  expect(silences).toMatchObject({ open: 1, killed: 0 });
});

test('back-off is not silence: data that was never acknowledged from the start had no silence before it', async () => {
  const picture = `
      0.00  client > server  SYN
      0.02  server > client  SYN ACK
      0.02  client > server  ACK
      0.03  client > server  PSH ACK  100 bytes  undelivered
      3.03  client > server  RETRANSMIT  undelivered
      9.03  client > server  RETRANSMIT  undelivered
     21.03  client > server  RETRANSMIT  undelivered
     45.03  client > server  RETRANSMIT  undelivered
     93.03  client > server  RETRANSMIT  undelivered`;
  expect(await findingsOn(together(picture, WITNESS, LATER))).toEqual([]);
});

test('a trigger answered at the third try survived', async () => {
  const { findings, silences } = await analysisOf(`${opened()}
    300.0501  client > server  PSH ACK  20 bytes  undelivered
    300.27  client > server  RETRANSMIT  undelivered
    300.71  client > server  RETRANSMIT
    300.73  server > client  ACK
    300.74  server > client  PSH ACK  50 bytes
    300.7401  client > server  ACK`);
  expect(findings).toEqual([]);
  expect(silences).toMatchObject({ survived: 1, killed: 0 });
});

test('the gaps between retransmissions of a trigger do not restart the silence', async () => {
  const found = await findingsOn(together(opened(), unanswered(300.0501, 9), WITNESS, LATER));
  expect(found).toMatchObject([{ silence: { seconds: 300 }, trigger: { retransmissions: 9 } }]);
});

test('a large trigger and an ICMP "fragmentation needed" is a hole in the path MTU, not a box that forgot', async () => {
  const trigger = `
    300.0501  client > server  PSH ACK  1448 bytes  undelivered
    300.0511  gateway > client  ICMP 3/4 quotes client > server
    300.27  client > server  RETRANSMIT  undelivered
    300.71  client > server  RETRANSMIT  undelivered
    301.59  client > server  RETRANSMIT  undelivered
    303.35  client > server  RETRANSMIT  undelivered
    306.87  client > server  RETRANSMIT  undelivered
    313.91  client > server  RETRANSMIT  undelivered`;
  const found = await findingsOn(together(opened(), trigger, WITNESS, LATER));
  expect(found.filter(({ verdict }) => verdict === 'box-timeout')).toEqual([]);
});

test('an ICMP error that quotes the connection is told as evidence', async () => {
  const icmp = '303.4  gateway > client  ICMP 3/1 quotes client > server';
  const found = await findingsOn(together(opened(), unanswered(300.0501, 7), icmp, LATER));
  expect(found).toHaveLength(1);
  expect(found[0]?.evidence.map(({ fact }) => fact).join('\n')).toMatch(/ICMP/);
});

test('a closed window is probed, answered and not a kill', async () => {
  const { findings, silences } = await analysisOf(`${opened()}
     1.00  client > server  PSH ACK  100 bytes
     1.02  server > client  ACK  win 0
     1.30  client > server  KEEPALIVE
     1.32  server > client  ACK  win 0
    31.30  client > server  KEEPALIVE
    31.32  server > client  ACK  win 0
    91.30  client > server  WINDOW-PROBE
    91.32  server > client  ACK  win 0
   151.32  server > client  ACK  win 502
   151.33  client > server  PSH ACK  50 bytes
   151.35  server > client  ACK`);
  expect(findings).toEqual([]);
  expect(silences.killed).toBe(0);
});
