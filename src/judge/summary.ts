/**
 * One sentence a person can act on who never heard of TCP keepalive: who was silent for how long, what happened then,
 * who cut it, and what that means for the one who reads it.
 *
 * It says no more than the finding proves: a possible timeout reads "may", an endpoint's timer never blames a box.
 */
import type { SideIndex } from '../base/record.ts';
import { originatorKnown, otherSide } from './connection.ts';
import type { Finding } from './finding.ts';
import { durationText, endpointText } from './words.ts';

type Told = Omit<Finding, 'summary'>;

export function summarize(finding: Told, reading?: string): string {
  const who = connectionText(finding);
  const long = durationText(finding.silenceNs);
  if (finding.verdict === 'burst') return burstText(who, long, reading ?? 'many went at once');
  if (finding.verdict === 'endpoint-timer') return timerText(finding, who, long);
  return `${who} ${storyText(finding, long)} ${meaningText(finding, long)}`;
}

function connectionText({ record }: Told): string {
  const [from, to] = [endpointText(record, 0), endpointText(record, 1)];
  return originatorKnown(record)
    ? `The connection from client ${from} to server ${to}`
    : `The connection between ${from} and ${to}`;
}

/** The client, the server; an address where nobody saw who opened the connection. */
function partyText({ record }: Told, side: SideIndex): string {
  if (!originatorKnown(record)) return endpointText(record, side);
  return side === 0 ? 'the client' : 'the server';
}

const burstText = (who: string, long: string, reading: string): string =>
  `${who} was lost after ${long} of silence together with others: ${reading}; this is no idle timeout.`;

const timerText = (finding: Told, who: string, long: string): string =>
  `${who} was closed by ${partyText(finding, finding.record.endingBy)} itself ${long} after the last data, ` +
  `like others on this path: an idle timer of ${timerOwner(finding)}, no network ` +
  'timeout; TCP keepalive does not stop it, so raise that timer or let the application send more often.';

const timerOwner = ({ otherLeg }: Told): string =>
  otherLeg === undefined
    ? 'that application or of a proxy in front of it'
    : 'a proxy, which closed both its legs together';

/** What the capture shows, without a reading. */
function storyText(finding: Told, long: string): string {
  const silent = `was silent for ${long}`;
  const by = partyText(finding, finding.record.triggerBy);
  if (finding.cameBack !== undefined) return `${silent}; ${cameBackText(finding, by)}:`;
  switch (finding.signature) {
    case 'expiry-reset':
      return `${silent} and was then reset although nobody had said anything:`;
    case 'expiry-fin':
      return `${silent} and was then closed although nobody had said anything:`;
    case 'keepalive-reset':
      return `${silent}; when ${by} probed whether it was alive, a reset came back:`;
    case 'blackhole':
      return `${silent}; ${whatWasSent(finding)} ${by} sent then was never answered (${attempts(finding)}):`;
    default:
      return `${silent}; when ${by} spoke again, a reset came back${after(finding)}:`;
  }
}

/** Whoever gets such a packet cannot know whose it is: its reset is the box's doing. */
function cameBackText(finding: Told, by: string): string {
  const reset = finding.ending.kind === 'rst' ? ', and was reset' : '';
  return finding.cameBack === 'leak'
    ? `when ${by} spoke again, its packets left as ${cameBackAs(finding)}, untranslated${reset}`
    : `when ${by} spoke again, it came back as ${cameBackAs(finding)}, without a SYN${reset}`;
}

/** Under which endpoint: path/correlate has seen it. */
function cameBackAs({ record, translated }: Told): string {
  const end = record.triggerBy === 0 ? translated?.originator : translated?.responder;
  if (end === undefined) return 'another';
  return end.address.includes(':') ? `[${end.address}]:${end.port}` : `${end.address}:${end.port}`;
}

function whatWasSent({ trigger }: Told): string {
  if (trigger.kind === 'keepalive') return 'the keepalive probe that';
  return trigger.kind === 'fin' ? 'the closing FIN that' : 'what';
}

const attempts = (finding: Told): string =>
  `${finding.trigger.retransmissions + 1} attempts in ${durationText(finding.ending.hangNs)}`;

const after = (finding: Told): string =>
  finding.ending.latencyNs === null ? '' : ` after ${durationText(finding.ending.latencyNs)}`;

/** Who did it, how sure that is, and what to do. */
function meaningText(finding: Told, long: string): string {
  const suspect = partyText(finding, suspectSide(finding));
  const drops = `connections ${bound(finding)} ${long} of silence`;
  if (finding.verdict === 'box-timeout') {
    return (
      `not ${suspect} but a box on the way (NAT, firewall or load balancer) did that, it drops ${drops}; ` +
      "keep them busier (TCP keepalive, or a ping of the application) or raise the box's idle timeout."
    );
  }
  return (
    `a box on the way (NAT, firewall or load balancer) may drop ${drops}, but ${doubt(finding)}; ` +
    `a second capture nearer to ${suspect} would tell.`
  );
}

/** A reset at expiry tells the timeout itself; anything later only bounds it from above. */
const bound = (finding: Told): string =>
  finding.signature === 'expiry-reset' || finding.signature === 'expiry-fin' ? 'after' : 'within';

/** Whose address the reset wears; where nothing answered, whoever stayed quiet. */
const suspectSide = ({ record, signature, cameBack }: Told): SideIndex =>
  cameBack !== undefined
    ? record.triggerBy
    : signature === 'blackhole'
      ? otherSide(record.triggerBy)
      : record.endingBy;

function doubt(finding: Told): string {
  const suspect = partyText(finding, suspectSide(finding));
  if (finding.signature === 'blackhole') return `${suspect} or the whole path may have been down`;
  if (finding.trigger.kind === 'fin') return 'the connection was being closed anyway';
  return finding.emitter.is === 'endpoint'
    ? `a restart of ${suspect} would look the same`
    : 'where the reset was made cannot be told from here';
}
