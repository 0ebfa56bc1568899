/**
 * Cores that nobody else needs: what the scheduler may give this process (affinity), what its cgroups grant
 * (cpu.max, cgroup-v2.rst), less what is running just now.
 *
 * The count of runnable tasks is of this moment (proc_loadavg(5), the fourth field), not an average: that of the last
 * minute would still count the capture that was read before this one. Where none of these can be read, nothing is taken off.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** "200000 100000" → 2; "max 100000", or nothing → no limit. */
export function grantedBy(cpuMax: string): number {
  const [quota = '', period = ''] = cpuMax.trim().split(' ');
  const cores = Number.parseInt(quota, 10) / Number.parseInt(period, 10);
  return cores > 0 ? cores : Number.POSITIVE_INFINITY;
}

/** "0.20 0.18 0.12 3/80 11206" → 2: this process is one of the three. */
export function othersRunning(loadavg: string): number {
  const runnable = Number.parseInt(loadavg.split(' ')[3] ?? '', 10);
  return runnable > 1 ? runnable - 1 : 0;
}

/** The least that this process's cgroup or one above it grants. */
function granted(): number {
  const path = /^0::\/(.*)$/m.exec(textOf('/proc/self/cgroup'))?.[1] ?? '';
  const folders = path.split('/').map((_, i, all) => all.slice(0, i + 1).join('/'));
  return Math.min(
    ...['', ...folders].map((folder) =>
      grantedBy(textOf(join('/sys/fs/cgroup', folder, 'cpu.max'))),
    ),
  );
}

/** At least one: a busy machine is no reason not to work. Only a large file asks, so node:os is loaded here. */
export function freeCores(): number {
  const { availableParallelism } = process.getBuiltinModule('node:os');
  const cores = Math.min(availableParallelism(), Math.max(1, Math.floor(granted())));
  return Math.max(1, cores - othersRunning(textOf('/proc/loadavg')));
}
