/** Real findings of a real capture (a box that forgets after 90 s), and more of their kind. */
import { fileURLToPath } from 'node:url';
import type { FindingReport, PathReport } from '../../src/report/schema.ts';
import type { Happening } from '../../src/report/store/events.ts';
import { said } from '../kit/command.ts';

const CAPTURE = fileURLToPath(new URL('../captures/lab/dnat-90/inside.pcap', import.meta.url));

export interface Kills {
  readonly findings: readonly FindingReport[];
  readonly path: PathReport;
}

export async function labKills(): Promise<Kills> {
  const { out } = await said(['read', '--json', CAPTURE]);
  const { findings, paths } = JSON.parse(out) as { findings: FindingReport[]; paths: PathReport[] };
  const [path] = paths;
  if (findings.length === 0 || path === undefined) throw new Error('the lab capture shows no kill');
  return { findings, path };
}

export const created = (finding: FindingReport): Happening => ({
  type: 'finding.created',
  subject: finding.id,
  data: finding,
});

/** `count` kills that differ in their ids alone. */
export const manyOf = (finding: FindingReport, count: number): Happening[] =>
  Array.from({ length: count }, (_, i) =>
    created({ ...finding, id: `f_${i.toString(16).padStart(16, '0')}` }),
  );
