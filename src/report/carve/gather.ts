/**
 * The packets of findings, in memory: for each the last that fit into EVIDENCE_BYTES as a pcapng, headers only. For the
 * service, which keeps a little of many; `--carve` (carve.ts) writes all of it to files.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { addon, type CarvedFrame } from '../../capture/addon.ts';
import type { Finding } from '../../judge/finding.ts';
import { EVIDENCE_BYTES } from '../../queue/names.ts';
import { shownPacket } from './carve.ts';
import { planCuts } from './cuts.ts';
import { interfaceBlock, packetBlock, sectionBlock } from './pcapng-file.ts';

const SLICE_MS = 100;
/** Chosen: what the section and two interfaces take, with room. */
const PACKETS_BYTES = EVIDENCE_BYTES - 512;
const HEADERS_ONLY = { mask: null, headersOnly: true } as const;

/** The newest packets of one finding. */
class Strip {
  readonly #linkTypes: number[] = [];
  #packets: Buffer[] = [];
  #bytes = 0;

  add(frame: CarvedFrame): void {
    const packet = shownPacket(frame, HEADERS_ONLY);
    if (packet === null) return;
    let at = this.#linkTypes.indexOf(packet.linkType);
    if (at < 0) at = this.#linkTypes.push(packet.linkType) - 1;
    const block = packetBlock(at, packet);
    this.#packets.push(block);
    this.#bytes += block.length;
    if (this.#bytes > PACKETS_BYTES * 2) this.#trim();
  }

  file(): Buffer | null {
    this.#trim();
    if (this.#packets.length === 0) return null;
    const interfaces = this.#linkTypes.map((linkType) => interfaceBlock(linkType));
    return Buffer.concat([sectionBlock(), ...interfaces, ...this.#packets]);
  }

  /** Once for many, so that a long connection costs no more than its length. */
  #trim(): void {
    let from = 0;
    while (this.#bytes > PACKETS_BYTES) this.#bytes -= this.#packets[from++]?.length ?? 0;
    this.#packets = this.#packets.slice(from);
  }
}

export interface Gathering {
  readonly paths: readonly string[];
  readonly filter: string | null;
  readonly findings: readonly Finding[];
}

/** pcapng files by finding id; reads the captures a second time. */
export async function gatherEvidence({
  paths,
  filter,
  findings,
}: Gathering): Promise<ReadonlyMap<string, Buffer>> {
  if (findings.length === 0) return new Map();
  const plan = planCuts(findings, (id) => id);
  const strips = new Map<string, Strip>(findings.map(({ id }) => [id, new Strip()]));
  const carver = addon().openCarver({ paths, filter, tuples: plan.tuples });
  try {
    for (let frames = carver.run(SLICE_MS); frames !== null; frames = carver.run(SLICE_MS)) {
      for (const frame of frames) {
        for (const id of plan.cuts[frame.tuple]?.at(frame.atNs) ?? []) strips.get(id)?.add(frame);
      }
      await nextTurn();
    }
  } finally {
    carver.close();
  }
  const files = [...strips].map(([id, strip]) => [id, strip.file()] as const);
  return new Map(files.flatMap(([id, file]) => (file === null ? [] : [[id, file] as const])));
}
