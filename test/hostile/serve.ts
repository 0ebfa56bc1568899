/** A whole `serve` on a free port of loopback, as whoever means harm meets it: its address, its processes, its files. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withFolder } from '../kit/temporary.ts';
import { until } from '../queue/redis.ts';
import { type Api, apiAt } from '../serve/client.ts';
import { type Service, startService, type StartOptions } from '../serve/service.ts';

export interface Target {
  readonly api: Api;
  readonly port: number;
  /** The data directory, and the folder around it. */
  readonly data: string;
  readonly folder: string;
  readonly service: Service;
}

export interface Wanted {
  readonly flags?: readonly string[];
  readonly start?: StartOptions;
  /** What of it shall be there before the test begins; default: all. */
  readonly ready?: boolean;
}

/** Starts it on `data`, which may lie in a mount namespace of its own. */
export async function targetOn(folder: string, data: string, wanted: Wanted = {}): Promise<Target> {
  const flags = ['--listen', '127.0.0.1:0', ...(wanted.flags ?? [])];
  const service = await startService(data, flags, {}, wanted.start);
  const base = /http:\S+/.exec(service.said())?.[0] ?? '';
  const api = apiAt(base);
  if (wanted.ready !== false) await until('it is ready', () => api.ready(), 30_000);
  return { api, port: Number(new URL(base).port), data, folder, service };
}

export const withTarget = (
  use: (target: Target) => Promise<void>,
  wanted: Wanted = {},
): Promise<void> =>
  withFolder(async (folder) => {
    const target = await targetOn(folder, join(folder, 'data'), wanted);
    try {
      await use(target);
    } finally {
      await target.service.killAll();
    }
  });

export const filesIn = (data: string, place: string): string[] => readdirSync(join(data, place));

export const descriptorsOf = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;

/** proc_pid_status(5): VmRSS, in kB. */
export function residentMib(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

/** The largest that `measure` gave while `work` went on. */
export async function mostWhile<T>(
  measure: () => number,
  work: () => Promise<T>,
): Promise<{ most: number; result: T }> {
  let most = measure();
  const timer = setInterval(() => (most = Math.max(most, measure())), 50);
  try {
    const result = await work();
    return { most, result };
  } finally {
    clearInterval(timer);
  }
}
