/** `deadair work`: takes jobs off the queue on a machine that has neither the store nor the API. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from './base/errors.ts';
import { openLog } from './base/log.ts';
import { Settings } from './config.ts';
import { givenRedis, parseRedisUrl } from './queue/redis-url.ts';
import { workOnCaptures } from './serve-captures.ts';
import { jobSettings, namesSetting } from './serve-settings.ts';
import { untilStopped } from './serve-signals.ts';
import { serviceClient } from './service-client.ts';
import type { Terminal } from './terminal.ts';
import { workDesk } from './work-desk.ts';

/** Of the five seconds that stopping may take. */
const STOP_MS = 2500;

function redisFor(settings: Settings, terminal: Terminal): string {
  const url = givenRedis(settings.text('redis'), terminal.env);
  if (url !== null) return url;
  const hint = 'give the one of the server: --redis or DEADAIR_REDIS';
  throw new AppError('E_USAGE', 'a worker needs a Redis', hint);
}

export async function work(
  flags: Readonly<Record<string, unknown>>,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const settings = new Settings(flags, terminal.env);
  const client = serviceClient(settings);
  const target = parseRedisUrl(redisFor(settings, terminal));
  const folder = mkdtempSync(join(settings.text('work-dir') ?? tmpdir(), 'deadair-work-'));
  const worker = `${hostname()}-${process.pid}-${randomBytes(2).toString('hex')}`;
  const { jobs, jobMemoryBytes } = jobSettings(settings);
  const consumer = workOnCaptures({
    target,
    desk: workDesk({ client, worker, shared: settings.text('shared') }),
    work: folder,
    concurrency: jobs,
    memoryBytes: jobMemoryBytes,
    names: namesSetting(settings),
    log: openLog('worker'),
  });
  terminal.err(
    `deadair: working for ${client.url.origin}, ${jobs} at once; Redis ${target.shown}\n`,
  );
  await untilStopped(signal);
  await consumer.close(STOP_MS);
  rmSync(folder, { recursive: true, force: true });
  return 0;
}
