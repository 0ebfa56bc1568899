/**
 * Who answers: the key under which the tracker keeps what it knows about a responder (address, port, where it was
 * captured, inside which tunnel). Rows and records give the same text for the same responder.
 */
import { addressText, type Responder, type SilenceRecord } from '../base/record.ts';

export type { Responder };

/** Where the fields of a responder stand in a row (each a Field of base/layout.ts: offset first). */
export interface ResponderFields {
  readonly responderAddress: readonly [number, ...unknown[]];
  readonly responderPort: readonly [number, ...unknown[]];
  readonly capturePoint: readonly [number, ...unknown[]];
  readonly tunnelId: readonly [number, ...unknown[]];
  readonly tunnelKind: readonly [number, ...unknown[]];
  readonly ipVersion: readonly [number, ...unknown[]];
}

export const responderOf = (record: SilenceRecord): Responder => record.responder ?? read(record);

const read = (record: SilenceRecord): Responder => ({
  ipVersion: record.ipVersion,
  address: record.responderAddress,
  port: record.responderPort,
  capturePoint: record.capturePoint,
  tunnelKind: record.tunnelKind,
  tunnelId: record.tunnelId,
});

/** Reads the responders of rows that stand in the order of their keys: neighbours with the same one share an object. */
export function responderReader(fields: ResponderFields): (row: DataView) => Responder {
  const words = [0, 4, 8, 12].map((at) => fields.responderAddress[0] + at);
  let last: { readonly row: DataView; readonly responder: Responder } | null = null;
  const same = (a: DataView, b: DataView): boolean =>
    words.every((at) => a.getUint32(at) === b.getUint32(at)) &&
    a.getUint16(fields.responderPort[0]) === b.getUint16(fields.responderPort[0]) &&
    a.getUint16(fields.capturePoint[0]) === b.getUint16(fields.capturePoint[0]) &&
    a.getUint32(fields.tunnelId[0]) === b.getUint32(fields.tunnelId[0]) &&
    a.getUint8(fields.tunnelKind[0]) === b.getUint8(fields.tunnelKind[0]) &&
    a.getUint8(fields.ipVersion[0]) === b.getUint8(fields.ipVersion[0]);
  return (row) => {
    if (last === null || !same(last.row, row))
      last = { row, responder: responderInRow(row, fields) };
    return last.responder;
  };
}

function responderInRow(row: DataView, fields: ResponderFields): Responder {
  const ipVersion = row.getUint8(fields.ipVersion[0]);
  const address = new Uint8Array(row.buffer, row.byteOffset + fields.responderAddress[0], 16);
  return {
    ipVersion,
    address: addressText(address, ipVersion),
    port: row.getUint16(fields.responderPort[0], true),
    capturePoint: row.getUint16(fields.capturePoint[0], true),
    tunnelKind: row.getUint8(fields.tunnelKind[0]),
    tunnelId: row.getUint32(fields.tunnelId[0], true),
  };
}

const keys = new WeakMap<Responder, string>();

export function responderKey(responder: Responder): string {
  let key = keys.get(responder);
  if (key === undefined) {
    const { ipVersion, address, port, capturePoint, tunnelKind, tunnelId } = responder;
    key = `${ipVersion}|${address}|${port}|${capturePoint}|${tunnelKind}|${tunnelId}`;
    keys.set(responder, key);
  }
  return key;
}
