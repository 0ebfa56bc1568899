/** Shards of one capture: how many, what they return made one, and what stopping or losing one costs. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ALIVE_STRIP,
  BIRTH,
  BLIND_SPOT,
  RESET_SECOND,
  SILENCE,
  SILENCE_BYTES,
  SURVIVOR_BIN,
} from '../src/base/silence.ts';
import { readSilences } from '../src/base/record.ts';
import type { Counters, Finished, SourceFacts } from '../src/capture/addon.ts';
import { NOTE_TABLES } from '../src/capture/notes.ts';
import type { SourceShape } from '../src/capture/sources.ts';
import { openBoard, readProgress, writeProgress } from '../src/dispatch/board.ts';
import type { ShardYield } from '../src/dispatch/drive.ts';
import { orderSilences } from '../src/dispatch/gathered.ts';
import { mergeShards } from '../src/dispatch/merge.ts';
import { freeCores, grantedBy, othersRunning } from '../src/dispatch/cores.ts';
import { chooseHelpers, chooseShards } from '../src/dispatch/shards.ts';
import { packed, SERVER } from './path/packed.ts';

const MIB = 2 ** 20;
const source = (kind: SourceShape['kind'], bytes: number): SourceShape => ({
  path: 'x',
  kind,
  bytes,
});

describe('how a capture is divided', () => {
  const large = [source('file', 900 * MIB)];

  test('a file is read in the calling thread, however large', () => {
    expect(chooseShards([source('file', 1)], 'auto')).toBe(0);
    expect(chooseShards([source('file', 300 * MIB), source('file', 300 * MIB)], 'auto')).toBe(0);
  });

  test('a pipe takes one worker, for it may keep its reader waiting; so does a big archive', () => {
    expect(chooseShards([source('stream', 0)], 'auto')).toBe(1);
    expect(chooseShards([source('compressed', 32 * MIB)], 'auto')).toBe(1);
    expect(chooseShards([source('compressed', 32 * MIB - 1)], 'auto')).toBe(0);
    expect(chooseShards([...large, source('stream', 0)], 'auto')).toBe(1);
  });

  test('--workers decides, but never two for what cannot be read twice, nor more than there are partitions', () => {
    expect(chooseShards([source('file', 1)], 3)).toBe(3);
    expect(chooseShards(large, 0)).toBe(0);
    expect(chooseShards([source('file', 1)], 1000)).toBe(64);
    expect(chooseShards([source('stream', 0)], 3)).toBe(1);
  });

  test('what cannot be read is left to the thread that says so', () => {
    expect(chooseShards([source('unreadable', 0)], 'auto')).toBe(0);
  });

  test('cores that nobody needs help with a large file, as many as pay', () => {
    expect(chooseHelpers(large, 0, 1)).toBe(0);
    expect(chooseHelpers(large, 0, 2)).toBe(1);
    expect(chooseHelpers(large, 1, 2)).toBe(1);
    expect(chooseHelpers(large, 0, 3)).toBe(2);
    expect(chooseHelpers(large, 0, 64)).toBe(7);
    expect(chooseHelpers([source('file', 16 * MIB - 1)], 0, 8)).toBe(0);
  });

  test('shards share out the cores that are left', () => {
    expect(chooseHelpers(large, 2, 2)).toBe(0);
    expect(chooseHelpers(large, 8, 9)).toBe(0);
    expect(chooseHelpers(large, 2, 5)).toBe(1);
    expect(chooseHelpers(large, 2, 64)).toBe(3);
  });

  test('an archive is not unpacked twice, nor a pipe read by two', () => {
    expect(chooseHelpers([source('compressed', 900 * MIB)], 0, 8)).toBe(0);
    expect(chooseHelpers([source('stream', 0)], 1, 8)).toBe(0);
  });

  test('cores that a cgroup withholds, or that others are running on, are left alone', () => {
    expect(grantedBy('200000 100000\n')).toBe(2);
    expect(grantedBy('max 100000\n')).toBe(Number.POSITIVE_INFINITY);
    expect(grantedBy('')).toBe(Number.POSITIVE_INFINITY);
    expect(othersRunning('0.20 0.18 0.12 3/80 11206\n')).toBe(2);
    expect(othersRunning('')).toBe(0);
    expect(freeCores()).toBeGreaterThanOrEqual(1);
  });
});

const COUNTERS: Counters = {
  flows: { seen: 4, established: 3, midStream: 1 },
  evicted: { halfOpen: 0, oneSided: 0, closed: 0, open: 1 },
  resets: {
    refused: 1,
    afterFin: 0,
    abort: 0,
    unknownConnection: 0,
    outOfWindow: 0,
    duplicate: 0,
    noSilence: 0,
    inRecords: 2,
    notExamined: 0,
  },
  silences: {
    survived: 5,
    closed: 0,
    open: 0,
    unobserved: 0,
    killedInRecords: 2,
    closedInRecords: 0,
    openInRecords: 0,
    notExamined: 0,
  },
  mirrored: 1,
  notesOverflow: 7,
  tableBytes: 100,
};

const EMPTY = new Uint8Array(0);
const UNBOUND = Object.fromEntries(
  NOTE_TABLES.map((table) => [table, { level: 0, most: 1000 }]),
) as Finished['thinned'];
const part = (
  finished: Partial<Finished>,
  silences: Uint8Array = EMPTY,
  births: Uint8Array = EMPTY,
): ShardYield => ({
  finished: [
    {
      sources: [],
      capturePoints: [],
      counters: COUNTERS,
      thinned: UNBOUND,
      places: EMPTY,
      survivors: EMPTY,
      alive: EMPTY,
      resetSeconds: EMPTY,
      undecided: EMPTY,
      greetings: EMPTY,
      blindSpots: EMPTY,
      ...finished,
    },
  ],
  silences,
  births,
});

/** Deals rows out to shards by `choice`, in any order. */
function dealt<T>(items: readonly T[], choice: readonly number[], shards: number): T[][] {
  const hands: T[][] = Array.from({ length: shards }, () => []);
  items.forEach((item, i) => hands[(choice[i] ?? 0) % shards]?.push(item));
  return hands;
}

const nonEmpty = (parts: readonly ShardYield[]) => parts as [ShardYield, ...ShardYield[]];

/** Ties on purpose: few times, few frames, few ports. */
const aSilence = fc
  .record({
    at: fc.nat(3),
    trigger: fc.nat(2),
    ending: fc.nat(2),
    port: fc.nat(3),
    packets: fc.nat(2),
  })
  .map(({ at, trigger, ending, port, packets }) =>
    packed(SILENCE, [
      {
        ...SERVER,
        endedAtNs: BigInt(at) * 5_000_000_000n,
        frameTrigger: trigger,
        frameEnding: ending,
        frameLastBefore: 1,
        originatorPort: port,
        packets,
      },
    ]),
  );

describe('one capture again', () => {
  test('records come out in one order however they were dealt to shards', () => {
    fc.assert(
      fc.property(
        fc.array(aSilence, { maxLength: 40 }),
        fc.array(fc.nat(63), { maxLength: 40 }),
        fc.integer({ min: 2, max: 64 }),
        (records, choice, shards) => {
          const alone = orderSilences([Buffer.concat(records)]);
          const parts = dealt(records, choice, shards).map((hand) =>
            part({}, Buffer.concat(hand.toReversed())),
          );
          expect(Buffer.compare(mergeShards(nonEmpty(parts)).silences, alone)).toBe(0);
        },
      ),
    );
  });

  test('the order is the time of the ending, then the frame that ended it', () => {
    const one = (endedAtNs: bigint, frames: object) => packed(SILENCE, [{ endedAtNs, ...frames }]);
    const silences = orderSilences([
      one(2n ** 40n, { frameTrigger: 1 }),
      one(5n, { frameLastBefore: 4 }),
      one(5n, { frameTrigger: 3, frameEnding: 9 }),
      one(5n, { frameTrigger: 2 ** 40 + 1 }),
      one(5n, { frameTrigger: 7, frameLastBefore: 1 }),
    ]);
    expect(silences.byteLength).toBe(5 * SILENCE_BYTES);
    const seen = [...readSilences(silences)].map((record) => [
      Number(record.endedAtNs),
      record.frameEnding || record.frameTrigger || record.frameLastBefore,
    ]);
    expect(seen).toEqual([
      [5, 4],
      [5, 7],
      [5, 9],
      [5, 2 ** 40 + 1],
      [2 ** 40, 1],
    ]);
  });

  test('births are ordered too', () => {
    const birth = (atNs: bigint, frame: number) => packed(BIRTH, [{ atNs, frame }]);
    const { births } = mergeShards([
      part({}, EMPTY, Buffer.concat([birth(9n, 1), birth(3n, 2)])),
      part({}, EMPTY, birth(3n, 1)),
    ]);
    expect(births).toEqual(
      new Uint8Array(Buffer.concat([birth(3n, 1), birth(3n, 2), birth(9n, 1)])),
    );
  });

  test('counters add up', () => {
    const { counters } = mergeShards([part({}), part({}), part({})]);
    expect(counters.flows).toEqual({ seen: 12, established: 9, midStream: 3 });
    expect([counters.resets.inRecords, counters.silences.survived]).toEqual([6, 15]);
    expect([counters.mirrored, counters.notesOverflow, counters.tableBytes]).toEqual([3, 21, 300]);
  });

  test('facts about the sources come from the first shard alone', () => {
    const blindSpots = new Uint8Array(32);
    const merged = mergeShards([part({ blindSpots }), part({ blindSpots: new Uint8Array(32) })]);
    expect(merged.blindSpots).toEqual(blindSpots);
  });

  test('a source that one shard could not read to its end is told so, whichever it was', () => {
    const seen = (frames: number, code?: string): SourceFacts => ({
      name: 'a.pcap',
      format: 'pcap',
      bytesTotal: 100,
      bytesRead: 100,
      frames,
      dropped: 0,
      badRecords: 0,
      filtered: 0,
      firstAtNs: 0n,
      lastAtNs: 0n,
      complete: code === undefined,
      problem: code === undefined ? null : { code, what: 'it is gone', atByte: 0, atFrame: 0 },
      fates: {},
    });
    const [whole, cut] = [seen(9), seen(3, 'E_INPUT_MISSING')];
    expect(mergeShards([part({ sources: [whole] }), part({ sources: [whole] })]).sources).toEqual([
      whole,
    ]);
    expect(mergeShards([part({ sources: [whole] }), part({ sources: [cut] })]).sources).toEqual([
      cut,
    ]);
  });

  test('a suspected hole is none where a connection of any shard paused through it, and none spoke in it', () => {
    const hole = (pausedThrough: number, spokeMeanwhile: number) =>
      part({ blindSpots: packed(BLIND_SPOT, [{ pausedThrough, spokeMeanwhile }]) });
    const left = (...parts: [ShardYield, ...ShardYield[]]) => mergeShards(parts).blindSpots.length;
    expect(left(hole(0, 0), hole(2, 0))).toBe(0);
    expect(left(hole(0, 0), hole(0, 0))).toBe(32);
    expect(left(hole(2, 0), hole(0, 1))).toBe(32);
    expect(mergeShards([hole(2, 1), hole(65_535, 4)]).blindSpots).toEqual(
      hole(65_535, 5).finished[0]?.blindSpots,
    );
    const two = packed(BLIND_SPOT, [
      { frame: 7, pausedThrough: 0 },
      { frame: 9, pausedThrough: 1 },
    ]);
    const later = packed(BLIND_SPOT, [{ frame: 9, spokeMeanwhile: 1 }]);
    expect(left(part({ blindSpots: later }), part({ blindSpots: two }))).toBe(64);
  });
});

const aBin = fc
  .record({
    bin: fc.nat(2),
    port: fc.nat(1),
    count: fc.nat(9),
    longest: fc.nat(3),
    frame: fc.nat(9),
  })
  .map(({ bin, port, count, longest, frame }) =>
    packed(SURVIVOR_BIN, [
      {
        ...SERVER,
        bin,
        responderPort: port,
        count,
        keepalives: count,
        longestNs: longest,
        longestFrame: frame,
      },
    ]),
  );

const aStrip = fc
  .record({ first: fc.nat(1), ages: fc.array(fc.nat(255), { minLength: 16, maxLength: 16 }) })
  .map(({ first, ages }) =>
    packed(ALIVE_STRIP, [{ ...SERVER, firstSecond: first * 128, ages0: ages, ages3: ages }]),
  );

const aSecond = fc
  .record({ at: fc.nat(2), count: fc.nat(9), frame: fc.nat(9) })
  .map(({ at, count, frame }) =>
    packed(RESET_SECOND, [{ ...SERVER, second: at, count, middlebox: 1, firstFrame: frame }]),
  );

describe('counted rows', () => {
  const table = [
    ['survivors', aBin],
    ['alive', aStrip],
    ['resetSeconds', aSecond],
  ] as const;

  test.for(table)('%s are the same rows however they were dealt to shards', ([name, aRow]) => {
    const choices = fc.array(fc.nat(63), { maxLength: 30 });
    fc.assert(
      fc.property(fc.array(aRow, { maxLength: 30 }), choices, (rows, choice) => {
        const alone = mergeShards([part({ [name]: Buffer.concat(rows) })])[name];
        const parts = dealt(rows, choice, 5).map((hand) =>
          part({ [name]: Buffer.concat(hand.toReversed()) }),
        );
        expect(Buffer.compare(mergeShards(nonEmpty(parts))[name], alone)).toBe(0);
      }),
    );
  });

  test('one responder in two shards is one row: counts added, the longest silence and its frame kept', () => {
    const bin = (count: number, longestNs: number, longestFrame: number) =>
      packed(SURVIVOR_BIN, [{ ...SERVER, bin: 7, count, keepalives: 1, longestNs, longestFrame }]);
    const merged = mergeShards([
      part({ survivors: bin(2, 50, 11) }),
      part({ survivors: bin(3, 60, 12) }),
    ]);
    expect(merged.survivors).toEqual(
      packed(SURVIVOR_BIN, [
        { ...SERVER, bin: 7, count: 5, keepalives: 2, longestNs: 60, longestFrame: 12 },
      ]),
    );
  });

  test('each second keeps the older of two connections, nibble by nibble', () => {
    const strip = (...ages0: number[]) =>
      packed(ALIVE_STRIP, [{ ...SERVER, firstSecond: 128, ages0 }]);
    const merged = mergeShards([
      part({ alive: strip(0x3f, 0x01) }),
      part({ alive: strip(0x51, 0x20) }),
    ]);
    expect(merged.alive).toEqual(strip(0x5f, 0x21));
  });

  test('a count stays at its ceiling instead of starting again', () => {
    const bin = (count: number) => packed(SURVIVOR_BIN, [{ ...SERVER, count }]);
    const merged = mergeShards([
      part({ survivors: bin(2 ** 32 - 2) }),
      part({ survivors: bin(5) }),
    ]);
    expect(merged.survivors).toEqual(bin(2 ** 32 - 1));
  });
});

test('a capture is as far as its slowest shard, and has found what all have found', () => {
  const board = openBoard(3);
  [300, 100, 200].forEach((bytesRead, shard) =>
    writeProgress(board, shard, {
      bytesRead,
      bytesTotal: 400,
      packets: bytesRead / 10,
      records: shard,
    }),
  );
  expect(readProgress(board)).toEqual({ bytesRead: 100, bytesTotal: 400, packets: 10, records: 3 });
});
