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

/** As memcmp orders them; of two that begin alike the shorter first. */
function compared(one: Uint8Array, other: Uint8Array): number {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at++;
  return (one[at] ?? -1) - (other[at] ?? -1);
}

/** "1:" + base64(SHA-1(seed, smaller address, larger address, protocol, 0, their ports)). */
export function communityId(tuple: Tuple, seed = 0): string {
  const { originatorPort, responderPort } = tuple;
  const originator = addressBytes(tuple.originatorAddress);
  const responder = addressBytes(tuple.responderAddress);
  const order = compared(originator, responder) || originatorPort - responderPort;
  const [low, high] = order <= 0 ? [originator, responder] : [responder, originator];
  const [lowPort, highPort] =
    order <= 0 ? [originatorPort, responderPort] : [responderPort, originatorPort];
  const named = Uint8Array.of(
    seed >> 8,
    seed,
    ...low,
    ...high,
    TCP,
    0,
    lowPort >> 8,
    lowPort,
    highPort >> 8,
    highPort,
  );
  return `1:${Buffer.from(sha1(named)).toString('base64')}`;
}
