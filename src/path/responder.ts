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
export function responderReader(
  fields: ResponderFields,
): (view: DataView, at: number) => Responder {
  const address = fields.responderAddress[0];
  const port = fields.responderPort[0];
  const point = fields.capturePoint[0];
  const tunnel = fields.tunnelId[0];
  const kind = fields.tunnelKind[0];
  const version = fields.ipVersion[0];
  let last: { readonly view: DataView; readonly at: number; readonly responder: Responder } | null =
    null;
  const same = (a: DataView, i: number, b: DataView, j: number): boolean =>
    a.getUint32(i + address) === b.getUint32(j + address) &&
    a.getUint16(i + port) === b.getUint16(j + port) &&
    a.getUint32(i + address + 4) === b.getUint32(j + address + 4) &&
    a.getUint32(i + address + 8) === b.getUint32(j + address + 8) &&
    a.getUint32(i + address + 12) === b.getUint32(j + address + 12) &&
    a.getUint16(i + point) === b.getUint16(j + point) &&
    a.getUint32(i + tunnel) === b.getUint32(j + tunnel) &&
    a.getUint8(i + kind) === b.getUint8(j + kind) &&
    a.getUint8(i + version) === b.getUint8(j + version);
  return (view, at) => {
    if (last === null || !same(last.view, last.at, view, at))
      last = { view, at, responder: responderAt(view, at, fields) };
    return last.responder;
  };
}

function responderAt(view: DataView, at: number, fields: ResponderFields): Responder {
  const ipVersion = view.getUint8(at + fields.ipVersion[0]);
  const address = new Uint8Array(
    view.buffer,
    view.byteOffset + at + fields.responderAddress[0],
    16,
  );
  return {
    ipVersion,
    address: addressText(address, ipVersion),
    port: view.getUint16(at + fields.responderPort[0], true),
    capturePoint: view.getUint16(at + fields.capturePoint[0], true),
    tunnelKind: view.getUint8(at + fields.tunnelKind[0]),
    tunnelId: view.getUint32(at + fields.tunnelId[0], true),
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
