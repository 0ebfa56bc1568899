/**
 * What belongs to one unmerged path: the kills and survivors of one responder at one capture point, by who spoke first and
 * by whether one side had closed already (half-closed connections have shorter timers of their own).
 *
 * Closed, open, unobserved and burst silences, and those that an endpoint's timer ended, say nothing of a box and are
 * not counted (of open and unobserved ones a reader may see how long they were: undecided.ts). A connection that a keepalive kept alive is a survivor.
 */
import type { SideIndex } from '../base/record.ts';
import { SILENCE_KIND, TCP_STATE } from '../base/silence.ts';
import { seconds } from '../base/units.ts';
import { halfClosed, notNegative } from '../judge/connection.ts';
import type { Finding } from '../judge/finding.ts';
import { pathId } from '../judge/identity.ts';
import { isUnvouched } from '../judge/vouched.ts';
import { type Evidence, type KillSeen, Lazy } from './estimate/evidence.ts';
import { joined, type Lengths } from './estimate/lengths.ts';
import type { PathFacts } from './facts.ts';
import { type Responder, responderKey, responderOf } from './responder.ts';
import type { Survivors } from './survivors.ts';
import type { UndecidedBin } from './undecided.ts';

type Speaker = PathFacts['firstSpeaker'];
type TcpState = PathFacts['tcpState'];

interface Kill extends KillSeen {
  readonly silenceNs: bigint;
  readonly signature: Finding['signature'];
  /** Something shows that whoever did not answer was still there: else the silence tells nothing of a box. */
  readonly vouched: boolean;
}

export interface Page {
  readonly key: string;
  readonly id: string;
  readonly responder: Responder;
  readonly firstSpeaker: Speaker;
  readonly tcpState: TcpState;
  readonly findings: readonly Finding[];
  readonly kills: readonly Kill[];
  /** Packet clock. */
  readonly survivors: readonly Survivors[];
  readonly evidence: Evidence;
}

interface Draft {
  readonly responder: Responder;
  readonly firstSpeaker: Speaker;
  readonly tcpState: TcpState;
  readonly findings: Finding[];
  readonly survivors: Survivors[];
  readonly payloadSurvivors: Survivors[];
}

type Book = Map<string, Draft>;

const keyOf = (responder: Responder, firstSpeaker: Speaker, state: TcpState): string =>
  `${responderKey(responder)}|${firstSpeaker}|${state}`;

function draftOf(book: Book, responder: Responder, firstSpeaker: Speaker, state: TcpState): Draft {
  const key = keyOf(responder, firstSpeaker, state);
  let draft = book.get(key);
  if (draft === undefined) {
    const lists = { findings: [], survivors: [], payloadSurvivors: [] };
    draft = { responder, firstSpeaker, tcpState: state, ...lists };
    book.set(key, draft);
  }
  return draft;
}

const speaker = (side: SideIndex): Speaker => (side === 0 ? 'originator' : 'responder');

/** A silence that no trigger broke has no first speaker: it is put with the originator's. */
const speakerOf = (finding: Finding): Speaker => finding.trigger.by ?? 'originator';

const stateOf = ({ record }: Finding): TcpState =>
  halfClosed(record) ? 'half-closed' : 'established';

function enterSurvivors(book: Book, run: Survivors): void {
  const { responder, firstSpeaker } = run;
  const draft = draftOf(book, responder, speaker(firstSpeaker), stateOfRow(run));
  (run.clock === SILENCE_KIND.packet ? draft.survivors : draft.payloadSurvivors).push(run);
}

const stateOfRow = ({ tcpState }: Pick<Survivors, 'tcpState'>): TcpState =>
  tcpState === TCP_STATE.established ? 'established' : 'half-closed';

/** Undecided silences make no page; they belong to one where there is one. */
export const pageKeyOf = (bin: UndecidedBin): string =>
  keyOf(bin.responder, speaker(bin.firstSpeaker), stateOfRow(bin));

const isBoxKill = ({ verdict }: Finding): boolean =>
  verdict === 'box-timeout' || verdict === 'possible-box-timeout';

const atExpiry = ({ signature }: Finding): boolean =>
  signature === 'expiry-reset' || signature === 'expiry-fin';

/** A box is blamed for a drop because the responder answered others, and for nothing else. */
export const onlyWitnessed = ({ signature, verdict, bothSides }: Finding): boolean =>
  signature === 'blackhole' && verdict === 'box-timeout' && bothSides !== true;

/** `longestNs`: of the silences that ended well on this page. A witness cannot say that the row was lost for age. */
function killOf(finding: Finding, isProven: Naming['isProven'], longestNs: bigint): Kill {
  const { record, silenceNs, signature } = finding;
  const contradicted = onlyWitnessed(finding) && silenceNs <= longestNs;
  const { lastPayloadAtNs, startedAtNs, endedAtNs } = record;
  const payload = lastPayloadAtNs === 0n ? null : seconds(notNegative(endedAtNs - lastPayloadAtNs));
  const proven = isProven(finding);
  return {
    seconds: seconds(silenceNs),
    payloadSeconds: payload,
    atExpiry: atExpiry(finding),
    proven: proven || (finding.verdict === 'box-timeout' && !contradicted),
    startedAtNs,
    goneAtNs: endedAtNs,
    silenceNs,
    signature,
    // Who restarts answers from its own place.
    outlived:
      proven || (finding.emitter.is === 'middlebox' && !contradicted) || (finding.outlived ?? null),
    vouched: proven || !isUnvouched(finding),
  };
}

const longestOf = (runs: readonly Survivors[]): bigint =>
  runs.reduce((most, { longestNs }) => (longestNs > most ? longestNs : most), 0n);

/** A silence that payload broke was a payload silence as well; one that a probe broke went on. */
const onPayloadClock = ({ survivors, payloadSurvivors }: Draft): Lengths =>
  joined([
    ...payloadSurvivors.map(({ atMost }) => atMost),
    ...survivors.map(({ endedByPayload }) => endedByPayload),
  ]);

/** What a page is told from outside. */
export interface Naming {
  /** What the capture point is called in an id, so that ids do not hang on the order of interfaces. */
  readonly placeName: (capturePoint: number) => string;
  /** Does somebody who saw the box forget the connection say so? */
  readonly isProven: (finding: Finding) => boolean;
}

function pageOf(key: string, draft: Draft, { placeName, isProven }: Naming): Page {
  const { responder, firstSpeaker, tcpState, findings, survivors } = draft;
  const { address, port, capturePoint, tunnelId, tunnelKind } = responder;
  const place = { tunnelKind, tunnelId, responderAddress: address, responderPort: port };
  const killed = findings.filter(isBoxKill);
  const longestNs = killed.some(onlyWitnessed) ? longestOf(survivors) : 0n;
  const kills = killed.map((finding) => killOf(finding, isProven, longestNs));
  const timers = findings.filter(({ verdict }) => verdict === 'endpoint-timer');
  return {
    key,
    id: pathId({ ...place, capturePoint: placeName(capturePoint), firstSpeaker, tcpState }),
    responder,
    firstSpeaker,
    tcpState,
    findings,
    kills,
    survivors,
    evidence: new Lazy({
      kills: () => kills.filter((kill) => kill.vouched),
      survivors: () => joined(survivors.map(({ atMost }) => atMost)),
      survivorsAtLeast: () => joined(survivors.map(({ atLeast }) => atLeast)),
      payloadSurvivors: () => onPayloadClock(draft),
      endpointTimers: () => timers.map(({ silenceNs }) => seconds(silenceNs)),
    }),
  };
}

/** In the order of their keys. A page needs a finding or a survivor on the packet clock. */
export function pagesOf(
  findings: readonly Finding[],
  survivors: readonly Survivors[],
  naming: Naming,
): readonly Page[] {
  const book: Book = new Map();
  for (const finding of findings) {
    const responder = responderOf(finding.record);
    draftOf(book, responder, speakerOf(finding), stateOf(finding)).findings.push(finding);
  }
  for (const run of survivors) enterSurvivors(book, run);
  return [...book]
    .filter(([, draft]) => draft.findings.length > 0 || draft.survivors.length > 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, draft]) => pageOf(key, draft, naming));
}
