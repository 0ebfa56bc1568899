/**
 * Community ID version 1 (Corelight, github.com/corelight/community-id-spec): the same connection
 * has the same name in Zeek, Suricata, Arkime and here, whichever way its packets went.
 */
import { addressBytes } from './address.ts';
import { sha1 } from './sha1.ts';

const TCP = 6;

export interface Tuple {
  readonly originatorAddress: string;
  readonly responderAddress: string;
  readonly originatorPort: number;
  readonly responderPort: number;
}

const endpointBytes = (address: string, port: number) => ({
  address: Buffer.from(addressBytes(address)),
  port,
});

/** "1:" + base64(SHA-1(seed, smaller address, larger address, protocol, 0, their ports)). */
export function communityId(tuple: Tuple, seed = 0): string {
  const one = endpointBytes(tuple.originatorAddress, tuple.originatorPort);
  const other = endpointBytes(tuple.responderAddress, tuple.responderPort);
  const order = Buffer.compare(one.address, other.address) || one.port - other.port;
  const [low, high] = order <= 0 ? [one, other] : [other, one];
  const numbers = Buffer.alloc(6);
  numbers.writeUInt8(TCP, 0);
  numbers.writeUInt16BE(low.port, 2);
  numbers.writeUInt16BE(high.port, 4);
  const seedBytes = Buffer.alloc(2);
  seedBytes.writeUInt16BE(seed);
  const named = Buffer.concat([seedBytes, low.address, high.address, numbers]);
  return `1:${Buffer.from(sha1(named)).toString('base64')}`;
}
