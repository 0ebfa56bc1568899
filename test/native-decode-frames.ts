/**
 * One IP packet in every dress that the decoder knows: link layers, tags, tunnels. Bytes by hand, so that the decoder is
 * not tested with its own idea of a header.
 */
import { isV6 } from './kit/wire.ts';
import type { Dress } from './native-decode-bytes.ts';
import { ETHERNET, HOSTS, POINT_TO_POINT, WIFI } from './native-decode-links.ts';
import { GRE, IN_IP, IN_UDP } from './native-decode-tunnels.ts';

export const WARDROBE: readonly Dress[] = [
  ...ETHERNET,
  ...POINT_TO_POINT,
  ...HOSTS,
  ...WIFI,
  ...GRE,
  ...IN_IP,
  ...IN_UDP,
];

export const fits = (dress: Dress, address: string): boolean =>
  dress.only === undefined || (dress.only === 6) === isV6(address);
