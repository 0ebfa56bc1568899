/** The process that sends webhooks: see src/webhook/. */
import { openLog } from './base/log.ts';
import type { RoleConfig, Running } from './serve-role.ts';
import { runWebhooks } from './webhook/run.ts';

export async function startWebhooks({ data, redis, webhookAllow }: RoleConfig): Promise<Running> {
  const stop = new AbortController();
  const log = openLog('webhooks');
  const run = runWebhooks({ data, redis, allow: webhookAllow, log, signal: stop.signal });
  return {
    async close() {
      stop.abort();
      await run;
    },
  };
}
