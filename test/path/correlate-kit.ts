/**
 * Two capture points, in0 and out0, on either side of a translator: 192.0.2.10 becomes 203.0.113.1 outside, one TTL on.
 * Records are told as in test/judge/records.ts; what the correlation makes of them comes back as judgements.
 */
import type { SideRecord, SilenceRecord } from '../../src/base/record.ts';
import { BIRTH, BLIND_SPOT } from '../../src/base/silence.ts';
import type { Captured } from '../../src/dispatch/merge.ts';
import type { Judgement, Scene } from '../../src/judge/finding.ts';
import { judge } from '../../src/judge/judge.ts';
import { correlate } from '../../src/path/correlate/correlate.ts';
import { ns, scene, type Story } from '../judge/records.ts';
import { packed, type Values } from './packed.ts';

export const IN = 0;
export const OUT = 1;

/** Where the stories of test/judge/records.ts begin. */
export const ZERO = ns(1_000_000);

const numbers = (port: number): Partial<SideRecord>[] => [
  { nxt: port * 1000, ack: port * 2000, tsval: port },
  { nxt: port * 2000, ack: port * 1000, tsval: port * 3 },
];

/** A story told inside: client at TTL 64, server at 62. */
export function inside<S extends Story>(story: S): S {
  const [client, server] = numbers(story.port ?? 40000);
  return {
    ...story,
    client: { ...client, ...story.client },
    server: { ...server, ...story.server },
  };
}

/** The same connection outside: client at 63, server at 63. */
export function outside<S extends Story>(story: S): S {
  const told = inside(story);
  return {
    ...told,
    client: { ttlHandshake: 63, ttlData: 63, ...told.client },
    server: { ttlHandshake: 63, ttlData: 63, ...told.server },
    record: {
      capturePoint: OUT,
      originatorAddress: '203.0.113.1',
      ...story.record,
    },
  };
}

export interface Given {
  readonly births?: readonly Values<typeof BIRTH>[];
  readonly blind?: readonly Values<typeof BLIND_SPOT>[];
  readonly scene?: Partial<Scene>;
  /** Seconds after ZERO at which each source ends; default 10 000. */
  readonly ends?: readonly [number, number];
  readonly complete?: boolean;
  readonly dropped?: number;
  readonly together?: boolean;
}

function capturedOf(given: Given): Captured {
  const { ends = [10_000, 10_000], complete = true, dropped = 0 } = given;
  const span = (end: number) => ({ firstAtNs: ZERO - ns(100), lastAtNs: ZERO + ns(end) });
  const sources = ends.map((end, i) => ({ name: `/x/${i}.pcap`, complete, dropped, ...span(end) }));
  const capturePoints = ends.map((end, i) => ({
    source: i,
    sources: [i],
    name: i === IN ? 'in0' : 'out0',
    ...span(end),
  }));
  return {
    sources,
    capturePoints,
    births: packed(BIRTH, given.births ?? []),
    blindSpots: packed(BLIND_SPOT, given.blind ?? []),
    resetSeconds: new Uint8Array(0),
    undecided: new Uint8Array(0),
    greetings: new Uint8Array(0),
  } as unknown as Captured;
}

export interface Outcome {
  readonly judgements: readonly Judgement[];
  readonly clocks: ReturnType<typeof correlate>['clocks'];
  readonly bursts: number;
  readonly at: (point: number, port?: number) => Judgement;
}

export function bothSides(records: readonly SilenceRecord[], given: Given = {}): Outcome {
  const captured = capturedOf(given);
  const within = scene(given.scene ?? {});
  let clocks: Outcome['clocks'] = [];
  const { judgements, bursts } = judge(records, within, (alone) => {
    const correlated = correlate(alone, {
      captured,
      scene: within,
      together: given.together ?? false,
    });
    clocks = correlated.clocks;
    return correlated;
  });
  return {
    judgements,
    clocks,
    bursts: bursts.length,
    at: (point, port = 40000) => {
      const found = judgements.find(
        ({ record }) => record.capturePoint === point && record.originatorPort === port,
      );
      if (found === undefined) throw new Error(`no judgement at ${point} on ${port}`);
      return found;
    },
  };
}

/** The first fact: where a proof stands. */
export const proofOf = ({ finding }: Judgement): string => finding?.evidence[0]?.fact ?? '';

export { ns };
