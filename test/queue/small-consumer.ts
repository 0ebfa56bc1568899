/** The far end of `--to`, without a service behind it. */
import { NO_LOG } from '../../src/base/log.ts';
import { consume } from '../../src/queue/consumer.ts';
import { isHeartbeat, type HeartbeatMessage } from '../../src/queue/payload.ts';
import type { TestRedis } from './redis.ts';

/** The small consumer: it stores by id, and knows how often each came. */
export function store(redis: TestRedis) {
  const seen = new Map<string, number>();
  const paths = new Set<string>();
  const evidence = new Map<string, string>();
  const beats: HeartbeatMessage[] = [];
  const consumer = consume({
    target: redis.target,
    queue: 'findings',
    concurrency: 1,
    log: NO_LOG,
    handle: (payload) => {
      if (isHeartbeat(payload)) beats.push(payload);
      else {
        for (const { id } of payload.findings) seen.set(id, (seen.get(id) ?? 0) + 1);
        for (const { id } of payload.paths) paths.add(id);
        for (const { finding, pcapng } of payload.evidence) evidence.set(finding, pcapng);
      }
      return Promise.resolve();
    },
  });
  return { seen, paths, evidence, beats, close: () => consumer.close(500) };
}
