/** Silences that the capture itself may have made: nobody is blamed for them. */
import { expect, test } from 'vitest';
import { analysisOf } from '../kit/analyse.ts';
import { exchange, opened, together } from '../kit/scenes.ts';

test('an acknowledgement of bytes that nobody captured: the connection spoke, the capture missed it', async () => {
  const { findings, silences } = await analysisOf(`${opened()}
     50.00  server > client  PSH ACK  400 bytes  lost
     50.01  client > server  ACK  lost
    100.00  client > server  PSH ACK  20 bytes
    100.001  server > client  stateless  ttl 63`);
  expect(findings).toEqual([]);
  expect(silences).toMatchObject({ unobserved: 1, killed: 0 });
});

test('sequence numbers that jumped over unseen bytes tell the same', async () => {
  const { findings, silences } = await analysisOf(`${opened()}
     50.00  client > server  PSH ACK  400 bytes  lost
     50.02  server > client  ACK  lost
    100.00  client > server  PSH ACK  20 bytes
    100.001  server > client  stateless  ttl 63`);
  expect(findings).toEqual([]);
  expect(silences).toMatchObject({ unobserved: 1, killed: 0 });
});

test('a capture clock that steps back an hour hides how long it was quiet', async () => {
  const { findings, silences, blindSeconds } = await analysisOf(`${opened()}
    clock -3600
    100.00  client > server  PSH ACK  20 bytes
    100.001  server > client  stateless  ttl 63`);
  expect(findings.filter(({ verdict }) => verdict === 'box-timeout')).toEqual([]);
  expect(silences.killed).toBe(0);
  expect(blindSeconds).toHaveLength(1);
});

test('a capture clock that leaps years ahead has not been silent for years', async () => {
  const { findings, silences } = await analysisOf(`${opened()}
    clock +94608000
    100.00  client > server  PSH ACK  20 bytes
    100.001  server > client  stateless  ttl 63`);
  expect(findings).toEqual([]);
  expect(silences).toMatchObject({ killed: 0, unobserved: 1 });
});

test('one packet dated years ahead expires nobody', async () => {
  const { findings } = await analysisOf(`${opened()}
    20.0  client2 > server2  SYN
    clock +94608000
    20.1  server2 > client2  SYN ACK
    clock -94608000
    20.2  client2 > server2  ACK${exchange(30)}
    230.0201  client > server  PSH ACK  20 bytes
    230.0211  server > client  stateless  ttl 63`);
  expect(findings).toMatchObject([{ signature: 'late-reset', silenceNs: 200_000_000_000n }]);
});

/** Ten connections that say something every tenth of a second. */
const busy = (from: number, seconds: number): string =>
  together(
    ...Array.from({ length: seconds * 10 }, (_, tenth) =>
      Array.from({ length: 10 }, (_client, i) =>
        exchange(from + tenth / 10 + i / 1000, `client${i + 1}`),
      ).join('\n'),
    ),
  );

const ten = (each: (client: string, i: number) => string): readonly string[] =>
  Array.from({ length: 10 }, (_, i) => each(`client${i + 1}`, i));

/** Each wakes at 113 s, and a box has forgotten it. */
const WAKES = ten(
  (client, i) => `
    ${(113 + i / 100).toFixed(3)}  ${client} > server  PSH ACK  20 bytes  undelivered
    ${(113.001 + i / 100).toFixed(3)}  server > ${client}  stateless  ttl 63`,
);
const BIRTHS = ten((client, i) => opened(i / 100, client));

test('a busy capture in which all fall silent at once lost its feed: nothing is concluded from it', async () => {
  const unseen = busy(13, 5).replaceAll(/$/gm, '  lost');
  const { findings, silences, blindSeconds } = await analysisOf(
    together(...BIRTHS, busy(1, 12), unseen, ...WAKES),
  );
  expect(findings.filter(({ verdict }) => verdict === 'box-timeout')).toEqual([]);
  expect(silences).toMatchObject({ unobserved: 10, killed: 0 });
  expect(blindSeconds[0]).toBeGreaterThan(90);
});

test.each([0, 1, 3])(
  'load that stops, waits and goes on where it stopped was captured all the time (%i workers)',
  async (workers) => {
    const { findings, silences, blindSeconds } = await analysisOf(
      together(...BIRTHS, busy(1, 12), ...WAKES),
      { workers },
    );
    expect(findings).toHaveLength(10);
    expect(findings[0]).toMatchObject({ signature: 'late-reset', verdict: 'box-timeout' });
    expect(silences).toMatchObject({ unobserved: 0, killed: 10 });
    expect(blindSeconds).toEqual([0]);
  },
);

test('who had been quiet before such a pause says nothing about it, and stays unobserved', async () => {
  const { silences } = await analysisOf(
    together(
      ...BIRTHS,
      opened(0.5, 'client20'),
      busy(1, 12),
      ...WAKES,
      `114.0  client20 > server  PSH ACK  20 bytes  undelivered
       114.001  server > client20  stateless  ttl 63`,
    ),
  );
  expect(silences).toMatchObject({ unobserved: 1, killed: 10 });
});

test('one connection that pauses while the others go on was really silent', async () => {
  const births = ten((client, i) => opened(i / 100, client));
  const { findings, silences } = await analysisOf(
    together(
      ...births,
      opened(0.5, 'client20'),
      busy(1, 30),
      `30.5501  client20 > server  PSH ACK  20 bytes
     30.5511  server > client20  stateless  ttl 63`,
    ),
  );
  expect(findings).toMatchObject([{ signature: 'late-reset', verdict: 'box-timeout' }]);
  expect(silences).toMatchObject({ unobserved: 0, killed: 1 });
});
