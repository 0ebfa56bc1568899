/** The process that sends webhooks: see src/webhook/. */
import { openLog } from './base/log.ts';
import { packageVersion } from './base/root.ts';
import { parseRedisUrl } from './queue/redis-url.ts';
import type { RoleConfig, Running } from './serve-role.ts';
import { runWebhooks } from './webhook/run.ts';

export async function startWebhooks({ data, redis, webhookAllow }: RoleConfig): Promise<Running> {
  const stop = new AbortController();
  const run = runWebhooks({
    data,
    redis: parseRedisUrl(redis),
    allow: webhookAllow,
    version: packageVersion(),
    log: openLog('webhooks'),
    signal: stop.signal,
  });
  // What it cannot go on after ends the process, which is started again.
  run.catch((thrown: unknown) => {
    process.stderr.write(`${String(thrown)}\n`);
    process.exit(1);
  });
  return {
    async close() {
      stop.abort();
      await run;
    },
  };
}
