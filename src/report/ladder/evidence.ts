/** The ladder of a finding from its stored packets, for whoever has no capture any more. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FindingReport } from '../schema.ts';
import { laddersOf } from './ladders.ts';
import type { Ladder } from './schema.ts';

/** Frames of the evidence have numbers of their own, which are not those of the finding. */
const withoutNumbers = (finding: FindingReport): FindingReport => ({
  ...finding,
  frames: { source: null, lastBefore: null, trigger: null, ending: null, elsewhere: [] },
});

/** Null where its connection is not in them. The native carver reads files: for a moment there is one. */
export async function evidenceLadder(
  finding: FindingReport,
  pcapng: Uint8Array,
): Promise<Ladder | null> {
  const folder = mkdtempSync(join(tmpdir(), 'deadair-evidence-'));
  try {
    const path = join(folder, 'packets.pcapng');
    writeFileSync(path, pcapng, { mode: 0o600 });
    const { signal } = new AbortController();
    const how = { paths: [path], filter: null, together: [], signal };
    const ladders = await laddersOf([withoutNumbers(finding)], how);
    return ladders.get(finding.id) ?? null;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
