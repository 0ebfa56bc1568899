/** How the gateway translates, and what it does with packets of a connection that it has forgotten. */
import { PORT, SERVER, SERVER_6 } from './network.ts';
import { setSysctls, within } from './namespaces.ts';

export interface Box {
  /** `accept`: what conntrack calls INVALID goes out as it is. */
  readonly invalid: 'reject' | 'drop' | 'accept';
  /** nf_conntrack_tcp_loose: a forgotten connection is picked up again in the middle. */
  readonly loose: boolean;
  /** Takes a random port for each connection, so that one picked up again has another. */
  readonly random: boolean;
  /** The server is reached under the gateway's own address. */
  readonly forwards: boolean;
}

export const REJECTING: Box = { invalid: 'reject', loose: false, random: false, forwards: false };
export const DROPPING: Box = { ...REJECTING, invalid: 'drop' };
export const LOOSE: Box = { ...REJECTING, invalid: 'accept', loose: true };

const INVALID = {
  reject: 'ct state invalid meta l4proto tcp reject with tcp reset',
  drop: 'ct state invalid drop',
  accept: '',
} as const;

const rules = ({ invalid, random, forwards }: Box): string => `
table ip nat {
  chain before {
    type nat hook prerouting priority -100;
    ${forwards ? `ip daddr 192.168.77.1 tcp dport ${PORT} dnat to ${SERVER}:${PORT}` : ''}
  }
  chain after {
    type nat hook postrouting priority 100;
    oifname "out0" masquerade ${random ? 'random' : ''}
  }
}
table ip6 nat {
  chain before {
    type nat hook prerouting priority -100;
    ${forwards ? `ip6 daddr 2001:db8:1::1 tcp dport ${PORT} dnat to [${SERVER_6}]:${PORT}` : ''}
  }
  chain after {
    type nat hook postrouting priority 100;
    oifname "out0" masquerade ${random ? 'random' : ''}
  }
}
table inet filter {
  chain forwarding {
    type filter hook forward priority 0; policy accept;
    ${INVALID[invalid]}
  }
}
`;

export async function setUpBox(gateway: string, box: Box, timeoutSeconds: number): Promise<void> {
  await within(gateway, ['nft', '-f', '-'], rules(box));
  await setSysctls(gateway, {
    'net/netfilter/nf_conntrack_tcp_timeout_established': timeoutSeconds,
    'net/netfilter/nf_conntrack_tcp_loose': box.loose ? 1 : 0,
  });
}
