/**
 * `serve --watch IF`: what dies on an interface is in the store and under the API of the same command, and the agent that
 * saw it is listed. On a cable of the test's own; the service lives in the namespace that is watched.
 */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { opened } from '../kit/scenes.ts';
import { ip, within } from '../lab/namespaces.ts';
import { type Cable, play, whyNoCable, withCable } from '../live/cable.ts';
import { haveRedis, until } from '../queue/redis.ts';
import { type Service, startService } from './service.ts';

const why = haveRedis ? whyNoCable() : 'serve without --redis needs redis-server';

/** Silent for a good second, then cut by something between: the reset has another TTL than the server. */
const KILL = `${opened()}
  1.300000  client > server  PSH ACK  20 bytes  undelivered
  1.301000  server > client  stateless  ttl 63`;

interface Listed {
  readonly items: readonly Record<string, unknown>[];
}

async function served(
  cable: Cable,
  use: (scene: { service: Service; ask: (path: string) => Promise<unknown> }) => Promise<void>,
): Promise<void> {
  const { watched, folder } = cable;
  await ip(['link set lo up'], watched);
  const service = await startService(
    join(folder, 'data'),
    ['--listen', '127.0.0.1:8686', '--watch', 'w0'],
    { DEADAIR_SHORTEST: '500ms' },
    { by: ['ip', 'netns', 'exec', watched] },
  );
  const ask = async (path: string): Promise<unknown> =>
    JSON.parse(await within(watched, ['curl', '-sS', `http://127.0.0.1:8686${path}`]));
  try {
    await use({ service, ask });
  } finally {
    await service.killAll();
  }
}

const isReady = (answer: unknown): boolean => (answer as { ready: boolean }).ready;

describe.skipIf(why !== null)(why ?? 'serve --watch', () => {
  test('a kill on the interface is a finding of the API with its packets, from an agent that is listed', async () => {
    await withCable((cable) =>
      served(cable, async ({ service, ask }) => {
        await until('it is ready', async () => isReady(await ask('/readyz')), 20_000);
        await play(cable, KILL);
        const findings = async () => ((await ask('/api/v1/findings')) as Listed).items;
        await until('it is stored', async () => (await findings()).length > 0, 15_000);
        const [finding] = await findings();
        expect(finding).toMatchObject({ signature: 'late-reset', verdict: 'box-timeout' });
        const packets = `http://127.0.0.1:8686/api/v1/findings/${String(finding?.['id'])}/pcap`;
        const status = ['curl', '-sS', '-o', '/dev/null', '-w', '%{http_code}', packets];
        const kept = async () => (await within(cable.watched, status)) === '200';
        await until('its packets are kept', kept, 10_000);
        const agents = async () => ((await ask('/api/v1/agents')) as Listed).items;
        await until('its agent is heard', async () => (await agents()).length > 0, 15_000);
        expect(await agents()).toMatchObject([{ silent: false, interfaces: [{ name: 'w0' }] }]);
        const { milliseconds, status: exit } = await service.stop();
        expect(exit).toBe(0);
        expect(milliseconds).toBeLessThan(5000);
      }),
    );
  });

  test('a watcher that is killed is not ready, is started again, and tells what dies afterwards', async () => {
    await withCable((cable) =>
      served(cable, async ({ service, ask }) => {
        await until('it is ready', async () => isReady(await ask('/readyz')), 20_000);
        process.kill(service.parts().get('watch') ?? 0, 'SIGKILL');
        await until('/readyz says so', async () => !isReady(await ask('/readyz')), 5000);
        await until('it is ready again', async () => isReady(await ask('/readyz')), 10_000);
        await play(cable, KILL);
        const stored = async () => ((await ask('/api/v1/findings')) as Listed).items.length;
        await until('it is stored', async () => (await stored()) === 1, 15_000);
      }),
    );
  });
});
