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

/** Of one processor, all processes together. */
export const QUIET = { cpu: 0.05, lines: 10 };

interface Idle {
  /** Share of one processor. */
  readonly cpu: number;
  /** Of log, a second. */
  readonly lines: number;
}

async function within(service: Service, seconds: number): Promise<Idle> {
  const [ticks, said] = [ticksOfAll(service), service.said().length];
  await sleep(seconds * 1000);
  const lines = service.said().slice(said).split('\n').length - 1;
  return { cpu: (ticksOfAll(service) - ticks) / 100 / seconds, lines: lines / seconds };
}

const TRIES = 4;

/** While nothing can be done: the first stretch that is quiet (what had begun has come to its end), else the last. */
export async function idling(service: Service, seconds: number): Promise<Idle> {
  let idle = await within(service, seconds);
  for (let i = 1; i < TRIES && (idle.cpu >= QUIET.cpu || idle.lines >= QUIET.lines); i++) {
    idle = await within(service, seconds);
  }
  return idle;
}
