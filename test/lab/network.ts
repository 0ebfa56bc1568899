/**
 * client – gateway – router – server, each a network namespace. The gateway is the box; the router is there so that the
 * server's packets and the gateway's arrive with different TTLs, as they do in the world.
 */
import { freshPrefix, ip, output, setSysctls, sweep } from './namespaces.ts';

export interface Network {
  readonly client: string;
  readonly gateway: string;
  readonly router: string;
  readonly server: string;
  readonly remove: () => Promise<void>;
}

export const CLIENT = '192.168.77.2';
export const GATEWAY_INSIDE = '192.168.77.1';
export const GATEWAY_OUTSIDE = '203.0.113.1';
export const SERVER = '198.51.100.9';
export const CLIENT_6 = '2001:db8:1::2';
export const SERVER_6 = '2001:db8:3::9';
export const PORT = 27017;

/** Cables: an end is a namespace and the name of its interface. */
const CABLES = [
  ['client', 'cl0', 'gateway', 'in0'],
  ['gateway', 'out0', 'router', 'r0'],
  ['router', 'r1', 'server', 'sv0'],
] as const;

type Place = 'client' | 'gateway' | 'router' | 'server';

const SETTINGS: Readonly<Record<Place, readonly string[]>> = {
  client: [
    `address add ${CLIENT}/24 dev cl0`,
    `address add ${CLIENT_6}/64 dev cl0 nodad`,
    'link set cl0 up',
    `route add default via ${GATEWAY_INSIDE}`,
    'route add default via 2001:db8:1::1',
  ],
  gateway: [
    `address add ${GATEWAY_INSIDE}/24 dev in0`,
    'address add 2001:db8:1::1/64 dev in0 nodad',
    `address add ${GATEWAY_OUTSIDE}/24 dev out0`,
    'address add 2001:db8:2::1/64 dev out0 nodad',
    'link set in0 up',
    'link set out0 up',
    'route add default via 203.0.113.254',
    'route add default via 2001:db8:2::fe',
  ],
  router: [
    'address add 203.0.113.254/24 dev r0',
    'address add 2001:db8:2::fe/64 dev r0 nodad',
    'address add 198.51.100.254/24 dev r1',
    'address add 2001:db8:3::fe/64 dev r1 nodad',
    'link set r0 up',
    'link set r1 up',
    'route add 2001:db8:1::/64 via 2001:db8:2::1',
  ],
  server: [
    `address add ${SERVER}/24 dev sv0`,
    `address add ${SERVER_6}/64 dev sv0 nodad`,
    'link set sv0 up',
    'route add default via 198.51.100.254',
    'route add default via 2001:db8:3::fe',
  ],
};

const PLACES = ['client', 'gateway', 'router', 'server'] as const;

/** 12.6 s until a side gives up: five retransmissions, four where the machine is slow (tcp(7)). */
const IMPATIENT = { 'net/ipv4/tcp_retries2': 5, 'net/ipv4/tcp_syn_retries': 2 };
const FORWARDS = { 'net/ipv4/ip_forward': 1, 'net/ipv6/conf/all/forwarding': 1 };

export async function network(): Promise<Network> {
  await sweep();
  const prefix = freshPrefix();
  const named = (place: Place): string => `${prefix}${place}`;
  const remove = async (): Promise<void> => {
    for (const place of PLACES)
      await output('ip', ['netns', 'delete', named(place)]).catch(() => '');
  };
  try {
    await ip([
      ...PLACES.map((place) => `netns add ${named(place)}`),
      ...CABLES.map(
        ([a, one, b, other]) =>
          `link add ${one} netns ${named(a)} type veth peer name ${other} netns ${named(b)}`,
      ),
    ]);
    for (const place of PLACES) await ip(['link set lo up', ...SETTINGS[place]], named(place));
    await setSysctls(named('gateway'), FORWARDS);
    await setSysctls(named('router'), FORWARDS);
    await setSysctls(named('client'), IMPATIENT);
    await setSysctls(named('server'), IMPATIENT);
  } catch (thrown) {
    await remove();
    throw thrown;
  }
  const [client, gateway, router, server] = PLACES.map(named) as [string, string, string, string];
  return { client, gateway, router, server, remove };
}
