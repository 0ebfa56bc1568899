/** What a service costs while it can do nothing but wait. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Service } from './service.ts';

/** Clock ticks of a process, user and system (proc_pid_stat(5), fields 14 and 15; 100 a second on Linux). */
function ticksOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(fields[11]) + Number(fields[12]);
  } catch {
    return 0;
  }
}

const OWN = ['reporter', 'webhooks', 'worker'];

function ticksOfAll(service: Service): number {
  const parts = service.parts();
  const pids = OWN.flatMap((part) => parts.get(part) ?? []);
  return [service.pid, ...pids].reduce((sum, pid) => sum + ticksOf(pid), 0);
}

/** Share of one processor, and lines of log a second, while nothing can be done. */
export async function idling(
  service: Service,
  seconds: number,
): Promise<{ cpu: number; lines: number }> {
  const [ticks, said] = [ticksOfAll(service), service.said().length];
  await sleep(seconds * 1000);
  const lines = service.said().slice(said).split('\n').length - 1;
  return { cpu: (ticksOfAll(service) - ticks) / 100 / seconds, lines: lines / seconds };
}

/** Of one processor, all processes together. */
export const QUIET = { cpu: 0.05, lines: 10 };
