/**
 * One sentence a person can act on who never heard of TCP keepalive: who was silent for how long, what happened then,
 * who cut it, and what that means for the one who reads it.
 *
 * It says no more than the finding proves: a possible timeout reads "may", an endpoint's timer never blames a box.
 */
import type { SideIndex } from '../base/record.ts';
import type { Finding } from './finding.ts';
import { durationText, endpointText } from './words.ts';

type Told = Omit<Finding, 'summary'>;

export function summarize(finding: Told, reading?: string): string {
  const who = connectionText(finding);
  const long = durationText(finding.silenceNs);
  if (finding.verdict === 'burst') return burstText(who, long, reading ?? 'many were lost at once');
  if (finding.verdict === 'endpoint-timer') return timerText(finding, who, long);
  return `${who} ${storyText(finding, long)} ${meaningText(finding, long)}`;
}

const connectionText = ({ record }: Told): string =>
  `The connection ${endpointText(record, 0)} → ${endpointText(record, 1)}`;

const burstText = (who: string, long: string, reading: string): string =>
  `${who} was lost after ${long} of silence together with others: ${reading}; this is no idle timeout.`;

function timerText(finding: Told, who: string, long: string): string {
  const closer = endpointText(finding.record, finding.record.endingBy);
  return (
    `${who} was closed by ${closer} itself ${long} after the last data, as others on this path were: ` +
    'an idle timer of that application or of a proxy in front of it; TCP keepalive does not stop it, ' +
    'raise that timer or let the application send something more often.'
  );
}

/** What the capture shows, without a reading. */
function storyText(finding: Told, long: string): string {
  const silent = `was silent for ${long}`;
  const speaker = finding.record.triggerBy;
  const by = endpointText(finding.record, speaker);
  switch (finding.signature) {
    case 'expiry-reset':
      return `${silent} and was then reset although nobody had said anything:`;
    case 'expiry-fin':
      return `${silent} and was then closed although nobody had said anything:`;
    case 'keepalive-reset':
      return `${silent}; when ${by} probed whether it was alive, a reset came back:`;
    case 'blackhole':
      return `${silent}; what ${by} sent then was never answered (${attempts(finding)}):`;
    default:
      return `${silent}; when ${by} spoke again, a reset came back${after(finding)}:`;
  }
}

const attempts = (finding: Told): string =>
  `${finding.trigger.retransmissions + 1} attempts in ${durationText(finding.ending.hangNs)}`;

const after = (finding: Told): string =>
  finding.ending.latencyNs === null ? '' : ` after ${durationText(finding.ending.latencyNs)}`;

/** Who did it, how sure that is, and what to do. */
function meaningText(finding: Told, long: string): string {
  const limit = bound(finding, long);
  if (finding.verdict === 'box-timeout') {
    return (
      `a box on the way (NAT, firewall or load balancer), not ${absolved(finding)}, had dropped ` +
      `the idle connection ${limit}; keep it busy more often than that, or raise the box's idle timeout.`
    );
  }
  return (
    `a box on the way may have dropped the idle connection ${limit}, ` +
    `but ${doubt(finding)}; a second capture nearer to ${absolved(finding)} would tell.`
  );
}

/** A reset at expiry tells the timeout itself; anything later only bounds it. */
const bound = (finding: Told, long: string): string =>
  finding.signature === 'expiry-reset' || finding.signature === 'expiry-fin'
    ? `after ${long}`
    : `within ${long}`;

/** Whose address the reset wears; where nothing answered, whoever stayed quiet. */
function absolved({ record, signature }: Told): string {
  const quiet: SideIndex = record.triggerBy === 0 ? 1 : 0;
  return endpointText(record, signature === 'blackhole' ? quiet : record.endingBy);
}

function doubt(finding: Told): string {
  if (finding.signature === 'blackhole')
    return 'the other end or the whole path may have been down';
  return finding.emitter.is === 'endpoint'
    ? 'a restarted server looks the same'
    : 'where the reset was made cannot be told from here';
}
