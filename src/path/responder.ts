/**
 * Who answers: the key under which the tracker keeps what it knows about a responder (address, port, where it was
 * captured, inside which tunnel). Rows and records give the same text for the same responder.
 */
import { addressText, type SilenceRecord } from '../base/record.ts';

export interface Responder {
  readonly ipVersion: number;
  readonly address: string;
  readonly port: number;
  readonly capturePoint: number;
  readonly tunnelKind: number;
  readonly tunnelId: number;
}

/** Where the fields of a responder stand in a row (each a Field of base/layout.ts: offset first). */
export interface ResponderFields {
  readonly responderAddress: readonly [number, ...unknown[]];
  readonly responderPort: readonly [number, ...unknown[]];
  readonly capturePoint: readonly [number, ...unknown[]];
  readonly tunnelId: readonly [number, ...unknown[]];
  readonly tunnelKind: readonly [number, ...unknown[]];
  readonly ipVersion: readonly [number, ...unknown[]];
}

export const responderOf = (record: SilenceRecord): Responder => ({
  ipVersion: record.ipVersion,
  address: record.responderAddress,
  port: record.responderPort,
  capturePoint: record.capturePoint,
  tunnelKind: record.tunnelKind,
  tunnelId: record.tunnelId,
});

export function responderInRow(row: DataView, fields: ResponderFields): Responder {
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

export const responderKey = (responder: Responder): string => {
  const { ipVersion, address, port, capturePoint, tunnelKind, tunnelId } = responder;
  return `${ipVersion}|${address}|${port}|${capturePoint}|${tunnelKind}|${tunnelId}`;
};
