/**
 * Days of silences on many servers, each ended well or by a cause that the test knows, as the judge sees them: the kills as
 * records, what survived as the scene's answers. Times are seconds since the day's begin.
 */
import type { SilenceRecord } from '../../src/base/record.ts';
import { OUTCOME } from '../../src/base/silence.ts';
import type { Judged } from '../../src/judge/burst.ts';
import type { Scene } from '../../src/judge/finding.ts';
import { judge } from '../../src/judge/judge.ts';
import { lateReset, ns, quiet, scene } from './records.ts';

export type Fate =
  | 'survived'
  | 'reset at the server'
  | 'reset mid-path'
  | 'push reset by its client';

export interface Silence {
  readonly server: number;
  readonly from: number;
  readonly seconds: number;
  /** Begin of the connection. */
  readonly bornAt: number;
  readonly fate: Fate;
}

export const DAY = 86_400;
/** Where the stories of records.ts begin. */
const BEGINS = 1_000_000;
/** As many survivors as a capture keeps on record. */
const SAMPLE = 2048;

const addressOf = (server: number): string => `198.51.${server >> 8}.${server & 255}`;

function recordOf({ server, from, seconds, bornAt, fate }: Silence, i: number): SilenceRecord {
  const record = {
    responderAddress: addressOf(server),
    originatorAddress: `10.0.${(i >> 8) & 255}.${i & 255}`,
    flowStartedAtNs: ns(BEGINS + bornAt),
    frameLastBefore: i * 10,
  };
  const story = { silent: seconds, from, port: 1024 + (i % 60_000) };
  if (fate === 'survived') {
    return quiet({ ...story, record: { ...record, outcome: OUTCOME.survived } });
  }
  if (fate === 'push reset by its client') {
    return lateReset({ ...story, by: 1, record: { ...record, endingTtl: 64 } });
  }
  const endingTtl = fate === 'reset mid-path' ? 64 : 62;
  return lateReset({ ...story, record: { ...record, endingTtl } });
}

/** By server: what was answered after a silence, in the order of the answers. */
function answersOf(silences: readonly Silence[]): ReadonlyMap<string, readonly Silence[]> {
  const found = new Map<string, Silence[]>();
  for (const one of silences) {
    if (one.fate !== 'survived') continue;
    const address = addressOf(one.server);
    const known = found.get(address);
    if (known === undefined) found.set(address, [one]);
    else known.push(one);
  }
  return found;
}

const inSeconds = (atNs: bigint): number => Number(atNs) / 1e9 - BEGINS;

function sceneOf(silences: readonly Silence[]): Scene {
  const answers = answersOf(silences);
  const longest = new Map<string, bigint>();
  for (const [address, some] of answers) {
    longest.set(address, ns(Math.max(...some.map(({ seconds }) => seconds))));
  }
  const survivors = silences.filter(({ fate }) => fate === 'survived').slice(0, SAMPLE);
  return scene({
    captureEndNs: () => ns(BEGINS + DAY),
    longestSurvivedNs: ({ responderAddress }) => longest.get(responderAddress) ?? 0n,
    records: () => survivors.map(recordOf),
    responderAnswered({ responderAddress }, fromNs, untilNs, olderThanNs) {
      const [from, until] = [inSeconds(fromNs), inSeconds(untilNs)];
      const bornBy = olderThanNs === undefined ? Number.POSITIVE_INFINITY : inSeconds(olderThanNs);
      return (answers.get(responderAddress) ?? []).some(
        (one) =>
          one.bornAt < bornBy && one.from + one.seconds >= from && one.from + one.seconds <= until,
      );
    },
  });
}

export function judgedDay(silences: readonly Silence[]): Judged {
  const kills = silences.filter(({ fate }) => fate !== 'survived');
  return judge(kills.map(recordOf), sceneOf(silences));
}

/** Every order of magnitude alike. */
export const logUniform = (random: () => number, least: number, most: number): number =>
  least * (most / least) ** random();

/** At any time of the day: one exchange, one silence. */
export function silenceOf(
  random: () => number,
  server: number,
  fate: (seconds: number) => Fate,
): Silence {
  const seconds = logUniform(random, 20.5, 3600);
  const bornAt = random() * (DAY - 2 * 3600);
  return { server, from: bornAt + 1, seconds, bornAt, fate: fate(seconds) };
}
