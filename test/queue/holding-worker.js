// A worker in a process of its own that takes a job, says so, and never ends it: somebody kills it.
import { NO_LOG } from '../../dist/src/base/log.js';
import { consume } from '../../dist/src/queue/consumer.js';
import { parseRedisUrl } from '../../dist/src/queue/redis-url.js';

consume({
  target: parseRedisUrl(process.argv[2]),
  queue: 'captures',
  concurrency: 1,
  log: NO_LOG,
  handle: () => {
    process.stdout.write('taken\n');
    return new Promise(() => {});
  },
});
