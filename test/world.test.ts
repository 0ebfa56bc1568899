/**
 * Captures that other projects ship with their tests: the kills in them are found, nothing else is called one, and
 * what is counted agrees with tshark on every file that both can read.
 */
import { describe, expect, test } from 'vitest';
import type { Analysis } from '../src/report/analysis.ts';
import { analyseFiles } from './kit/analyse.ts';
import { haveShared, type Indexed, indexed } from './kit/shared.ts';
import { type Counted, tsharkCounts } from './kit/tshark.ts';

const WORLD = indexed('world');
const expectedAs = (what: string): readonly Indexed[] =>
  WORLD.filter(({ expected }) => expected === what);

async function boxTimeouts(
  files: readonly Indexed[],
  shortestSeconds: number,
): Promise<readonly string[]> {
  const called: string[] = [];
  for (const { file, path } of files) {
    const { findings } = await analyseFiles([path], { shortestSeconds });
    const boxes = findings.filter(({ verdict }) => verdict === 'box-timeout');
    called.push(...boxes.map(({ signature, summary }) => `${file}: ${signature}: ${summary}`));
  }
  return called;
}

/** Where a difference from tshark is right, and why. */
const EXCEPTIONS: Readonly<Record<string, string>> = {};

function counted({ sources, counters, resetsByCause }: Analysis): Counted {
  const total = (parts: Readonly<Record<string, number>>): number =>
    Object.values(parts).reduce((sum, part) => sum + part, 0);
  return {
    packets: sources[0]?.frames ?? 0,
    tcpPackets: sources[0]?.fates['tcp'] ?? 0,
    resets: total(resetsByCause),
    connections: counters.flows.seen,
  };
}

async function difference({ file, path }: Indexed): Promise<string | null> {
  if (file in EXCEPTIONS) return null;
  const theirs = await tsharkCounts(path);
  if (theirs === null) return null;
  const analysis = await analyseFiles([path]);
  const ours = JSON.stringify(counted(analysis));
  return ours === JSON.stringify(theirs)
    ? null
    : `${file}: ours ${ours}, tshark ${JSON.stringify(theirs)}`;
}

/** Two at a time: tshark takes a third of a second a file. */
async function differences(files: readonly Indexed[]): Promise<readonly string[]> {
  const left = [...files];
  const found: string[] = [];
  const worker = async (): Promise<void> => {
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      const what = await difference(next);
      if (what !== null) found.push(what);
    }
  };
  await Promise.all([worker(), worker()]);
  return found.sort();
}

describe.skipIf(!haveShared)(
  'captures of other projects (needs ../shared or DEADAIR_SHARED)',
  () => {
    test.each(expectedAs('positive').map(({ file }) => file))(
      '%s: cut by a load balancer after 181 s',
      async (file) => {
        const path = WORLD.find((one) => one.file === file)?.path ?? '';
        const { findings } = await analyseFiles([path]);
        expect(findings).toMatchObject([{ signature: 'expiry-reset', verdict: 'box-timeout' }]);
        expect(Number(findings[0]?.silenceNs) / 1e9).toBeCloseTo(181.46, 1);
      },
    );

    test.each([10, 20])(
      'no look-alike is called a box timeout, silences from %d s',
      async (shortest) => {
        expect(await boxTimeouts(expectedAs('negative'), shortest)).toEqual([]);
        expect(await boxTimeouts(expectedAs('ambiguous'), shortest)).toEqual([]);
      },
    );

    test('nothing is called a box timeout where nothing died of silence', async () => {
      expect(await boxTimeouts(expectedAs('none'), 20)).toEqual([]);
    });

    test('packets, TCP packets, resets and connections are as tshark counts them', async () => {
      expect(await differences(WORLD)).toEqual([]);
    }, 180_000);
  },
);
