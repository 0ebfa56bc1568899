/** The outlets that a `deadair watch` was asked for, besides stdout. */
import { visible } from './report/visible.ts';
import type { Terminal } from './terminal.ts';
import { carveInto } from './watch-carve.ts';
import type { Outlet } from './watch-outlet.ts';
import type { WatchSettings } from './watch-settings.ts';

/** Only with these does anybody look at packets again: else no ring is kept. */
export const wantsEvidence = ({ carve, to }: WatchSettings): boolean =>
  carve !== null || to !== null;

async function redisOutlet(
  { to, spool, spoolBytes }: WatchSettings,
  { env }: Terminal,
): Promise<Outlet[]> {
  if (to === null) return [];
  const { defaultSpool, openRedisOutlet } = await import('./watch-to.ts');
  const folder = spool ?? defaultSpool(env);
  return [
    await openRedisOutlet({
      url: to,
      spool: folder,
      ...(spoolBytes === null ? {} : { spoolBytes }),
    }),
  ];
}

/** Throws AppError where a folder cannot be written or a URL is none. */
export async function openOutlets(settings: WatchSettings, terminal: Terminal): Promise<Outlet[]> {
  const complain = (what: string) => terminal.err(`deadair: ${visible(what)}\n`);
  const carving = settings.carve === null ? [] : [carveInto(settings.carve, complain)];
  return [...carving, ...(await redisOutlet(settings, terminal))];
}
