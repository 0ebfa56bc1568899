/**
 * Which end must probe. While the box remembers, either end will do: an answered probe crosses it
 * in both directions. After that it may matter who speaks: a Linux NAT takes a connection up again
 * for a packet from the inside (nf_conntrack_tcp_loose), and throws away what comes from the
 * outside.
 */
import type { By } from '../judge/finding.ts';
import type { PathCase, PathKnown } from './path-case.ts';

export interface ProbingSide {
  readonly side: By | 'either';
  readonly because: string;
}

const END: Readonly<Record<By, string>> = { originator: 'client', responder: 'server' };

/** In the same TCP state: half-closed connections have timers of their own. */
const sameServer = (a: PathKnown, b: PathKnown): boolean =>
  a.responderAddress === b.responderAddress &&
  a.responderPort === b.responderPort &&
  a.capturePoint === b.capturePoint &&
  a.tcpState === b.tcpState;

const shortestKill = ({ kills }: PathCase): bigint =>
  kills.reduce(
    (least, { silenceNs }) => (silenceNs < least ? silenceNs : least),
    kills[0]?.silenceNs ?? 0n,
  );

/** The other end's packets got through after a silence that killed this one's. */
function survivingSpeaker(sought: PathCase): By | null {
  const killed = shortestKill(sought);
  const better = sought.others.find(
    (other) =>
      sameServer(other, sought.path) &&
      other.firstSpeaker !== sought.path.firstSpeaker &&
      other.longestSurvivedNs !== null &&
      other.longestSurvivedNs >= killed,
  );
  return better?.firstSpeaker ?? null;
}

export function probingSide(sought: PathCase): ProbingSide {
  const speaker = survivingSpeaker(sought);
  if (speaker !== null) {
    const end = END[speaker];
    const because = `after a silence as long, packets of the ${end} still got through`;
    return { side: speaker, because };
  }
  if (sought.kills.some(({ signature }) => signature === 'orphan-reset')) {
    const because = 'once the box has forgotten, nothing that the server sends reaches the client';
    return { side: 'originator', because };
  }
  return { side: 'either', because: 'an answered probe crosses the box in both directions' };
}
