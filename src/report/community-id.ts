/**
 * Community ID version 1 (Corelight, github.com/corelight/community-id-spec): the same connection
 * has the same name in Zeek, Suricata, Arkime and here, whichever way its packets went.
 */
import { sha1 } from '../capture/numbers.ts';
import { addressBytes } from './address.ts';

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
  const { length } = low.address;
  const named = new Uint8Array(2 * length + 8);
  named.set([seed >> 8, seed]);
  named.set(low.address, 2);
  named.set(high.address, 2 + length);
  named.set([TCP, 0, low.port >> 8, low.port, high.port >> 8, high.port], 2 + 2 * length);
  return `1:${Buffer.from(sha1(named)).toString('base64')}`;
}
