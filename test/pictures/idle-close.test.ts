/** A timer that counts from the last payload belongs to an application or a proxy. */
import { expect, test } from 'vitest';
import { findingsOn } from '../kit/analyse.ts';
import { opened, together } from '../kit/scenes.ts';

/** opened() has its last payload 0.05 s in. */
const closing = (n: number, from: number, after: number): string => {
  const at = from + 0.05 + after;
  const client = `client${n}`;
  return `${opened(from, client)}
    ${at.toFixed(4)}  server > ${client}  FIN ACK
    ${(at + 0.001).toFixed(4)}  ${client} > server  FIN ACK
    ${(at + 0.021).toFixed(4)}  server > ${client}  ACK`;
};

test("five connections closed by the same side 60 s after their last payload: an application's timer", async () => {
  const picture = together(...[1, 2, 3, 4, 5].map((n) => closing(n, n * 7, 60 + n / 1000)));
  const found = await findingsOn(picture);
  expect(found).toHaveLength(5);
  for (const one of found) {
    expect(one).toMatchObject({
      signature: 'idle-close',
      verdict: 'endpoint-timer',
      ending: { by: 'responder' },
    });
    expect(one.silence.seconds).toBeCloseTo(60, 1);
  }
});

test('three of them are too few to speak of a timer', async () => {
  expect(await findingsOn(together(...[1, 2, 3].map((n) => closing(n, n * 7, 60))))).toEqual([]);
});

test('five closes at five different ages are five closes', async () => {
  const picture = together(...[1, 2, 3, 4, 5].map((n) => closing(n, n * 7, 30 + n * 11)));
  expect(await findingsOn(picture)).toEqual([]);
});

test('answered keepalives do not extend such a timer: it counts payload, not packets', async () => {
  const kept = (n: number): string => `${closing(n, n * 7, 60)}
    ${(n * 7 + 30.05).toFixed(3)}  client${n} > server  KEEPALIVE
    ${(n * 7 + 30.07).toFixed(3)}  server > client${n}  ACK`;
  const found = await findingsOn(together(...[1, 2, 3, 4, 5].map(kept)));
  expect(found).toHaveLength(5);
  for (const one of found) {
    expect(one).toMatchObject({ signature: 'idle-close', silence: { clock: 'payload' } });
    expect(one.silence.seconds).toBeCloseTo(60, 1);
  }
});

test('socket aborts at a constant age are that same timer, not a box', async () => {
  const aborted = (n: number): string =>
    `${opened(n * 7, `client${n}`)}\n ${(n * 7 + 60.05).toFixed(3)}  server > client${n}  socket`;
  const found = await findingsOn(together(...[1, 2, 3, 4, 5].map(aborted)));
  expect(found.map(({ signature, verdict }) => `${signature} ${verdict}`)).toEqual(
    Array(5).fill('idle-close endpoint-timer'),
  );
});
