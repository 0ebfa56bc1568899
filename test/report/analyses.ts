/** Analyses made by hand, for what no capture of ours shows: hostile names, contradictions, damage. */
import type { SourceFacts } from '../../src/capture/addon.ts';
import type { Finding, Verdict } from '../../src/judge/finding.ts';
import type { Analysis, PathFacts } from '../../src/report/analysis.ts';
import { lateReset, ns, type Story } from '../judge/records.ts';

export interface Death extends Story {
  readonly id: string;
  readonly verdict?: Verdict;
  readonly confidence?: number;
  readonly summary?: string;
  readonly signature?: Finding['signature'];
  readonly trigger?: Finding['trigger']['kind'];
}

export function death(story: Death): Finding {
  const record = lateReset(story);
  const verdict = story.verdict ?? 'box-timeout';
  return {
    id: story.id,
    signature: story.signature ?? (verdict === 'endpoint-timer' ? 'idle-close' : 'late-reset'),
    verdict,
    confidence: story.confidence ?? 0.9,
    trigger: {
      kind: story.trigger ?? 'data',
      by: 'originator',
      payloadBytes: 100,
      retransmissions: 0,
    },
    ending: {
      kind: 'rst',
      by: 'responder',
      form: 'stateless',
      atNs: record.endingAtNs,
      latencyNs: 101_000n,
      hangNs: 101_000n,
    },
    emitter: { is: 'middlebox', because: [`TTL 64 where ${record.responderAddress} has 62`] },
    evidence: [
      { fact: `${record.responderAddress} still answered`, speaksFor: 'box-timeout', weight: 0.3 },
    ],
    summary: story.summary ?? `${record.originatorAddress} lost ${record.responderAddress}:27017.`,
    silenceNs: record.endedAtNs - record.startedAtNs,
    clock: 'packet',
    record,
  };
}

export const source = (changes: Partial<SourceFacts> = {}): SourceFacts => ({
  name: 'inside.pcap',
  format: 'pcap',
  bytesTotal: 5000,
  bytesRead: 5000,
  frames: 240,
  dropped: 0,
  badRecords: 0,
  firstAtNs: ns(1_000_000),
  lastAtNs: ns(1_000_600),
  complete: true,
  problem: null,
  fates: { tcp: 230, 'not-tcp': 10 },
  filtered: 0,
  ...changes,
});

export const path = (
  findings: readonly Finding[],
  changes: Partial<PathFacts> = {},
): PathFacts => ({
  id: 'p_1',
  responderAddress: '198.51.100.9',
  responderPort: 27017,
  ipVersion: 4,
  capturePoint: 0,
  tunnelId: 0,
  tunnelKind: 0,
  firstSpeaker: 'originator',
  tcpState: 'established',
  killed: findings.length,
  survived: 16,
  survivedByKeepalive: 0,
  probedEverySeconds: null,
  longestSurvivedNs: ns(58),
  shortestKilledNs: ns(108.5),
  findingIds: findings.map(({ id }) => id),
  timeout: {
    status: 'estimated',
    estimateSeconds: 79.3,
    lowSeconds: 58,
    highSeconds: 108.5,
    basis: 'change-point',
    reason: null,
  },
  significant: true,
  stepsSeconds: [],
  endpointTimerSeconds: null,
  observations: [
    { seconds: 58, outcome: 'survived', count: 16 },
    { seconds: 108.5, outcome: 'late-reset', count: findings.length },
  ],
  undecided: [{ seconds: 71, outcome: 'open', count: 3 }],
  members: [
    {
      id: 'p_1',
      responderAddress: '198.51.100.9',
      responderPort: 27017,
      firstSpeaker: 'originator',
      killed: findings.length,
      survived: 16,
    },
  ],
  ...changes,
});

export function analysis(findings: readonly Finding[], changes: Partial<Analysis> = {}): Analysis {
  return {
    shortestNs: ns(20),
    sources: [source()],
    capturePoints: [
      {
        source: 0,
        sources: [0],
        name: 'in0',
        linkType: 1,
        snaplen: 262_144,
        firstAtNs: ns(1_000_000),
        lastAtNs: ns(1_000_600),
        packets: 240,
      },
    ],
    counters: {
      flows: { seen: 20, established: 20, midStream: 0 },
      evicted: { halfOpen: 0, oneSided: 0, closed: 0, open: 0 },
      resets: {
        refused: 2,
        afterFin: 0,
        abort: 0,
        unknownConnection: 0,
        outOfWindow: 0,
        duplicate: 0,
        noSilence: 0,
        inRecords: findings.length,
        notExamined: 0,
      },
      silences: {
        survived: 16,
        closed: 0,
        unobserved: 0,
        killedInRecords: findings.length,
        closedInRecords: 0,
        openInRecords: 0,
        open: 0,
        notExamined: 0,
      },
      notesOverflow: 0,
      mirrored: 0,
      tableBytes: 0,
    },
    resetsByCause: { refused: 2, 'late-reset': findings.length },
    silences: { survived: 16, killed: findings.length, closed: 0, open: 1, unobserved: 0 },
    findings,
    paths: [path(findings)],
    bursts: [],
    blindSeconds: [0],
    ...changes,
  };
}

/** Twelve deaths after 108.5 s and more, on one path. */
export const twelve = (): readonly Finding[] =>
  Array.from({ length: 12 }, (_, i) =>
    death({ id: `f_${String(i).padStart(2, '0')}`, silent: 108.5 + i, from: i, port: 40_000 + i }),
  );
