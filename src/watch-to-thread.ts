/** The thread behind src/watch-to.ts: what comes from the capture goes into the spool, and from there to Redis. */
import { parentPort, workerData } from 'node:worker_threads';
import { openLog } from './base/log.ts';
import { asAppError } from './capture/problems.ts';
import { agentId } from './queue/agent.ts';
import { Producer } from './queue/producer.ts';
import { Publisher } from './queue/publisher.ts';
import { parseRedisUrl } from './queue/redis-url.ts';
import { Spool } from './queue/spool.ts';
import type { OutletAnswer, OutletMessage, OutletOptions } from './watch-to.ts';

interface Line {
  readonly spool: Spool;
  readonly publisher: Publisher;
  readonly producer: Producer;
}

const answer = (message: OutletAnswer): void => parentPort?.postMessage(message, []);

function open({ url, spool: folder, spoolBytes, host = '' }: OutletOptions): Line {
  const log = openLog('watch-to');
  const spool = new Spool(folder, log, spoolBytes);
  const producer = new Producer(parseRedisUrl(url));
  const sender = { agent: agentId(folder), host };
  return { spool, producer, publisher: new Publisher(spool, producer, sender, log) };
}

async function close({ spool, producer, publisher }: Line, withinMs: number): Promise<void> {
  await publisher.close(withinMs);
  await spool.close();
  await producer.close();
  answer({ kind: 'closed' });
}

function take(line: Line, message: OutletMessage): void {
  if (message.kind === 'records') for (const record of message.records) line.spool.append(record);
  else if (message.kind === 'beat') line.publisher.heartbeat(message.beat);
  else void close(line, message.withinMs);
}

try {
  const line = open(workerData as OutletOptions);
  parentPort?.on('message', (message: OutletMessage) => take(line, message));
  answer({ kind: 'ready' });
} catch (thrown) {
  const { code, message, hint } = asAppError(thrown);
  answer({ kind: 'failed', code, message, hint });
}
