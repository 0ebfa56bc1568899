/**
 * Which path of AFTER is which of BEFORE.
 *
 * A path's id hashes its unmerged key, capture point included, so it survives a change of T; but a
 * merge may pick another member's id, and another machine names its interfaces otherwise. So: the
 * id, else a shared member, else a shared responder, port and first speaker. Each path has one
 * partner at most; the surer way goes first over all paths.
 */
import type { SidePath } from './side.ts';

export const MATCHES = ['id', 'member', 'responder'] as const;
export type MatchedBy = (typeof MATCHES)[number];

export interface Pair {
  readonly before: SidePath | null;
  readonly after: SidePath | null;
  readonly matchedBy: MatchedBy | null;
}

const KEYS: Readonly<Record<MatchedBy, (path: SidePath) => readonly string[]>> = {
  id: ({ id, capturePoint }) => [`${id} ${capturePoint ?? ''}`, id],
  member: ({ memberIds }) => memberIds,
  responder: ({ places, tcpState, capturePoint }) => [
    ...places.map((place) => `${place} ${tcpState} ${capturePoint ?? ''}`),
    ...places.map((place) => `${place} ${tcpState}`),
  ],
};

/** Takes what it pairs out of both sets; the partner is found under the most particular key. */
function pairBy(matchedBy: MatchedBy, before: Set<SidePath>, after: Set<SidePath>): Pair[] {
  const keysOf = KEYS[matchedBy];
  const known = new Map<string, SidePath[]>();
  for (const path of before) {
    for (const key of keysOf(path)) {
      const there = known.get(key);
      if (there === undefined) known.set(key, [path]);
      else there.push(path);
    }
  }
  const pairs: Pair[] = [];
  for (const path of [...after]) {
    const partner = keysOf(path)
      .flatMap((key) => known.get(key) ?? [])
      .find((candidate) => before.has(candidate));
    if (partner === undefined) continue;
    before.delete(partner);
    after.delete(path);
    pairs.push({ before: partner, after: path, matchedBy });
  }
  return pairs;
}

export function pairPaths(before: readonly SidePath[], after: readonly SidePath[]): Pair[] {
  const left = new Set(before);
  const right = new Set(after);
  const pairs = MATCHES.flatMap((matchedBy) => pairBy(matchedBy, left, right));
  return [
    ...pairs,
    ...[...left].map((path) => ({ before: path, after: null, matchedBy: null })),
    ...[...right].map((path) => ({ before: null, after: path, matchedBy: null })),
  ];
}
