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

const CUSTOM = 'tshark counts pcapng custom blocks as packets; they hold none';
const ARCNET = 'ARCNET has no decoder here: link-type-unknown';
const SFLOW =
  'tshark dissects headers sampled inside sFlow; they did not pass where this was captured';
const VNI = 'a connection is one of its tunnel; tshark takes one tuple in several VNIs for one';

/** Where a difference from tshark is right, and why. */
const EXCEPTIONS: readonly (readonly [ending: string, because: string])[] = [
  ['pcapgo__tests__be__test102.pcapng', CUSTOM],
  ['pcapgo__tests__le__test102.pcapng', CUSTOM],
  ['fuzz-2006-09-29-28586.pcap', 'fuzzed lengths that contradict each other: malformed here'],
  ['ExamplesTest__pcap_examples__tcp-reassembly.pcap', SFLOW],
  ['PacketExamples__dns_over_tcp.pcapng', 'several interfaces: a connection is one of its point'],
  ['filter__AH-IPcomp-IPv4.pcap', 'tshark unpacks IPComp (RFC 3173): not-tcp here'],
  ['arcnet-rfc1051-arp-icmp-http.pcap', ARCNET],
  ['arcnet-rfc1201-arp-icmp-http.pcap', ARCNET],
  ['filter__geneve.pcap', VNI],
  ['tcpdump__tests__sflow_expanded.pcap', SFLOW],
  ['Traces__vxlan-overlapping-http-get.pcap', VNI],
  ['gtp9_unknown_or_too_short_payload.pcap', 'an IP packet of 1480 bytes in a GTP message of 172'],
];

const isException = (file: string): boolean => EXCEPTIONS.some(([ending]) => file.endsWith(ending));

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

/** An exception that nothing needs any more is a difference too. */
async function difference({ file, path }: Indexed): Promise<string | null> {
  const theirs = await tsharkCounts(path);
  if (theirs === null) return null;
  const analysis = await analyseFiles([path]);
  const ours = JSON.stringify(counted(analysis));
  const same = ours === JSON.stringify(theirs);
  if (same !== isException(file)) return null;
  return `${file}: ours ${ours}, tshark ${JSON.stringify(theirs)}`;
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
    test('the two connections that a load balancer cut after 181 s are found', async () => {
      const positives = expectedAs('positive');
      expect(positives).toHaveLength(2);
      for (const { path } of positives) {
        const { findings } = await analyseFiles([path]);
        expect(findings).toMatchObject([{ signature: 'expiry-reset', verdict: 'box-timeout' }]);
        expect(Number(findings[0]?.silenceNs) / 1e9).toBeCloseTo(181.46, 1);
      }
    });

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
    }, 400_000);
  },
);
