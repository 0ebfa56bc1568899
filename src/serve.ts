/**
 * `deadair serve`: the service under one command. This process supervises, and answers the API; the other parts are
 * processes of their own (serve-role.ts), so that what one of them does to itself ends with it.
 */
import { openLog } from './base/log.ts';
import { Service } from './serve-service.ts';
import { serveSettings } from './serve-settings.ts';
import { untilStopped } from './serve-signals.ts';
import type { Terminal } from './terminal.ts';

type Flags = Readonly<Record<string, unknown>>;

/** Chosen: for what is still on its way to stderr. */
const LAST_WORDS_MS = 200;

interface Door {
  readonly url: string;
  close(): Promise<void>;
}

async function openDoor(service: Service, flags: Flags, terminal: Terminal): Promise<Door | null> {
  const { settings, db, producer } = service;
  if (!settings.only.includes('api')) return null;
  const [{ startApi }, { apiQueues }] = await Promise.all([
    import('./serve-api.ts'),
    import('./serve-queues.ts'),
  ]);
  return startApi({
    flags,
    env: terminal.env,
    data: settings.data,
    db,
    queues: apiQueues(producer, db),
    producer,
    webhookAllow: settings.webhookAllow,
    readiness: () => service.readiness(),
  });
}

/** Runs until a signal. Throws what keeps it from starting; a port that is taken among it. */
export async function serve(
  flags: Flags,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const settings = serveSettings(flags, terminal.env);
  const stopped = untilStopped(signal);
  const service = await Service.start(settings, terminal.env, openLog('serve', terminal.env));
  let door: Door | null = null;
  try {
    door = await openDoor(service, flags, terminal);
    const where = door === null ? 'no API' : door.url;
    terminal.err(`deadair: ${where} (data in ${settings.data}, Redis: ${service.redisShown})\n`);
    await stopped;
    return 0;
  } finally {
    await service.stop(door?.close());
    // What still holds the event loop, a client that lingers, does not hold the process.
    setTimeout(() => process.exit(), LAST_WORDS_MS).unref();
  }
}
