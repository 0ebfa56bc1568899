/**
 * Idle timeouts of known boxes for TCP connections, established and half-closed, and what they do when one runs out.
 *
 * For hints, never for verdicts: timeouts can be configured, and 350 s alone is five products of
 * one vendor. Values are defaults in seconds. Every entry names its source; `isGeneralKnowledge`
 * marks what no vendor's page was read for.
 */

/**
 * What a box does with a connection whose time has run out:
 * - `reset-both`, `reset-inside`: sends resets at that moment, to both ends or to the inside alone
 * - `late-reset`, `late-reset-inside`: answers the next packet with a reset, from either side or
 *   from the inside
 * - `silent`: drops the next packet without a word
 * - `close`: closes the connection as an end of it would
 * - `remap`: lets it go on under another port or towards another server, which does not know it
 */
export type Behaviour =
  | 'reset-both'
  | 'reset-inside'
  | 'late-reset'
  | 'late-reset-inside'
  | 'silent'
  | 'close'
  | 'remap';

export interface KnownBox {
  readonly box: string;
  /**
   * L4 forwards packets and forgets rows; L7 ends connections itself and counts payload, not
   * packets.
   */
  readonly layer: 'L4' | 'L7';
  /** Null where every installation chooses its own. */
  readonly seconds: number | null;
  /** Of connections that one side has closed; absent where the source does not say. */
  readonly halfClosed?: readonly number[];
  /** All that it may do, by its settings; null where the source does not say. */
  readonly atExpiry: readonly Behaviour[] | null;
  readonly source: string;
  /** What it can be set to; absent where it is fixed or the source does not say. */
  readonly range?: readonly [least: number, most: number];
  /** Window fields by which its resets give themselves away. */
  readonly windowCodes?: readonly number[];
  readonly note?: string;
  readonly isGeneralKnowledge?: true;
}

type More = Pick<KnownBox, 'halfClosed' | 'range' | 'windowCodes' | 'note' | 'isGeneralKnowledge'>;

const entry =
  (layer: KnownBox['layer']) =>
  (
    box: string,
    seconds: number | null,
    atExpiry: readonly Behaviour[] | null,
    source: string,
    more: More = {},
  ): KnownBox => ({ box, layer, seconds, atExpiry, source, ...more });

const l4 = entry('L4');
const l7 = entry('L7');

const LATE_INSIDE: readonly Behaviour[] = ['late-reset-inside'];
const SILENT: readonly Behaviour[] = ['silent'];
const SILENT_OR_RESET: readonly Behaviour[] = ['silent', 'reset-both'];
/** By its rules for packets of unknown connections: reject, drop, or take them up again. */
const LINUX: readonly Behaviour[] = ['late-reset', 'silent', 'remap'];
const KNOWN = { isGeneralKnowledge: true } as const;

const CLOUDS: readonly KnownBox[] = [
  l4('AWS NAT gateway', 350, LATE_INSIDE, 'AWS VPC User Guide, vpc-nat-comparison'),
  l4(
    'AWS NLB',
    350,
    ['late-reset'],
    'AWS ELB User Guide, Network Load Balancers, update-idle-timeout',
    { range: [60, 6000] },
  ),
  l4(
    'AWS Gateway Load Balancer',
    350,
    null,
    'AWS ELB User Guide, Gateway Load Balancers, update-idle-timeout',
    { range: [60, 6000] },
  ),
  l4('AWS Network Firewall', 350, SILENT, 'AWS Network Firewall API Reference, API_FlowTimeouts', {
    range: [60, 6000],
  }),
  l4('EC2 security group on Nitro v6', 350, SILENT, 'AWS EC2 User Guide, connection tracking'),
  l4('EC2 security group', 432_000, SILENT, 'AWS EC2 User Guide, connection tracking'),
  l4('AWS NAT instance', null, ['close'], 'AWS VPC User Guide, vpc-nat-comparison'),
  l7('AWS ALB', 60, ['close'], 'AWS ELB User Guide, Application Load Balancers, idle timeout', {
    range: [1, 4000],
  }),
  l7('AWS CLB', 60, ['close'], 'AWS ELB User Guide, Classic Load Balancers, idle timeout', {
    range: [1, 4000],
  }),
  l4('Azure Load Balancer', 240, SILENT_OR_RESET, 'Microsoft Learn, load-balancer-tcp-reset', {
    range: [240, 6000],
    note: 'resets only where enabled',
  }),
  l4(
    'Azure NAT gateway',
    240,
    ['silent', 'late-reset-inside'],
    'Microsoft Learn, nat-gateway-resource',
    { range: [240, 7200] },
  ),
  l4('AKS outbound load balancer', 1800, SILENT_OR_RESET, 'GitHub, Azure/AKS issue 1564'),
  l4('GCP Cloud NAT', 1200, SILENT, 'Google Cloud documentation, tune-nat-configuration'),
  l4('GCP VPC firewall', 600, SILENT, 'Google Cloud documentation, Compute troubleshooting', {
    note: 'drops what comes in until something new goes out',
  }),
  l4(
    'GCP passthrough Network Load Balancer',
    60,
    ['remap'],
    'Google Cloud documentation, passthrough load balancer traffic distribution',
    { note: 'may choose another backend' },
  ),
];

const LINUX_BOXES: readonly KnownBox[] = [
  l4('Linux connection tracking', 432_000, LINUX, 'Linux documentation, nf_conntrack-sysctl', {
    halfClosed: [60, 120],
    note: 'unacknowledged or retransmitted data 300 s, CLOSE_WAIT 60 s, FIN_WAIT 120 s',
  }),
  l4('kube-proxy', 86_400, LINUX, 'Kubernetes reference, kube-proxy flags', {
    halfClosed: [3600],
    note: 'CLOSE_WAIT 3600 s',
  }),
  l4(
    'Linux IPVS (Docker swarm, kube-proxy in ipvs mode)',
    900,
    ['late-reset', 'silent'],
    'Linux, ip_vs_proto_tcp.c; GitHub, moby issues 31208 and 37822',
    { halfClosed: [60, 120], note: 'CLOSE_WAIT 60 s, FIN_WAIT 120 s' },
  ),
  l4('Cilium', 8000, null, 'Cilium, defaults of connection tracking'),
  l4('OpenWrt', 7440, LINUX, 'OpenWrt, sysctl-nf-conntrack.conf'),
  l4('MikroTik', 86_400, LINUX, 'MikroTik help, connection tracking', {
    note: 'its value is documented, its behaviour is taken to be that of Linux',
    ...KNOWN,
  }),
];

const FIREWALLS: readonly KnownBox[] = [
  l4('pf (FreeBSD, pfSense)', 86_400, SILENT, 'FreeBSD pf, PFTM_TCP_ESTABLISHED_VAL', KNOWN),
  l4('Cisco ASA or FTD', 3600, SILENT_OR_RESET, 'Cisco ASA configuration, conns_connlimits', {
    halfClosed: [600],
    note: 'half-closed 600 s; resets only where configured',
  }),
  l4('Cisco IOS NAT', 86_400, null, 'Cisco, NAT FAQ'),
  l4('Juniper SRX', 1800, SILENT, 'Juniper, flow sessions', { note: 'telnet 28800 s', ...KNOWN }),
  l4(
    'FortiGate',
    3600,
    ['silent', 'reset-both', 'reset-inside', 'late-reset'],
    'Fortinet, technical tip 196858',
    { note: 'resets only where configured' },
  ),
  l4('Palo Alto', 3600, SILENT, 'Palo Alto Networks, session timeouts', {
    halfClosed: [120],
    note: 'half-closed 120 s',
    ...KNOWN,
  }),
  l4('Forcepoint', 1800, null, 'Forcepoint, help on idle timeouts'),
];

const BALANCERS: readonly KnownBox[] = [
  l4('F5 BIG-IP (fastL4)', 300, ['reset-both'], 'F5, fastL4 profile, reset-on-timeout', KNOWN),
  l7(
    'NetScaler',
    null,
    ['reset-both', 'reset-inside', 'late-reset'],
    'NetScaler, reasons in the window field of resets',
    { windowCodes: [9300, 8201], ...KNOWN },
  ),
  l7('HAProxy', null, ['close'], 'HAProxy manual, timeout client, server and tunnel; measured'),
  l4('the NAT of the tcp_keepalive_time article', 90, ['reset-both'], 'tcp_keepalive_time article'),
];

export const CATALOGUE: readonly KnownBox[] = [
  ...CLOUDS,
  ...LINUX_BOXES,
  ...FIREWALLS,
  ...BALANCERS,
];

/**
 * What RFC 5382 (REQ-5) asks of NATs, and RFC 6092 (REC-35) of IPv6 gateways: two hours and four
 * minutes.
 */
export const FLOOR_SECONDS = 7440;
