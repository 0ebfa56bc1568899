/**
 * Memory in several nodes: a MongoDB that was not started under interleave stalls for seconds
 * while one node swaps, and its replicas take it for a dead network.
 */
import { counted, finding, type HostFinding, type NotSeen, set } from './finding.ts';
import { type Machine, numberIn, textOf } from './machine.ts';
import type { Process } from './processes.ts';

export interface Numa {
  readonly nodes: number;
  readonly zoneReclaimMode: number | null;
  readonly databases: readonly {
    readonly pid: number;
    readonly name: string;
    /** Null: may not be seen. */
    readonly interleaved: boolean | null;
  }[];
}

/** "0-1,4" → 3 (Documentation/admin-guide/cputopology.rst, lists). */
function sizeOfList(list: string): number {
  const ranges = list.trim().split(',').filter(Boolean);
  return ranges.reduce((sum, range) => {
    const [from, to = from] = range.split('-').map(Number);
    return sum + (to ?? 0) - (from ?? 0) + 1;
  }, 0);
}

const SERVERS = new Set(['mongod', 'mongos']);

/**
 * The policy stands second on each line (numa(7)); memory without one of its own shows the
 * process's. Only the head is read: to print a line, the kernel walks all pages of that mapping.
 */
const HEAD_BYTES = 4096;

function interleaved(machine: Machine, pid: number): boolean | null {
  const maps = textOf(machine.head(`/proc/${pid}/numa_maps`, HEAD_BYTES));
  return maps === null || maps === '' ? null : /^[0-9a-f]+ interleave/m.test(maps);
}

export function numaOf(machine: Machine, processes: readonly Process[]): Numa {
  const online = textOf(machine.text('/sys/devices/system/node/online'));
  return {
    nodes: online === null ? 1 : sizeOfList(online),
    zoneReclaimMode: numberIn(machine.text('/proc/sys/vm/zone_reclaim_mode')),
    databases: processes
      .filter(({ name }) => SERVERS.has(name))
      .map(({ pid, name }) => ({ pid, name, interleaved: interleaved(machine, pid) })),
  };
}

export function numaFindings({ nodes, zoneReclaimMode, databases }: Numa): HostFinding[] {
  if (nodes < 2) return [];
  const near = databases.filter((each) => each.interleaved === false);
  const findings: HostFinding[] = [];
  if (near.length > 0) {
    findings.push(
      finding('numa-not-interleaved', {
        severity: 'warning',
        what:
          `${counted(near.length, 'MongoDB process', 'MongoDB processes')} on ${nodes} ` +
          'memory nodes, not started under interleave',
        at: near.map(({ name, pid }) => `${name} (pid ${pid})`),
        cure: [set('numactl --interleave=all mongod …'), set('sysctl -w vm.zone_reclaim_mode=0')],
      }),
    );
  }
  if (zoneReclaimMode !== null && zoneReclaimMode !== 0) {
    findings.push(
      finding('zone-reclaim', {
        severity: 'warning',
        what: `vm.zone_reclaim_mode is ${zoneReclaimMode} on ${nodes} memory nodes`,
        cure: [set('sysctl -w vm.zone_reclaim_mode=0')],
      }),
    );
  }
  return findings;
}

export function numaNotSeen({ nodes, databases }: Numa): NotSeen[] {
  const hidden = databases.filter((each) => each.interleaved === null);
  if (nodes < 2 || hidden.length === 0) return [];
  const who = hidden.map(({ name, pid }) => `${name} (pid ${pid})`).join(', ');
  return [{ what: `the memory policy of ${who}`, needs: 'CAP_SYS_PTRACE' }];
}
