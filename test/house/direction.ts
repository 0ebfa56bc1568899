/**
 * The alphabet is the packet's way: a stage (a folder of src/) imports only from stages that sort before it.
 * Root files of src/ may import any stage and no stage imports them. And one door per package.
 */
import { type Import, importsOf, packageOf } from './imports.ts';
import type { SourceFile } from './tree.ts';

/** `src/judge/emitter.ts` → `judge`; a root file of src/ → ``; anything outside src/ → null. */
export function stageOf(path: string): string | null {
  const match = /^src\/(?:([^/]+)\/)?[^/]+$/.exec(path.replace(/^(src\/[^/]+)\/.*\//, '$1/'));
  return match === null ? null : (match[1] ?? '');
}

// A worker is the far half of dispatch: it is started by dispatch, by URL, and drives one shard.
const WORKERS_MAY = new Set(['base', 'capture', 'dispatch']);

function complaintAbout({ from, target }: Import): string | null {
  if (target === null) return null;
  const there = stageOf(target);
  if (from.startsWith('workers/')) {
    return there === null || WORKERS_MAY.has(there)
      ? null
      : 'workers import base, capture, dispatch only';
  }
  const here = stageOf(from);
  if (here === null || here === '') return null;
  if (there === null) return 'a stage imports from src/ only';
  if (there === '') return 'no stage imports a root file';
  return there <= here ? null : `${here} comes before ${there} on the packet's way`;
}

export function againstTheWay(files: readonly SourceFile[]): string[] {
  return files.flatMap(importsOf).flatMap((one) => {
    const complaint = complaintAbout(one);
    return complaint === null ? [] : [`${one.from} imports ${one.specifier}: ${complaint}`];
  });
}

/** Package → where it may be imported. The addon and pcap.h have their doors in native.ts. */
export const DOORS: Readonly<Record<string, readonly string[]>> = {
  piscina: ['src/dispatch/', 'workers/'],
  bullmq: ['src/queue/'],
  ioredis: ['src/queue/'],
  libsql: ['src/report/store/'],
  // never in the measuring path: no timestamps, and it crashes inside a worker
  cap: [],
};

export function throughOtherDoors(files: readonly SourceFile[]): string[] {
  return files.flatMap(importsOf).flatMap(({ from, specifier }) => {
    const doors = DOORS[packageOf(specifier)];
    if (doors === undefined || doors.some((door) => from.startsWith(door))) return [];
    return [`${from} imports ${specifier}: its door is ${doors.join(' or ') || 'nowhere in src/'}`];
  });
}

const ADDON_DOOR = 'src/capture/addon.ts';

export function addonOutsideItsDoor(files: readonly SourceFile[]): string[] {
  return files
    .filter(({ path, text }) => path !== ADDON_DOOR && /deadair\.node|build\/Release/.test(text))
    .map(({ path }) => `${path} reaches for the addon: its door is ${ADDON_DOOR}`);
}
