/**
 * A path's threshold settles what a single silence could not: verdict and confidence are final from here.
 *
 * A possible box timeout longer than a significant threshold becomes a box timeout (the gate of docs/method.md: membership
 * of a path whose threshold is significant), whatever the locators say: a box that maps a connection anew lets the server
 * itself answer. Left alone: a silent drop without a witness, a connection that was being closed, one whose other side spoke again (an outage), a closed
 * window, and every silence shorter than the threshold, which something else must have ended. Restarts and endpoint timers
 * are never touched: they have verdicts of their own.
 */
import { has } from '../base/record.ts';
import { FLOW_FLAG, TRIGGER } from '../base/silence.ts';
import { seconds } from '../base/units.ts';
import type { Evidence, Finding } from '../judge/finding.ts';
import { summarize } from '../judge/summary.ts';
import type { PathFacts } from './facts.ts';

/** Chosen: sure enough to act on; an emitter located at the endpoint leaves a little more doubt. */
const SETTLED = 0.85;
const SETTLED_AT_ENDPOINT = 0.8;

/** What a path's significant threshold says of every silence on it. */
interface Known {
  readonly lowSeconds: number;
  readonly beyond: Evidence;
}

export function settle(findings: readonly Finding[], paths: readonly PathFacts[]): Finding[] {
  const byPlace = new Map<string, Known>();
  for (const path of paths) {
    const { lowSeconds } = path.timeout;
    if (!path.significant || lowSeconds === null) continue;
    const known = { lowSeconds, beyond: beyond(path, lowSeconds) };
    for (const id of path.findingIds) byPlace.set(`${id}@${path.capturePoint}`, known);
  }
  return findings.map((finding) => {
    const known = byPlace.get(`${finding.id}@${finding.record.capturePoint}`);
    return known === undefined ? finding : settled(finding, known);
  });
}

function settled(finding: Finding, known: Known): Finding {
  if (finding.verdict !== 'box-timeout' && finding.verdict !== 'possible-box-timeout') {
    return finding;
  }
  if (seconds(finding.silenceNs) <= known.lowSeconds) return below(finding, known.lowSeconds);
  if (!timed(finding) || unwitnessed(finding)) return finding;
  const surely = finding.emitter.is === 'endpoint' ? SETTLED_AT_ENDPOINT : SETTLED;
  const confidence = Math.max(finding.confidence, surely);
  return retold(finding, { verdict: 'box-timeout', confidence }, known.beyond);
}

/** Nothing but the silence can have ended it. */
const timed = ({ record }: Finding): boolean =>
  record.triggerKind !== TRIGGER.fin &&
  record.triggerKind !== TRIGGER.windowProbe &&
  !has(record.flowFlags, FLOW_FLAG.otherSpokeLater | FLOW_FLAG.crossed);

/**
 * Nothing came back, and nobody ever heard from the responder again: had it gone down after the last silence that
 * survived, the path would show the same threshold. It takes a witness to blame a box for a drop.
 */
const unwitnessed = ({ signature, heardLater }: Finding): boolean =>
  signature === 'blackhole' && heardLater === false;

const rounded = (value: number): string => String(Number(value.toPrecision(3)));

function beyond(path: PathFacts, lowSeconds: number): Evidence {
  const [killed, survived] = [tally(path, true, lowSeconds), tally(path, false, lowSeconds)];
  const limit = `${rounded(lowSeconds)} s`;
  return {
    fact:
      `on this path ${killed.is} of ${killed.of} silences beyond ${limit} were killed, ` +
      `and ${survived.is} of ${survived.of} up to it survived`,
    speaksFor: 'box-timeout',
    weight: 0.6,
  };
}

function tally({ observations }: PathFacts, isBeyond: boolean, limit: number) {
  let [is, of] = [0, 0];
  for (const { seconds: length, outcome, count } of observations) {
    if (length > limit !== isBeyond) continue;
    of += count;
    if ((outcome !== 'survived') === isBeyond) is += count;
  }
  return { is, of };
}

/** The verdict stands: what was located mid-path was made there. */
const below = (finding: Finding, lowSeconds: number): Finding =>
  retold(finding, finding, {
    fact: `shorter than the idle timeout of this path, which is at least ${rounded(lowSeconds)} s`,
    speaksFor: 'not-a-timeout',
    weight: 0.5,
  });

type Settled = Pick<Finding, 'verdict' | 'confidence'>;

/** The same finding with one more fact. Its words are made when somebody reads them (judge/compose.ts). */
function retold(finding: Finding, { verdict, confidence }: Settled, fact: Evidence): Finding {
  const told: Finding = Object.defineProperties({} as Finding, {
    ...Object.getOwnPropertyDescriptors(finding),
    verdict: { value: verdict, enumerable: true },
    confidence: { value: confidence, enumerable: true },
    evidence: { get: () => [...finding.evidence, fact], enumerable: true },
    summary: { get: () => summarize(told), enumerable: true },
  });
  return told;
}
