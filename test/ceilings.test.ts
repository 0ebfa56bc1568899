/**
 * More responders than the notes have room for: what is kept is the same for any number of shards, and what is not
 * is counted (native/flow/thin.h).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ALIVE_STRIP, GREETING, RESET_SECOND, SURVIVOR_BIN } from '../src/base/silence.ts';
import { type Layout, layoutBytes } from '../src/base/layout.ts';
import { addon } from '../src/capture/addon.ts';
import type { NoteCeilings } from '../src/capture/notes.ts';
import { type CaptureOptions, runCapture } from '../src/dispatch/capture.ts';
import type { Captured } from '../src/dispatch/merge.ts';
import { essence } from './kit/in-turn.ts';
import { labFile } from './kit/lab.ts';
import { writeRepeated } from './kit/long-capture.ts';

const ROOMY: NoteCeilings = {
  places: 10_000,
  survivors: 10_000_000,
  undecided: 10_000_000,
  strips: 1_000_000,
  resetSeconds: 1_000_000,
  greetings: 1_000_000,
};
/** Of each table, less than the capture has; and of several at once. */
const TIGHT: readonly Partial<NoteCeilings>[] = [
  { places: 50 },
  { survivors: 100 },
  { undecided: 12 },
  { strips: 10, places: 140 },
  { resetSeconds: 30 },
  { greetings: 64 },
  { places: 90, survivors: 60, undecided: 6, strips: 10, resetSeconds: 9, greetings: 11 },
  { places: 1, survivors: 1, undecided: 1, strips: 0, resetSeconds: 1, greetings: 1 },
  { places: 0x7fff_ffff, survivors: 0 },
];

const folder = mkdtempSync(join(tmpdir(), 'deadair-ceilings-'));
/** Resets come with the first, silences that are open at the end with the second. */
const SIDES = { 'inside.pcap': 12 * 2 ** 20, 'outside.pcap': 1.5 * 2 ** 20 } as const;
const paths = Object.keys(SIDES).map((side) => join(folder, side));

beforeAll(() => {
  for (const [side, bytes] of Object.entries(SIDES)) {
    writeRepeated(labFile('flush-mixed', side), join(folder, side), {
      server: 27017,
      apartSeconds: 1200,
      bytes,
      servers: 130,
    });
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const analysed = (workers: number, most: Partial<NoteCeilings>): Promise<Captured> => {
  const options: CaptureOptions = {
    paths,
    shortestNs: 1_000_000_000n,
    maxFlows: 100_000,
    filter: null,
    workers,
    noteCeilings: { ...ROOMY, ...most },
  };
  return runCapture(options);
};

const views = (packed: Uint8Array, layout: Layout) =>
  Array.from({ length: packed.byteLength / layoutBytes(layout) }, (_, i) => {
    const bytes = layoutBytes(layout);
    return new DataView(packed.buffer, packed.byteOffset + i * bytes, bytes);
  });

const respondersOf = (packed: Uint8Array, layout: Layout) =>
  new Set(views(packed, layout).map((row) => row.getUint32(0)));

const countedIn = (
  packed: Uint8Array,
  layout: Layout & { count: readonly [number, ...unknown[]] },
) => views(packed, layout).reduce((sum, row) => sum + row.getUint32(layout.count[0], true), 0);

const TABLES = [
  ['survivors', SURVIVOR_BIN],
  ['undecided', SURVIVOR_BIN],
  ['alive', ALIVE_STRIP],
  ['resetSeconds', RESET_SECOND],
  ['greetings', GREETING],
] as const;

describe('a capture with more responders than there is room for', () => {
  test.for(TIGHT)('is the same in 1, 2 and 4 shards with %o', async (most) => {
    const alone = await analysed(0, most);
    expect(Math.max(...Object.values(alone.thinned))).toBeGreaterThan(0);
    for (const shards of [1, 2, 4]) {
      expect(essence(await analysed(shards, most))).toEqual(essence(alone));
    }
  });

  test('keeps rows below each ceiling, and whole responders', async () => {
    const all = await analysed(0, {});
    expect(Object.values(all.thinned)).toEqual([0, 0, 0, 0, 0, 0]);
    for (const most of TIGHT) {
      const kept = await analysed(2, most);
      const room = { ...ROOMY, ...most };
      const rows = TABLES.map(([name, layout]) => kept[name].byteLength / layoutBytes(layout));
      const ceilings = [
        room.survivors,
        room.undecided,
        room.strips + room.places,
        room.resetSeconds,
        room.greetings,
      ];
      rows.forEach((count, i) => expect(count).toBeLessThanOrEqual(ceilings[i] ?? 0));
      for (const [name, layout] of TABLES) {
        const left = respondersOf(kept[name], layout);
        expect(left.size).toBeLessThanOrEqual(room.places);
        const before = views(all[name], layout).filter((row) => left.has(row.getUint32(0)));
        expect(views(kept[name], layout)).toEqual(before);
      }
    }
  });

  test('counts every silence and reset that is in no row', async () => {
    const all = await analysed(0, {});
    expect(all.counters.notesOverflow).toBe(0);
    expect(all.resetSeconds.byteLength).toBeGreaterThan(0);
    expect(all.undecided.byteLength).toBeGreaterThan(0);
    const total = ({ survivors, undecided, resetSeconds }: Captured) =>
      countedIn(survivors, SURVIVOR_BIN) +
      countedIn(undecided, SURVIVOR_BIN) +
      countedIn(resetSeconds, RESET_SECOND);
    for (const most of TIGHT) {
      const kept = await analysed(4, most);
      expect(kept.counters.notesOverflow).toBe(total(all) - total(kept));
    }
  });
});

describe('a merged table', () => {
  /** Three places of the lowest rank, one of each of the next two: leading zeros. */
  const hashes = BigUint64Array.of(
    1n << 63n,
    (1n << 63n) + 1n,
    (1n << 63n) + 2n,
    1n << 62n,
    1n << 61n,
  );
  const rows = new Uint8Array(hashes.buffer);
  const thinned = (level: number, most: number) => {
    const thin = addon().thin('places', [rows], { level, most });
    return { level: thin.level, left: Array.from(new BigUint64Array(thin.rows.slice().buffer)) };
  };

  test('loses what lies below its ceiling, though no shard had to', () => {
    expect(thinned(0, 2)).toEqual({ level: 1, left: [1n << 62n, 1n << 61n] });
    expect(thinned(0, 1)).toEqual({ level: 2, left: [1n << 61n] });
  });

  test('… and what some shard had lost, though there is room', () => {
    expect(thinned(2, 5)).toEqual({ level: 2, left: [1n << 61n] });
  });

  test('… and else is what it was', () => {
    expect(addon().thin('places', [rows], { level: 0, most: 5 }).rows).toBe(rows);
  });
});
