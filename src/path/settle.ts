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
import { retold } from '../judge/rejudge.ts';
import { amended } from '../judge/told.ts';
import { isUnvouched } from '../judge/vouched.ts';
import type { PathFacts } from './facts.ts';
import { onlyWitnessed } from './page.ts';

/** Chosen: sure enough to act on; an emitter located at the endpoint leaves a little more doubt. */
const SETTLED = 0.85;
const SETTLED_AT_ENDPOINT = 0.8;

/** What a path's significant threshold says of every silence on it. */
interface Known {
  readonly lowSeconds: number;
  readonly beyond: Evidence;
}

interface OnPath {
  readonly path: PathFacts;
  readonly findings: readonly Finding[];
}

const settledOn = new WeakMap<PathFacts, readonly Finding[]>();

/** What was found on a path, as it was settled; undefined for a path that was made anew from another. */
export const findingsOn = (path: PathFacts): readonly Finding[] | undefined => settledOn.get(path);

/** `told`: the same findings, path by path. */
export function settle(findings: readonly Finding[], told: readonly OnPath[]): readonly Finding[] {
  const changed = new Map<Finding, Finding>();
  const settledNow = (finding: Finding): Finding => changed.get(finding) ?? finding;
  for (const { path, findings: own } of told) {
    const known = own.length === 0 ? null : knownOf(path);
    for (const finding of own) {
      const now = known === null ? contradicted(finding, path) : settled(finding, known);
      if (now !== finding) changed.set(finding, now);
    }
    settledOn.set(path, own.map(settledNow));
  }
  return findings.map(settledNow);
}

function knownOf(path: PathFacts): Known | null {
  const { lowSeconds } = path.timeout;
  if (!path.significant || lowSeconds === null) return null;
  return { lowSeconds, beyond: beyond(path, lowSeconds) };
}

function settled(finding: Finding, known: Known): Finding {
  if (finding.verdict !== 'box-timeout' && finding.verdict !== 'possible-box-timeout') {
    return finding;
  }
  if (seconds(finding.silenceNs) <= known.lowSeconds) {
    const told = below(finding, known.lowSeconds);
    return onlyWitnessed(told)
      ? doubted(told, 'a drop that short was none of an idle timeout')
      : told;
  }
  if (!timed(finding) || unwitnessed(finding) || isUnvouched(finding)) return finding;
  const surely = finding.emitter.is === 'endpoint' ? SETTLED_AT_ENDPOINT : SETTLED;
  const confidence = Math.max(finding.confidence, surely);
  return retold(finding, { verdict: 'box-timeout', confidence }, known.beyond);
}

/**
 * A witness says that the responder was there, not that the row was lost for age: a link that is down for some of the
 * connections, a failover and a client that roams drop the busy as well. So a drop stays possible where silences as long
 * survived, or where being killed does not hang on the silence. A proof of both sides stands.
 */
function contradicted(finding: Finding, path: PathFacts): Finding {
  if (!onlyWitnessed(finding)) return finding;
  const { longestSurvivedNs, timeout } = path;
  if (longestSurvivedNs !== null && finding.silenceNs <= longestSurvivedNs) {
    return doubted(finding, 'a silence as long ended well on this path');
  }
  return timeout.reason === 'no-dependence' || timeout.reason === 'no-bracket'
    ? doubted(finding, 'on this path being killed does not depend on the silence')
    : finding;
}

const DOUBTED = 0.4;

function doubted(finding: Finding, fact: string): Finding {
  const told = amended(finding, {
    verdict: 'possible-box-timeout',
    confidence: Math.min(finding.confidence, DOUBTED),
    emitter: { is: 'unknown', because: [] },
    evidence: [...finding.evidence, { fact, speaksFor: 'not-a-timeout', weight: 0.5 }],
  });
  return amended(told, { summary: summarize(told) });
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

/** Counted when somebody reads it; a getter of its own, which `{ ...evidence }` copies. */
function beyond(path: PathFacts, lowSeconds: number): Evidence {
  let text: string | undefined;
  return {
    get fact() {
      return (text ??= beyondText(path, lowSeconds));
    },
    speaksFor: 'box-timeout',
    weight: 0.6,
  };
}

function beyondText(path: PathFacts, lowSeconds: number): string {
  const [killed, survived] = [tally(path, true, lowSeconds), tally(path, false, lowSeconds)];
  const limit = `${rounded(lowSeconds)} s`;
  return (
    `on this path ${killed.is} of ${killed.of} silences beyond ${limit} were killed, ` +
    `and ${survived.is} of ${survived.of} up to it survived`
  );
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
function below(finding: Finding, lowSeconds: number): Finding {
  const { verdict, confidence } = finding;
  return retold(
    finding,
    { verdict, confidence },
    {
      fact: `shorter than the idle timeout of this path, which is at least ${rounded(lowSeconds)} s`,
      speaksFor: 'not-a-timeout',
      weight: 0.5,
    },
  );
}
