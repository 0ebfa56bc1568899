/** Which responders, ports and speakers share a box, and which only look alike. */
import { describe, expect, test } from 'vitest';
import type { SilenceRecord } from '../../src/base/record.ts';
import { OUTCOME, type SURVIVOR_BIN } from '../../src/base/silence.ts';
import type { Finding } from '../../src/judge/finding.ts';
import { binOf } from '../../src/path/bins.ts';
import { networkOf } from '../../src/path/network.ts';
import { findPaths } from '../../src/path/paths.ts';
import { readSurvivors } from '../../src/path/survivors.ts';
import { finding } from './findings.ts';
import { lengths } from './observed.ts';
import { randomFrom } from './random.ts';
import { record, SERVER, second, survivorRows, type Values } from './packed.ts';

interface Server {
  readonly last: number;
  readonly port?: number;
  readonly net?: number;
  readonly by?: 0 | 1;
  readonly halfClosed?: boolean;
  readonly survived?: readonly number[];
  readonly killed?: readonly number[];
}

const place = ({ last, port = 27017, net = 100 }: Server) => ({
  responderAddress: [198, 51, net, last],
  responderPort: port,
});

const rows = (server: Server): Values<typeof SURVIVOR_BIN>[] =>
  (server.survived ?? []).map((s) => ({
    ...SERVER,
    ...place(server),
    bin: binOf(second(s)),
    count: 1,
    longestNs: second(s),
    firstSpeaker: server.by ?? 0,
    tcpState: server.halfClosed === true ? 1 : 0,
    outcome: OUTCOME.survived,
  }));

/** Each kill an hour after the one before. */
const kills = (server: Server, s: number): Finding[] =>
  (server.killed ?? []).map((length, i) => {
    const startedAtNs = second(s * 1e6 + i * 3600);
    const times = { startedAtNs, endedAtNs: startedAtNs + second(length) };
    const one: SilenceRecord = record({ ...place(server), ...times, triggerBy: server.by ?? 0 });
    return finding(`f_${s}_${i}`, 'possible-box-timeout', one, second(length));
  });

const pathsOf = (...servers: readonly Server[]) =>
  findPaths(servers.flatMap(kills), readSurvivors(survivorRows(servers.flatMap(rows))), {
    placeName: String,
    shortestSeconds: 20,
  });

const membersOf = (...servers: readonly Server[]) =>
  pathsOf(...servers).paths.map(({ members }) =>
    members.map((one) => `${one.responderAddress}:${one.responderPort} ${one.firstSpeaker}`),
  );

const [below, beyond] = [lengths(20, 340, 12), lengths(360, 900, 8)];

describe('one path', () => {
  test('servers of one network that are cut after the same silence', () => {
    const { paths } = pathsOf(
      { last: 1, survived: below, killed: beyond },
      { last: 2, survived: lengths(25, 345, 9), killed: lengths(352, 700, 9) },
    );
    expect(paths).toHaveLength(1);
    expect(paths[0]).toMatchObject({ responderAddress: '198.51.100.2', killed: 17, survived: 21 });
    expect(paths[0]?.timeout).toMatchObject({ lowSeconds: 345, highSeconds: 352 });
    const ids = paths[0]?.members.map(({ id }) => id);
    expect(paths[0]?.id).toBe(ids?.[0]);
    expect(new Set(ids).size).toBe(2);
  });

  test('twenty servers with one kill each: none tells T alone, together they do', () => {
    const servers = Array.from({ length: 20 }, (_, i) => ({
      last: i,
      survived: [30 + i, 200 + 7 * i],
      killed: [355 + 20 * i],
    }));
    const { paths, findings } = pathsOf(...servers);
    expect(paths).toMatchObject([{ killed: 20, survived: 40, significant: true }]);
    expect(paths[0]?.timeout).toMatchObject({ lowSeconds: 333, highSeconds: 355 });
    expect(new Set(findings.map(({ verdict }) => verdict))).toEqual(new Set(['box-timeout']));
    expect(pathsOf(...servers.slice(0, 1)).paths[0]?.timeout.status).toBe('refused');
  });

  test('both speakers, where both have seen the same T', () => {
    expect(
      membersOf(
        { last: 1, survived: below, killed: beyond },
        { last: 1, by: 1, survived: below, killed: lengths(360, 900, 7) },
      ),
    ).toEqual([['198.51.100.1:27017 originator', '198.51.100.1:27017 responder']]);
  });
});

describe('paths of their own', () => {
  const known = { last: 1, survived: below, killed: beyond };

  test.each<[string, Server]>([
    ['another T', { last: 2, survived: lengths(20, 55, 12), killed: lengths(61, 300, 8) }],
    ['a T that is longer', { last: 2, survived: lengths(20, 880, 30), killed: [901, 950, 990] }],
    ['another network', { last: 2, net: 101, survived: below, killed: beyond }],
    ['survivors alone', { last: 2, survived: below }],
    ['a port where all survive', { last: 1, port: 22, survived: lengths(20, 3000, 20) }],
    ['a speaker who survives', { last: 1, by: 1, survived: lengths(20, 3000, 20) }],
    ['a speaker of whom little is known', { last: 1, by: 1, killed: [500] }],
    ['a kill that contradicts nothing', { last: 2, killed: [500] }],
    ['three such', { last: 2, killed: [500, 700, 900] }],
    ['a kill far beyond, survivors far below', { last: 2, survived: [20, 25], killed: [2000] }],
    ['half-closed connections', { last: 1, halfClosed: true, survived: below }],
  ])('%s', (_, other) => {
    expect(membersOf(known, other).map((members) => members.length)).toEqual([1, 1]);
  });
});

test('two servers of one port behind two boxes keep a T each', () => {
  const { paths } = pathsOf(
    { last: 1, survived: below, killed: beyond },
    { last: 2, survived: lengths(20, 55, 30), killed: lengths(61, 300, 30) },
  );
  expect(paths.map(({ timeout }) => [timeout.lowSeconds, timeout.highSeconds])).toEqual([
    [55, 61],
    [340, 360],
  ]);
});

test('a thin path that speaks for the same T is part of it', () => {
  const known = { last: 1, survived: below, killed: beyond };
  const thin = { last: 2, survived: [200], killed: [500] };
  expect(membersOf(known, thin).map((members) => members.length)).toEqual([2]);
});

test('kills alone tell no T, so nobody knows whether theirs is the same', () => {
  const alone = [70, 400, 950].map((s, i) => ({ last: i + 1, killed: [s] }));
  expect(membersOf(...alone)).toHaveLength(3);
});

describe('many servers of which each shows little', () => {
  /** Silences of 250 servers, log-uniform from 20 s to an hour. */
  const servers = (
    seed: number,
    silences: number,
    dies: (s: number, random: () => number) => boolean,
  ) => {
    const random = randomFrom(seed);
    return Array.from({ length: 250 }, (_, last): Server => {
      const all = Array.from(
        { length: 1 + Math.floor(2 * silences * random()) },
        () => 20 * 180 ** random(),
      );
      const killed = all.filter((s) => dies(s, random));
      return { last, killed, survived: all.filter((s) => !killed.includes(s)) };
    });
  };
  const estimatesOf = (all: readonly Server[]) =>
    pathsOf(...all).paths.flatMap(({ timeout }) => (timeout.status === 'estimated' ? timeout : []));

  test.each([
    ['whatever their length', 10, (_: number, random: () => number) => random() < 0.1],
    ['few and seldom', 3, (_: number, random: () => number) => random() < 0.2],
    ['one a day', 20, (s: number, random: () => number) => random() < -Math.expm1(-s / 86_400)],
  ])('accidents, %s: no T on any path', (_, silences, dies) => {
    const found = Array.from({ length: 10 }, (__, seed) =>
      estimatesOf(servers(seed, silences, dies)),
    );
    expect(found.flat()).toEqual([]);
  });

  test('one gateway before all of them: one path, and its interval holds T', () => {
    const gateway = (s: number, random: () => number) => random() < (s < 300 ? 0.02 : 0.95);
    const found = Array.from({ length: 10 }, (_, seed) => estimatesOf(servers(seed, 4, gateway)));
    expect(found.map((some) => some.length)).toEqual(Array(10).fill(1));
    const held = found.flat().filter(({ lowSeconds, highSeconds }) => {
      return (lowSeconds ?? 0) <= 300 && (highSeconds ?? 0) >= 300;
    });
    expect(held.length).toBeGreaterThanOrEqual(8);
  });
});

test('a network is the first 24 bits, or the first 64', () => {
  expect(networkOf('198.51.100.9', 4)).toBe('198.51.100.0/24');
  expect(networkOf('2001:db8:3::9', 6)).toBe('2001:db8:3::/64');
  expect(networkOf('2001:db8:1:2:3:4:5:6', 6)).toBe('2001:db8:1:2::/64');
  expect(networkOf('fe80::1', 6)).toBe('fe80::/64');
});
