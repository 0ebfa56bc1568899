/**
 * What the network cards of this namespace lost, and where: in the ring, on the way up, or to bad
 * frames.
 */
import {
  counted,
  type Cure,
  finding,
  grouped,
  type HostFinding,
  listed,
  note,
  set,
} from './finding.ts';
import { type Machine, numberIn, textOf } from './machine.ts';
import { NO_RINGS, type Rings, ringsFrom } from './rings.ts';

export interface Interface {
  readonly name: string;
  readonly received: number;
  readonly sent: number;
  /** Lost in the card for want of room: rx_fifo_errors and rx_missed_errors. */
  readonly ringDropped: number;
  readonly receiveDropped: number;
  readonly sendDropped: number;
  readonly errors: number;
  readonly rings: Rings;
}

export interface Interfaces {
  readonly all: readonly Interface[];
  /**
   * Packets for which the queue of a processor had no room, on all interfaces; null where unknown.
   */
  readonly backlogDropped: number | null;
}

/**
 * Columns of /proc/net/dev (proc_pid_net(5)). Its "drop" of the receiving side holds
 * rx_missed_errors too (dev_seq_printf_stats), which sysfs has alone.
 */
function interfaceOf(line: string, machine: Machine): Interface[] {
  const match = /^\s*(\S+):\s*(.*)$/.exec(line);
  if (match === null) return [];
  const [, name = '', rest = ''] = match;
  const columns = rest.trim().split(/\s+/).map(Number);
  const at = (column: number): number => columns[column] ?? 0;
  const asked = name === 'lo' ? null : machine.rings(name);
  const missed = numberIn(machine.text(`/sys/class/net/${name}/statistics/rx_missed_errors`)) ?? 0;
  return [
    {
      name,
      received: at(1),
      sent: at(9),
      ringDropped: at(4) + missed,
      receiveDropped: Math.max(0, at(3) - missed),
      sendDropped: at(11),
      errors: at(2) + at(10),
      rings: asked === null ? NO_RINGS : ringsFrom(asked),
    },
  ];
}

/** The second column of each processor's line, hexadecimal (softnet_seq_show). */
function backlogDropped(text: string | null): number | null {
  if (text === null) return null;
  const rows = text.trim().split('\n');
  return rows.reduce((sum, row) => sum + (Number.parseInt(row.split(/\s+/)[1] ?? '0', 16) || 0), 0);
}

export function interfacesOf(machine: Machine): Interfaces {
  const lines = (textOf(machine.text('/proc/self/net/dev')) ?? '').split('\n').slice(2);
  return {
    all: lines.flatMap((line) => interfaceOf(line, machine)).filter(({ name }) => name !== 'lo'),
    backlogDropped: backlogDropped(textOf(machine.text('/proc/self/net/softnet_stat'))),
  };
}

/** Chosen: one in ten thousand since the start, and not just a few. */
const SHARE = 1e-4;
const FEW = 10;

const matters = (lost: number, all: number): boolean => lost > FEW && lost > SHARE * (all + lost);

function share(lost: number, all: number): string {
  const percent = (100 * lost) / (all + lost);
  return `${Number(percent.toPrecision(2))} % of all`;
}

function largerRing(name: string, { sizes }: Rings): Cure[] {
  if (sizes === null || sizes.receiveMost === 0) {
    return [set(`ethtool -G ${name} rx 4096`), note(`the largest it takes: ethtool -g ${name}`)];
  }
  const { receive, receiveMost } = sizes;
  return receive < receiveMost
    ? [set(`ethtool -G ${name} rx ${receiveMost}`), note(`now ${receive}, at most ${receiveMost}`)]
    : [note(`the ring is as large as it can be (${receive}); more queues: ethtool -l ${name}`)];
}

/** The driver's own words, so that its documentation can be looked up. */
function driverSays({ losses }: Rings): Cure[] {
  const told = Object.entries(losses).map(([name, value]) => `${name} ${grouped(value)}`);
  return told.length === 0 ? [] : [note(`the driver counts ${listed(told, 4).join(', ')}`)];
}

function ringFinding({ name, ringDropped, received, rings }: Interface): HostFinding[] {
  if (!matters(ringDropped, received)) return [];
  return [
    finding('interface-ring-full', {
      severity: 'warning',
      what:
        `${counted(ringDropped, 'packet')} lost in the receive ring ` +
        `(${share(ringDropped, received)})`,
      at: [name],
      cure: [...largerRing(name, rings), ...driverSays(rings)],
    }),
  ];
}

function dropFinding(one: Interface): HostFinding[] {
  const { name, receiveDropped: down, sendDropped: up, received, sent } = one;
  if (!matters(down, received) && !matters(up, sent)) return [];
  return [
    finding('interface-drops', {
      severity: 'warning',
      what:
        `${counted(down, 'packet')} dropped while receiving (${share(down, received)}), ` +
        `${grouped(up)} while sending (${share(up, sent)})`,
      at: [name],
      cure: [
        note(`where: ip -s -s link show ${name}; tc -s qdisc show dev ${name}`),
        ...driverSays(one.rings),
      ],
    }),
  ];
}

function errorFinding({ name, errors, received, sent }: Interface): HostFinding[] {
  if (!matters(errors, received + sent)) return [];
  return [
    finding('interface-errors', {
      severity: 'warning',
      what: `${counted(errors, 'damaged frame')} (${share(errors, received + sent)})`,
      at: [name],
      cure: [note(`which kind: ip -s -s link show ${name}; then cable, plug, duplex`)],
    }),
  ];
}

function backlogFinding({ all, backlogDropped: lost }: Interfaces): HostFinding[] {
  const received = all.reduce((sum, each) => sum + each.received, 0);
  if (lost === null || !matters(lost, received)) return [];
  return [
    finding('backlog-drops', {
      severity: 'warning',
      what:
        `${counted(lost, 'packet')} found the queue of their processor full ` +
        `(${share(lost, received)})`,
      cure: [set('sysctl -w net.core.netdev_max_backlog=10000')],
    }),
  ];
}

export const interfaceFindings = (interfaces: Interfaces): HostFinding[] => [
  ...interfaces.all.flatMap((each) => [
    ...ringFinding(each),
    ...dropFinding(each),
    ...errorFinding(each),
  ]),
  ...backlogFinding(interfaces),
];
