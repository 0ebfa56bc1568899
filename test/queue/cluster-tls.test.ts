/** A Redis cluster, and one behind TLS with an ACL: what larger sites have. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { NO_LOG } from '../../src/base/log.ts';
import { answers } from '../../src/queue/connect.ts';
import { consume } from '../../src/queue/consumer.ts';
import { Producer } from '../../src/queue/producer.ts';
import { parseRedisUrl, type RedisTarget } from '../../src/queue/redis-url.ts';
import { withFolder } from '../kit/temporary.ts';
import { haveRedis, until } from './redis.ts';

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Jobs go in, are taken, fail and are listed: all that the service does with a queue. */
async function worksOn(target: RedisTarget): Promise<void> {
  const producer = new Producer(target);
  const taken: string[] = [];
  const consumer = consume({
    target,
    queue: 'captures',
    concurrency: 2,
    log: NO_LOG,
    handle: ({ job }) => {
      taken.push(job);
      return job === 'bad' ? Promise.reject(new Error('no')) : Promise.resolve();
    },
  });
  try {
    const tasks = ['a', 'b', 'bad'].map((job) => ({ id: job, payload: { v: 1 as const, job } }));
    await producer.add('captures', tasks);
    await until('all are taken', () => taken.length === 3);
    await until('one is dead', async () => (await producer.depths()).captures.failed === 1);
    expect((await producer.dead('captures', 0, 5)).map(({ id }) => id)).toEqual(['bad']);
    await producer.note('x', 'word', 60);
    expect(await producer.noted(['x', 'y'])).toEqual(['word', null]);
  } finally {
    await consumer.close(500);
    await producer.close();
  }
}

async function withServer(args: readonly string[], use: () => Promise<void>): Promise<void> {
  const child: ChildProcess = spawn('redis-server', [...args, '--save', ''], { stdio: 'ignore' });
  try {
    await use();
  } finally {
    child.kill('SIGKILL');
  }
}

describe.skipIf(!haveRedis)('other kinds of Redis (needs redis-server)', () => {
  test('a cluster takes every key of ours in one slot, so scripts over several of them run', () =>
    withFolder(async (folder) => {
      const port = await freePort();
      const args = ['--port', String(port), '--cluster-enabled', 'yes', '--dir', folder];
      // A node that met no other does not know its address, and says none to its clients.
      const announced = ['--cluster-announce-ip', '127.0.0.1'];
      const busPort = ['--cluster-port', String(await freePort()), ...announced];
      await withServer([...args, ...busPort], async () => {
        expect(await answers(parseRedisUrl(`redis://127.0.0.1:${port}`), 5000)).toBe(true);
        const cli = (...words: string[]) =>
          execFileSync('redis-cli', ['-p', String(port), ...words], { encoding: 'utf8' });
        cli('cluster', 'addslotsrange', '0', '16383');
        await until('the cluster is up', () => cli('cluster', 'info').includes('cluster_state:ok'));
        await worksOn(parseRedisUrl(`redis+cluster://127.0.0.1:${port}`));
      });
    }));

  test('rediss:// with an authority of its own and a user of an ACL; another password is refused', () =>
    withFolder(async (folder) => {
      const at = (name: string) => join(folder, name);
      const openssl = (...words: string[]) =>
        execFileSync('openssl', words, { cwd: folder, stdio: 'ignore' });
      const subject = [
        '-subj',
        '/CN=test authority',
        '-days',
        '2',
        '-nodes',
        '-newkey',
        'rsa:2048',
      ];
      openssl('req', '-x509', ...subject, '-keyout', at('ca.key'), '-out', at('ca.pem'));
      const wish = ['-subj', '/CN=127.0.0.1', '-nodes', '-newkey', 'rsa:2048'];
      const name = ['-addext', 'subjectAltName=IP:127.0.0.1'];
      openssl('req', ...wish, ...name, '-keyout', at('r.key'), '-out', at('r.csr'));
      const sign = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial', '-days', '2'];
      const keep = ['-copy_extensions', 'copy', '-in', at('r.csr'), '-out', at('r.pem')];
      openssl('x509', '-req', ...sign, ...keep);
      const port = await freePort();
      const tls = ['--port', '0', '--tls-port', String(port), '--tls-auth-clients', 'no'];
      const files = ['--tls-cert-file', at('r.pem'), '--tls-key-file', at('r.key')];
      const user = ['--user', 'deadair', 'on', '>geheim', '~{deadair}:*', '&*', '+@all'];
      const closed = ['--user', 'default', 'off', '--dir', folder];
      await withServer(
        [...tls, ...files, '--tls-ca-cert-file', at('ca.pem'), ...user, ...closed],
        async () => {
          const url = (password: string) =>
            `rediss://deadair:${password}@127.0.0.1:${port}?ca=${at('ca.pem')}`;
          expect(await answers(parseRedisUrl(url('geheim')), 10_000)).toBe(true);
          await worksOn(parseRedisUrl(url('geheim')));
          expect(await answers(parseRedisUrl(url('falsch')), 1000)).toBe(false);
          const strange = `rediss://deadair:geheim@127.0.0.1:${port}`;
          expect(await answers(parseRedisUrl(strange), 1000)).toBe(false);
        },
      );
    }));
});
