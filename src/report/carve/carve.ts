/**
 * Cuts the packets of every finding's connection out of its captures: a second reading of them, a
 * pcap a finding.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { addon, type CarvedFrame, type CarverTuple } from '../../capture/addon.ts';
import type { Finding } from '../../judge/finding.ts';
import type { Analysis } from '../analysis.ts';
import type { Mask } from '../anonymize/mask.ts';
import { chooseFindings } from '../choose.ts';
import { anonymousPacket } from './anonymous-packet.ts';
import { findHeaders } from './headers.ts';
import { CarveSink, type Packet } from './sink.ts';

export interface CarveOptions {
  readonly folder: string;
  readonly paths: readonly string[];
  readonly filter: string | null;
  readonly maxFindings: number;
  readonly headersOnly: boolean;
  readonly mask: Mask | null;
  readonly signal: AbortSignal;
}

export interface Carved {
  readonly findings: number;
  readonly files: number;
  readonly frames: number;
}

/** LINKTYPE_RAW: the packet begins with an IP header. */
const RAW = 101;
const SLICE_MS = 100;

/**
 * One connection of a tuple: from its first packet to that of the next connection on the same
 * ports.
 */
interface Cut {
  readonly id: string;
  readonly fromNs: bigint;
  untilNs: bigint | null;
}

interface Plan {
  readonly tuples: readonly CarverTuple[];
  readonly cuts: readonly (readonly Cut[])[];
}

const tupleOf = ({ record }: Finding): CarverTuple => ({
  originatorAddress: record.originatorAddress,
  responderAddress: record.responderAddress,
  originatorPort: record.originatorPort,
  responderPort: record.responderPort,
});

/** A connection that came back at its own capture point has two. */
function tuplesOf(finding: Finding): readonly CarverTuple[] {
  const { signature, translated } = finding;
  if (translated === undefined || (signature !== 'remap' && signature !== 'leak')) {
    return [tupleOf(finding)];
  }
  const { originator, responder } = translated;
  const back = {
    originatorAddress: originator.address,
    responderAddress: responder.address,
    originatorPort: originator.port,
    responderPort: responder.port,
  };
  return [tupleOf(finding), back];
}

function boundCuts(cuts: Cut[]): Cut[] {
  for (const cut of cuts) {
    const later = cuts.map(({ fromNs }) => fromNs).filter((fromNs) => fromNs > cut.fromNs);
    cut.untilNs = later.length === 0 ? null : later.reduce((a, b) => (a < b ? a : b));
  }
  return cuts;
}

export function planCuts(findings: readonly Finding[], name: (id: string) => string): Plan {
  const byTuple = new Map<string, { tuple: CarverTuple; cuts: Cut[] }>();
  const cut = (finding: Finding, tuple: CarverTuple): void => {
    const key = Object.values(tuple).join(' ');
    const entry = byTuple.get(key) ?? { tuple, cuts: [] };
    const fromNs = finding.record.flowStartedAtNs;
    entry.cuts.push({ id: name(finding.id), fromNs, untilNs: null });
    byTuple.set(key, entry);
  };
  for (const finding of findings) {
    for (const tuple of tuplesOf(finding)) cut(finding, tuple);
  }
  const entries = [...byTuple.values()];
  return {
    tuples: entries.map(({ tuple }) => tuple),
    cuts: entries.map(({ cuts }) => boundCuts(cuts)),
  };
}

/** The frame as it is written; null where it may not be. */
export function shownPacket(
  frame: CarvedFrame,
  { mask, headersOnly }: Pick<CarveOptions, 'mask' | 'headersOnly'>,
): Packet | null {
  const { atNs, linkType, wireBytes, bytes } = frame;
  if (mask !== null) {
    const raw = anonymousPacket(bytes, frame.ipOffset, mask.bytes);
    return raw === null ? null : { atNs, linkType: RAW, ...raw };
  }
  const end = headersOnly ? (findHeaders(bytes, frame.ipOffset)?.end ?? 0) : bytes.length;
  return { atNs, linkType, wireBytes, bytes: bytes.subarray(0, end) };
}

/** Answers whether anything was written. */
function writeFrame(
  frame: CarvedFrame,
  plan: Plan,
  sink: CarveSink,
  options: CarveOptions,
): boolean {
  const packet = shownPacket(frame, options);
  if (packet === null) return false;
  const hits = (plan.cuts[frame.tuple] ?? []).filter(
    ({ fromNs, untilNs }) => frame.atNs >= fromNs && (untilNs === null || frame.atNs < untilNs),
  );
  for (const { id } of hits) sink.write(id, packet);
  return hits.length > 0;
}

async function copyFrames(plan: Plan, sink: CarveSink, options: CarveOptions): Promise<number> {
  const carver = addon().openCarver({
    paths: options.paths,
    filter: options.filter,
    tuples: plan.tuples,
  });
  let written = 0;
  try {
    for (let frames = carver.run(SLICE_MS); frames !== null; frames = carver.run(SLICE_MS)) {
      for (const frame of frames) if (writeFrame(frame, plan, sink, options)) written++;
      await nextTurn();
      if (options.signal.aborted) break;
    }
  } finally {
    carver.close();
  }
  return written;
}

/**
 * The findings that a report of the same `maxFindings` lists, in files named by the ids it shows.
 */
export async function carveFindings(analysis: Analysis, options: CarveOptions): Promise<Carved> {
  const findings = chooseFindings(analysis.findings, options.maxFindings);
  const plan = planCuts(findings, options.mask?.id ?? ((id) => id));
  const sink = new CarveSink(options.folder);
  try {
    const frames = findings.length === 0 ? 0 : await copyFrames(plan, sink, options);
    if (options.signal.aborted) {
      sink.abandon();
      return { findings: findings.length, files: 0, frames: 0 };
    }
    return { findings: findings.length, files: sink.finish(), frames };
  } catch (thrown) {
    sink.abandon();
    throw thrown;
  }
}
