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

const endpoint = (address: string, port: number) => ({ address: addressBytes(address), port });

/** "1:" + base64(SHA-1(seed, smaller address, larger address, protocol, 0, their ports)). */
export function communityId(tuple: Tuple, seed = 0): string {
  const one = endpoint(tuple.originatorAddress, tuple.originatorPort);
  const other = endpoint(tuple.responderAddress, tuple.responderPort);
  const order = Buffer.compare(one.address, other.address) || one.port - other.port;
  const [low, high] = order <= 0 ? [one, other] : [other, one];
  const addresses = [...low.address, ...high.address];
  const ports = [low.port >> 8, low.port, high.port >> 8, high.port];
  const named = Uint8Array.of(seed >> 8, seed, ...addresses, TCP, 0, ...ports);
  return `1:${Buffer.from(sha1(named)).toString('base64')}`;
}
