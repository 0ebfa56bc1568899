/** Births as objects: connections first met without their SYN, found again by where they go and what they continue. */
import { addressText } from '../../base/record.ts';
import { BIRTH } from '../../base/silence.ts';
import type { Endpoint } from '../../judge/finding.ts';
import { gather, rowsOf } from '../rows.ts';

export interface Birth {
  readonly atNs: bigint;
  readonly frame: number;
  readonly point: number;
  readonly tunnel: string;
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly seq: number;
  readonly ack: number;
  readonly tsval: number;
  readonly payload: number;
  readonly ipId: number;
  readonly tcpFlags: number;
  readonly ttl: number;
  readonly window: number;
}

function birthIn(row: DataView): Birth {
  const version = row.getUint8(BIRTH.ipVersion[0]);
  const end = (address: number, port: number): Endpoint => ({
    address: addressText(new Uint8Array(row.buffer, row.byteOffset + address, 16), version),
    port: row.getUint16(port, true),
  });
  return {
    atNs: row.getBigUint64(BIRTH.atNs[0], true),
    frame: Number(row.getBigUint64(BIRTH.frame[0], true)),
    point: row.getUint16(BIRTH.capturePoint[0], true),
    tunnel: `${row.getUint8(BIRTH.tunnelKind[0])}/${row.getUint32(BIRTH.tunnelId[0], true)}`,
    from: end(BIRTH.sourceAddress[0], BIRTH.sourcePort[0]),
    to: end(BIRTH.destinationAddress[0], BIRTH.destinationPort[0]),
    seq: row.getUint32(BIRTH.seq[0], true),
    ack: row.getUint32(BIRTH.ack[0], true),
    tsval: row.getUint32(BIRTH.tsval[0], true),
    payload: row.getUint32(BIRTH.payload[0], true),
    ipId: row.getUint16(BIRTH.ipId[0], true),
    tcpFlags: row.getUint8(BIRTH.tcpFlags[0]),
    ttl: row.getUint8(BIRTH.ttl[0]),
    window: row.getUint16(BIRTH.window[0], true),
  };
}

/** What a packet that goes on with a connection has, whatever its source: its target, its numbers. */
export interface Continuation {
  readonly to: Endpoint;
  readonly seq: number;
  readonly ack: number;
}

export interface Births {
  readonly count: number;
  /** The first reset that came back to it; null where none was seen. */
  answerTo(birth: Birth): Birth | null;
  /** By time. */
  continuing(wanted: Continuation): readonly Birth[];
}

const keyOf = ({ to, seq, ack }: Continuation): string => `${to.address} ${to.port} ${seq} ${ack}`;

const RST = 0x04;

const wayOf = ({ point, tunnel }: Birth, from: Endpoint, to: Endpoint): string =>
  `${point} ${tunnel} ${from.address} ${from.port} ${to.address} ${to.port}`;

export function readBirths(packed: Uint8Array): Births {
  const found = new Map<string, Birth[]>();
  const answers = new Map<string, Birth[]>();
  let count = 0;
  for (const row of rowsOf(packed, BIRTH)) {
    const birth = birthIn(row);
    if ((birth.tcpFlags & RST) !== 0) {
      gather(answers, wayOf(birth, birth.from, birth.to), birth);
      continue;
    }
    gather(found, keyOf(birth), birth);
    count += 1;
  }
  return {
    count,
    answerTo: (birth) =>
      answers
        .get(wayOf(birth, birth.to, birth.from))
        ?.find(({ atNs, frame }) => atNs >= birth.atNs && frame !== birth.frame) ?? null,
    continuing: (wanted) => found.get(keyOf(wanted)) ?? [],
  };
}
