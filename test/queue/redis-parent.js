// Opens the private Redis of a folder and says its process id. Somebody kills it.
import { NO_LOG } from '../../dist/src/base/log.js';
import { openPrivateRedis } from '../../dist/src/queue/private-redis.js';

const redis = await openPrivateRedis(process.argv[2], NO_LOG);
process.stdout.write(`${redis.pid()}\n`);
setInterval(() => {}, 1000);
