/**
 * Findings and survivors of the same path, put together: same responder, capture point, tunnel and first speaker.
 * Whether two of them share a box is not asked yet.
 */
import type { SideIndex } from '../base/record.ts';
import { SILENCE_KIND } from '../base/silence.ts';
import type { Finding } from '../judge/finding.ts';
import { pathId } from '../judge/identity.ts';
import type { PathFacts } from './facts.ts';
import { type Responder, responderKey, responderOf } from './responder.ts';
import type { SurvivorBin } from './survivors.ts';

interface Gathered {
  readonly responder: Responder;
  readonly firstSpeaker: 'originator' | 'responder';
  killed: number;
  survived: number;
  longestSurvivedNs: bigint | null;
  shortestKilledNs: bigint | null;
  readonly findingIds: string[];
}

type Speaker = Gathered['firstSpeaker'];
type Book = Map<string, Gathered>;

function pageOf(book: Book, responder: Responder, firstSpeaker: Speaker): Gathered {
  const key = `${responderKey(responder)}|${firstSpeaker}`;
  let page = book.get(key);
  if (page === undefined) {
    page = {
      responder,
      firstSpeaker,
      killed: 0,
      survived: 0,
      longestSurvivedNs: null,
      shortestKilledNs: null,
      findingIds: [],
    };
    book.set(key, page);
  }
  return page;
}

const speaker = (side: SideIndex): Speaker => (side === 0 ? 'originator' : 'responder');

/** A silence that no trigger broke has no first speaker: it is put with the originator's. */
const speakerOf = (finding: Finding): Speaker => finding.trigger.by ?? 'originator';

const isBoxKill = ({ verdict }: Finding): boolean =>
  verdict === 'box-timeout' || verdict === 'possible-box-timeout';

function enterFinding(book: Book, finding: Finding): void {
  const page = pageOf(book, responderOf(finding.record), speakerOf(finding));
  page.findingIds.push(finding.id);
  if (!isBoxKill(finding)) return;
  page.killed += 1;
  if (page.shortestKilledNs === null || finding.silenceNs < page.shortestKilledNs) {
    page.shortestKilledNs = finding.silenceNs;
  }
}

/** Payload silences ended well only in the eyes of an application: a box counts packets. */
function enterSurvivors(book: Book, bin: SurvivorBin): void {
  if (bin.clock !== SILENCE_KIND.packet) return;
  const page = pageOf(book, bin.responder, speaker(bin.firstSpeaker));
  page.survived += bin.count;
  if (page.longestSurvivedNs === null || bin.longestNs > page.longestSurvivedNs) {
    page.longestSurvivedNs = bin.longestNs;
  }
}

/** `placeName`: what the capture point is called in an id, so that ids do not hang on the order of interfaces. */
function factsOf(page: Gathered, placeName: (capturePoint: number) => string): PathFacts {
  const { address, port, ipVersion, capturePoint, tunnelId, tunnelKind } = page.responder;
  const { firstSpeaker, killed, survived, longestSurvivedNs, shortestKilledNs, findingIds } = page;
  const place = {
    tunnelKind,
    tunnelId,
    responderAddress: address,
    responderPort: port,
    firstSpeaker,
  };
  return {
    id: pathId({ ...place, capturePoint: placeName(capturePoint) }),
    ...place,
    ipVersion,
    capturePoint,
    killed,
    survived,
    longestSurvivedNs,
    shortestKilledNs,
    findingIds,
  };
}

/** Paths with the most kills first, then by their key. */
export function groupPaths(
  findings: readonly Finding[],
  survivors: readonly SurvivorBin[],
  placeName: (capturePoint: number) => string,
): PathFacts[] {
  const book: Book = new Map();
  for (const finding of findings) enterFinding(book, finding);
  for (const bin of survivors) enterSurvivors(book, bin);
  return [...book]
    .sort(([a, one], [b, other]) => other.killed - one.killed || (a < b ? -1 : 1))
    .map(([, page]) => factsOf(page, placeName));
}
