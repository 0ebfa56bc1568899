/** The sightings of one connection → the ladder of its finding. */
import { rfc3339 } from '../../base/units.ts';
import { locateFrame } from '../analysis.ts';
import { pcapHeader, pcapRecord } from '../carve/pcap-file.ts';
import type { FindingReport } from '../schema.ts';
import type { Ladder, LadderRow } from './schema.ts';
import { ACK } from './segment.ts';
import type { Kept, Sighting } from './sighting.ts';

type From = 'originator' | 'responder';
type Bases = Readonly<Record<From, number | null>>;
type Marks = Pick<FindingReport, 'frames' | 'silence' | 'trigger' | 'ending'>;

const from = ({ fromOriginator }: Kept): From => (fromOriginator ? 'originator' : 'responder');

/** First sequence numbers of both; that of a side which never spoke is taken from what it was acknowledged. */
function basesOf(packets: readonly Kept[]): Bases {
  const first = (wanted: From): number | null => {
    const own = packets.find((packet) => packet.shown.segment !== null && from(packet) === wanted);
    if (own?.shown.segment) return own.shown.segment.seq;
    const other = packets.find(({ shown }) => ((shown.segment?.bits ?? 0) & ACK) !== 0);
    return other?.shown.segment?.ack ?? null;
  };
  return { originator: first('originator'), responder: first('responder') };
}

const relative = (value: number, base: number | null): number => (value - (base ?? 0)) >>> 0;

function isAt(packet: Kept, number: number | null, { frames }: Marks): boolean {
  const place = locateFrame(packet.frame.number);
  return number !== null && place?.frame === number && place.source === frames.source;
}

/** The packet that broke the silence: by its frame number, else the first behind it that carries the trigger. */
function triggerOf(packets: readonly Kept[], marks: Marks, middleNs: bigint): Kept | undefined {
  const named = packets.find((packet) => isAt(packet, marks.frames.trigger, marks));
  if (named !== undefined || marks.trigger.kind === 'none') return named;
  return packets.find((packet) => packet.atNs >= middleNs && from(packet) === marks.trigger.by);
}

function endingOf(packets: readonly Kept[], marks: Marks, middleNs: bigint): Kept | undefined {
  const named = packets.find((packet) => isAt(packet, marks.frames.ending, marks));
  if (named !== undefined || marks.ending.kind === 'none') return named;
  const word = marks.ending.kind.toUpperCase();
  return packets.find(
    (packet) =>
      packet.atNs >= middleNs &&
      packet.shown.words.includes(word) &&
      from(packet) === marks.ending.by,
  );
}

const repeats = (packet: Kept, trigger: Kept): boolean =>
  packet.fromOriginator === trigger.fromOriginator &&
  packet.shown.segment?.seq === trigger.shown.segment?.seq &&
  packet.frame.payloadBytes === trigger.frame.payloadBytes &&
  packet.shown.words === trigger.shown.words;

function rolesOf(
  sighting: Sighting,
  marks: Marks,
  middleNs: bigint,
): (packet: Kept, index: number) => LadderRow['role'] {
  const { packets, handshake } = sighting;
  const trigger = triggerOf(packets, marks, middleNs);
  const ending = endingOf(packets, marks, middleNs);
  return (packet, index) => {
    if (packet.shown.segment === null) return 'icmp';
    if (packet === trigger) return 'trigger';
    if (packet === ending) return 'ending';
    if (packet.isReconnect) return 'reconnect';
    if (packet.atNs < middleNs) return index < handshake ? 'handshake' : 'before';
    return trigger !== undefined && repeats(packet, trigger) ? 'retransmission' : 'after';
  };
}

function rowsOf(sighting: Sighting, side: LadderRow['side'], marks: Marks, middleNs: bigint) {
  const { packets } = sighting;
  const bases = basesOf(packets);
  const role = rolesOf(sighting, marks, middleNs);
  return packets.map((packet, index): { atNs: bigint; row: LadderRow } => {
    const { segment, ttl, words } = packet.shown;
    const sender = from(packet);
    const other = sender === 'originator' ? bases.responder : bases.originator;
    const place = locateFrame(packet.frame.number);
    const row: LadderRow = {
      at: rfc3339(packet.atNs < 0n ? 0n : packet.atNs),
      source: place?.source ?? 0,
      number: place?.frame ?? 0,
      side,
      from: segment === null ? null : sender,
      flags: words,
      seq: segment === null ? null : relative(segment.seq, bases[sender]),
      ack: segment === null || (segment.bits & ACK) === 0 ? null : relative(segment.ack, other),
      payloadBytes: segment === null ? 0 : packet.frame.payloadBytes,
      ttl,
      window: segment?.window ?? null,
      role: role(packet, index),
    };
    return { atNs: packet.atNs, row };
  });
}

const seenTtl = ({ packets }: Sighting): number =>
  packets.find(({ fromOriginator, shown }) => fromOriginator && shown.segment !== null)?.shown
    .ttl ?? 0;

/** Every router lowers the TTL: where the originator's packets have more of it, the originator is nearer. */
function sideOf(near: Sighting, far: Sighting | undefined): Ladder['nearSide'] {
  if (far === undefined) return null;
  const [here, there] = [seenTtl(near), seenTtl(far)];
  return here === there || here === 0 || there === 0
    ? null
    : here > there
      ? 'originator'
      : 'responder';
}

/** The packets of the rows as a file, of the first one's link type. Empty where none was kept. */
function pcapOf(packets: readonly Kept[]): { readonly pcap?: string } {
  const kept = packets.flatMap(({ packet }) => (packet === null ? [] : [packet]));
  const [first] = kept;
  if (first === undefined) return {};
  const records = kept
    .filter(({ linkType }) => linkType === first.linkType)
    .sort((a, b) => (a.atNs < b.atNs ? -1 : a.atNs > b.atNs ? 1 : 0))
    .map(({ atNs, bytes, wireBytes }) => pcapRecord(atNs, bytes, wireBytes));
  return { pcap: Buffer.concat([pcapHeader(first.linkType), ...records]).toString('base64') };
}

/** `sightings`: own tuple first. The near one holds the finding's own frames. */
export function composeLadder(
  sightings: readonly Sighting[],
  marks: Marks,
  middleNs: bigint,
): Ladder | null {
  const whole = sightings.filter(({ packets }) => packets.length > 0);
  const named = (sighting: Sighting) =>
    sighting.packets.some((packet) =>
      [marks.frames.lastBefore, marks.frames.trigger, marks.frames.ending].some((number) =>
        isAt(packet, number, marks),
      ),
    );
  const near = whole.find(named) ?? whole[0];
  if (near === undefined) return null;
  const far = whole.find((sighting) => sighting !== near);
  const rows = [
    ...rowsOf(near, 'near', marks, middleNs),
    ...(far === undefined ? [] : rowsOf(far, 'far', marks, middleNs)),
  ].sort((a, b) => (a.atNs < b.atNs ? -1 : a.atNs > b.atNs ? 1 : 0));
  return {
    rows: rows.map(({ row }) => row),
    omittedBefore: near.omittedBefore,
    omittedAfter: near.omittedAfter,
    nearSide: sideOf(near, far),
    ...pcapOf([...near.packets, ...(far?.packets ?? [])]),
  };
}
