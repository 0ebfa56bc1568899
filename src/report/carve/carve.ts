/**
 * Cuts the packets of every finding's connection out of its captures: a second reading of them, a
 * pcap a finding.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { addon, type CarvedFrame } from '../../capture/addon.ts';
import type { Analysis } from '../analysis.ts';
import type { Mask } from '../anonymize/mask.ts';
import { chooseFindings } from '../choose.ts';
import { anonymousPacket } from './anonymous-packet.ts';
import { type Plan, planCuts } from './cuts.ts';
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
  const hits = plan.cuts[frame.tuple]?.at(frame.atNs) ?? [];
  for (const id of hits) sink.write(id, packet);
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
