/** What a responder's strips of seconds prove: that it answered, and on how old a connection. */
import { expect, test } from 'vitest';
import { ALIVE_STRIP } from '../../src/base/silence.ts';
import { readAlive } from '../../src/path/alive.ts';
import { responderOf } from '../../src/path/responder.ts';
import { packed, record, SERVER, second } from './packed.ts';
import { randomFrom } from './random.ts';

const FIRST = 128 * 1000;

/** Nibble of an answer on a connection of that age, as native/flow/notes.cc writes it. */
const nibble = (age: number): number => Math.min(15, 1 + Math.floor(Math.log2(1 + age)));

function strip(firstSecond: number, answers: Readonly<Record<number, number>>, step = 1) {
  const bytes = new Array<number>(64).fill(0);
  for (const [offset, age] of Object.entries(answers)) {
    const index = Number(offset);
    bytes[index >> 1] = (bytes[index >> 1] ?? 0) | (nibble(age) << ((index & 1) * 4));
  }
  const quarter = (n: number) => bytes.slice(n * 16, n * 16 + 16);
  const ages = { ages0: quarter(0), ages1: quarter(1), ages2: quarter(2), ages3: quarter(3) };
  return { ...SERVER, firstSecond, secondsPerNibble: step, ...ages };
}

const server = responderOf(record());
const between = (from: number, until: number) => ({
  fromNs: second(FIRST + from),
  untilNs: second(FIRST + until),
});

test('a server that answered in second 77 is alive in that second and in no other', () => {
  const alive = readAlive(packed(ALIVE_STRIP, [strip(FIRST, { 77: 5 })]));
  expect(alive.answered(server, between(77, 77))).toBe(true);
  expect(alive.answered(server, between(77.2, 90))).toBe(true);
  expect(alive.answered(server, between(76, 76.9))).toBe(false);
  expect(alive.answered(server, between(78, 1000))).toBe(false);
});

test('both halves of a byte are seconds of their own', () => {
  for (const offset of [0, 1, 62, 63, 126, 127]) {
    const alive = readAlive(packed(ALIVE_STRIP, [strip(FIRST, { [offset]: 0 })]));
    const seen = Array.from({ length: 128 }, (_, s) => s).filter((s) =>
      alive.answered(server, between(s, s)),
    );
    expect(seen).toEqual([offset]);
  }
});

test('an answer hours later is found in its own strip, whatever the order of strips', () => {
  const rows = [
    strip(FIRST + 128 * 90, { 3: 0 }),
    strip(FIRST, { 0: 0 }),
    strip(FIRST + 128, { 9: 0 }),
  ];
  const alive = readAlive(packed(ALIVE_STRIP, rows));
  expect(alive.answered(server, between(138, 128 * 90 + 2))).toBe(false);
  expect(alive.answered(server, between(138, 128 * 90 + 3))).toBe(true);
});

test('nothing is known of a responder that nobody kept track of', () => {
  const alive = readAlive(packed(ALIVE_STRIP, [strip(FIRST, { 0: 0 })]));
  expect(alive.answered({ ...server, port: 443 }, between(0, 100))).toBe(null);
});

test('an answer on a connection of an hour proves one older than half an hour, not one older than two', () => {
  const alive = readAlive(packed(ALIVE_STRIP, [strip(FIRST, { 100: 3600 })]));
  const older = (age: number) =>
    alive.answered(server, { ...between(90, 110), olderThanNs: second(FIRST + 100 - age) });
  expect(older(1800)).toBe(true);
  expect(older(7200)).toBe(false);
});

test('an age is never claimed beyond what its class proves', () => {
  for (const age of [0, 1, 2, 3, 6, 7, 100, 1023, 20_000]) {
    const alive = readAlive(packed(ALIVE_STRIP, [strip(FIRST, { 100: age })]));
    const tooOld = second(FIRST + 100 - age - 1);
    expect(alive.answered(server, { ...between(100, 100), olderThanNs: tooOld })).toBe(false);
  }
});

test('many strips say what their steps say one by one, whatever stretch is asked about, again and again', () => {
  const chance = randomFrom(7);
  const below = (most: number) => Math.floor(chance() * most);
  for (let round = 0; round < 20; round++) {
    const step = 1 + below(5);
    const rows = Array.from({ length: 6 }, (_, i) => {
      const offsets = Array.from({ length: below(3) === 0 ? 0 : below(6) }, () => below(128));
      const answers = Object.fromEntries(offsets.map((offset) => [offset, below(2 ** below(14))]));
      return { at: FIRST + 128 * step * 2 * i, answers };
    });
    const alive = readAlive(
      packed(
        ALIVE_STRIP,
        rows.map(({ at, answers }) => strip(at, answers, step)),
      ),
    );
    const steps = rows.flatMap(({ at, answers }) =>
      Object.entries(answers).map(([offset, age]) => {
        const begins = at + Number(offset) * step;
        return { begins, bornBy: begins + step - (2 ** (nibble(age) - 1) - 1) };
      }),
    );
    for (let asked = 0; asked < 200; asked++) {
      const from = FIRST - 50 + below(128 * step * 13);
      const until = from + below(128 * step * 4);
      // Half of them about the very moment that some answer decides.
      const near = steps[below(2 * steps.length)]?.bornBy;
      const oldest = near === undefined ? from - below(5000) : near - 1 + below(3);
      const expected = steps.some(
        ({ begins, bornBy }) => from <= begins && begins <= until && bornBy <= oldest,
      );
      const question = {
        fromNs: second(from),
        untilNs: second(until),
        olderThanNs: second(oldest),
      };
      expect(alive.answered(server, question)).toBe(expected);
    }
  }
});
