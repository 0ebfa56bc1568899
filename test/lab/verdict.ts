/** Holds a report against what really happened in a scenario, and says what differs. */
import { GATEWAY_INSIDE } from './network.ts';
import type { Outcome } from './experiment.ts';
import type { Report } from './recorders.ts';
import type { Scenario, Sighting } from './scenarios.ts';

type Finding = Report['findings'][number];

/** How near to the truth an estimate of T must be, seconds. */
export const TOLERANCE_S = 1;

/** Whether the sides of the box are told apart: a capture of `any` without interfaces has but one. */
const hasSides = ({ paths }: Report): boolean => paths.some(({ capturePoint }) => capturePoint);

/** The client's own port of the connection, whichever side of the box it was seen on. */
function clientPort(found: Finding, { findings }: Report): number {
  const { originator } = found.flow;
  const inside = GATEWAY_INSIDE.replace(/\d+$/, '');
  const isInside = ({ flow }: Finding): boolean =>
    flow.originator.address.startsWith(inside) || flow.originator.address === '2001:db8:1::2';
  if (isInside(found)) return originator.port;
  const twin = findings.find(({ id }) => found.sameAs.includes(id));
  if (twin !== undefined && isInside(twin)) return twin.flow.originator.port;
  const translated = found.flow.translated?.originator;
  return translated?.address.startsWith(inside) ? translated.port : originator.port;
}

const told = ({ flow, signature, verdict, evidence }: Finding): string =>
  `${flow.capturePoint} ${flow.originator.port} ${signature} ${verdict}: ${evidence[0]?.fact}`;

function fits(found: Finding, sighting: Sighting, hasProof: boolean): boolean {
  const { signature, verdict, evidence, flow, confidence } = found;
  if (signature !== sighting.signature) return false;
  if (!hasProof) return sighting.verdicts.includes(verdict) || verdict === 'possible-box-timeout';
  return (
    flow.capturePoint === sighting.at &&
    sighting.verdicts.includes(verdict) &&
    confidence >= 0.8 &&
    sighting.proof.test(evidence[0]?.fact ?? '')
  );
}

const sorted = (ports: Iterable<number>): readonly number[] => [...ports].sort((a, b) => a - b);

function killsOf(
  sighting: Sighting,
  { sightings }: Scenario,
  outcome: Outcome,
  report: Report,
): readonly string[] {
  const found = report.findings.filter((one) => fits(one, sighting, hasSides(report)));
  const ports = sorted(found.map((one) => clientPort(one, report)));
  const dead = sorted(outcome.flows.filter(({ dies }) => dies).map(({ localPort }) => localPort));
  if (!hasSides(report)) {
    const sides = sightings.filter(({ signature }) => signature === sighting.signature).length;
    return found.length === sides * dead.length
      ? []
      : [`${found.length} ${sighting.signature} of ${dead.length} kills`];
  }
  const [missing, extra] = [
    dead.filter((port) => !ports.includes(port)),
    ports.filter((port, i) => !dead.includes(port) || ports.indexOf(port) !== i),
  ];
  const what = `${sighting.at} ${sighting.signature}`;
  return [
    ...(missing.length === 0 ? [] : [`${what}: not found: ${missing.join(' ')}`]),
    ...(extra.length === 0 ? [] : [`${what}: no such kill: ${extra.join(' ')}`]),
  ];
}

function estimates(sighting: Sighting, { timeout }: Outcome, report: Report): readonly string[] {
  const isThere = ({ capturePoint }: Report['paths'][number]): boolean =>
    capturePoint === null || capturePoint === sighting.at;
  const paths = report.paths.filter(
    (path) => isThere(path) && path.killed > 0 && path.timeout.status !== 'bounded',
  );
  if (paths.length === 0) return [`${sighting.at}: no path with kills`];
  return paths
    .filter(({ timeout: { estimateSeconds: estimate } }) => !near(estimate, timeout))
    .map(({ timeout: { status, estimateSeconds } }) => `T ${status} ${estimateSeconds}`);
}

const near = (estimate: number | null, timeout: number): boolean =>
  estimate !== null && Math.abs(estimate - timeout) <= TOLERANCE_S;

const PROXY = /^a proxy: it closed its other leg/;

/** Findings that no sighting explains, and that the scenario does not allow either. */
function strangers({ sightings, others }: Scenario, report: Report): readonly string[] {
  const hasProof = hasSides(report);
  return report.findings
    .filter((one) => !sightings.some((sighting) => fits(one, sighting, hasProof)))
    .filter(({ verdict, evidence }) => {
      if (verdict === 'endpoint-timer' && others === 'timers') return false;
      if (verdict === 'endpoint-timer' && others === 'proxy')
        return hasProof && !PROXY.test(evidence[0]?.fact ?? '');
      return !(verdict === 'burst' && others === 'burst');
    })
    .map((one) => `not to be reported: ${told(one)}`);
}

/** The half that the box forgot may die late, unseen by its far end: possible, never certain. */
const isLateHalf = (complaint: string): boolean => /blackhole possible-box-timeout/.test(complaint);

/** What is wrong with the report of a scenario; empty: nothing. */
export function complaints(
  scenario: Scenario,
  outcome: Outcome,
  report: Report,
): readonly string[] {
  const { name, others, sightings } = scenario;
  const strange = strangers(scenario, report);
  const bursts = report.bursts.length;
  const proxied = report.findings.filter(({ evidence }) => PROXY.test(evidence[0]?.fact ?? ''));
  return [
    ...sightings.flatMap((one) => killsOf(one, scenario, outcome, report)),
    ...sightings.flatMap((one) => estimates(one, outcome, report)),
    ...(name === 'push' && !hasSides(report) ? strange.filter((one) => !isLateHalf(one)) : strange),
    ...(bursts === (others === 'burst' ? 1 : 0) ? [] : [`${bursts} bursts`]),
    ...(others === 'proxy' && hasSides(report) && proxied.length !== 2 * outcome.flows.length
      ? [`${proxied.length} closes of a proxy`]
      : []),
  ];
}
