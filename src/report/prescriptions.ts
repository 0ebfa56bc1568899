/** The prescription of each path, made when a rendering asks for it. */
import { gather } from '../path/rows.ts';
import type { PathCase } from '../prescribe/path-case.ts';
import { type Prescription, prescribe } from '../prescribe/prescription.ts';
import { type Analysis, findingsOf, type PathFacts } from './analysis.ts';

export interface Prescriptions {
  readonly caseOf: (path: PathFacts) => PathCase;
  readonly of: (path: PathFacts) => Prescription;
}

const serverKey = ({ responderAddress, responderPort, capturePoint }: PathFacts): string =>
  `${responderAddress}|${responderPort}|${capturePoint}`;

const made = new WeakMap<Analysis, Prescriptions>();

/** Made once an analysis: several sections ask. */
export function prescriptionsOf(analysis: Analysis): Prescriptions {
  let prescriptions = made.get(analysis);
  if (prescriptions === undefined) made.set(analysis, (prescriptions = prescriptionsIn(analysis)));
  return prescriptions;
}

function prescriptionsIn(analysis: Analysis): Prescriptions {
  const byServer = new Map<string, PathFacts[]>();
  for (const path of analysis.paths) gather(byServer, serverKey(path), path);
  const caseOf = (path: PathFacts): PathCase => {
    const findings = findingsOf(analysis, path);
    return {
      path,
      kills: findings.filter(
        ({ verdict }) => verdict === 'box-timeout' || verdict === 'possible-box-timeout',
      ),
      closes: findings.filter(({ verdict }) => verdict === 'endpoint-timer'),
      others: byServer.get(serverKey(path)) ?? [],
    };
  };
  return { caseOf, of: (path) => prescribe(caseOf(path)) };
}
