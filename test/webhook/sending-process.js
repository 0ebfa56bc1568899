// The webhooks process, alone: node sending-process.js DATA REDIS. Somebody kills it.
import { NO_LOG } from '../../dist/src/base/log.js';
import { parseRedisUrl } from '../../dist/src/queue/redis-url.js';
import { runWebhooks } from '../../dist/src/webhook/run.js';

const [, , data, redis] = process.argv;
await runWebhooks({
  data,
  redis: parseRedisUrl(redis),
  allow: ['127.0.0.0/8'],
  version: '0',
  log: NO_LOG,
  signal: new AbortController().signal,
});
