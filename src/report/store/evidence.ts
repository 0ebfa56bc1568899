/** The packets of a finding, as a small pcapng. The first that comes stays: every vantage's own is as good. */
import type { Database } from './database.ts';

/** Of one finding. */
export const EVIDENCE_AT_MOST = 64 * 1024;

/** False when there is some already, or no such finding. */
export const storeEvidence = (
  db: Database,
  finding: string,
  pcapng: Uint8Array,
  now: number,
): boolean =>
  db.run(
    `INSERT INTO evidence SELECT id, ?, ? FROM findings WHERE id = ? ON CONFLICT DO NOTHING`,
    pcapng,
    now,
    finding,
  ) > 0;

export function evidenceOf(db: Database, finding: string): Uint8Array | null {
  const row = db.get<{ pcapng: ArrayBuffer }>(
    'SELECT pcapng FROM evidence WHERE finding = ?',
    finding,
  );
  return row === undefined ? null : new Uint8Array(row.pcapng);
}
