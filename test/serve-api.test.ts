/** Where the service does not start: nowhere open by accident, in no folder that is none; and TLS is TLS. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { request } from 'node:https';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Producer } from '../src/queue/producer.ts';
import { parseRedisUrl } from '../src/queue/redis-url.ts';
import { PROBLEMS } from '../src/report/api/problem.ts';
import { openDatabase } from '../src/report/store/database.ts';
import { makeFolders } from '../src/report/store/places.ts';
import { type ApiOptions, parseListen, type RunningApi, startApi } from '../src/serve-api.ts';
import { deadair } from './kit/analyse.ts';
import { queuesWith } from './kit/api-requests.ts';
import { haveRedis, withRedis } from './queue/redis.ts';
import { withFolder } from './kit/temporary.ts';
import { TOKENS } from './kit/service.ts';

type Flags = ApiOptions['flags'];

/** Started and stopped; what it threw, where it did not start. */
function withApi<T>(
  flags: Flags,
  env: ApiOptions['env'],
  use: (api: RunningApi) => Promise<T>,
  given?: Producer,
): Promise<T> {
  return withFolder(async (data) => {
    makeFolders(data);
    const db = openDatabase(data);
    const producer = given ?? new Producer(parseRedisUrl(`unix:${join(data, 'none.sock')}`));
    const rest = { queues: queuesWith({}), producer, webhookAllow: [], readiness: async () => [] };
    try {
      const quiet = { DEADAIR_LOG_LEVEL: 'silent', ...env };
      const api = await startApi({
        flags: { listen: '127.0.0.1:0', ...flags },
        env: quiet,
        data,
        db,
        ...rest,
      });
      try {
        return await use(api);
      } finally {
        await api.close();
      }
    } finally {
      await producer.close();
      db.close();
    }
  });
}

const refused = (flags: Flags, env: ApiOptions['env'] = {}): Promise<unknown> =>
  withApi(flags, env, async () => null).catch((thrown: { code?: string }) => thrown.code);

const token = { DEADAIR_TOKEN: TOKENS.admin };

test('beyond loopback it does not start without a token, nor with one over plain HTTP', async () => {
  const open = { listen: '0.0.0.0:0' };
  expect(await refused(open)).toBe('E_EXPOSED');
  expect(await refused(open, token)).toBe('E_EXPOSED');
  expect(await refused({ ...open, insecureHttp: true })).toBe('E_EXPOSED');
  expect(await refused({ ...open, insecureHttp: true }, token)).toBeNull();
  expect(await refused({ listen: '[::]:0' }, token)).toBe('E_EXPOSED');
  expect(await refused({}, {})).toBeNull();
});

test('an address is an IP address with a port, or the name that always is one', () => {
  expect(parseListen('127.0.0.1:8686')).toEqual({ host: '127.0.0.1', port: 8686 });
  expect(parseListen('localhost:1')).toEqual({ host: '127.0.0.1', port: 1 });
  expect(parseListen('[::1]:0')).toEqual({ host: '::1', port: 0 });
  for (const text of [
    '8686',
    ':8686',
    'example.org:80',
    '127.0.0.1:70000',
    '::1:80',
    '127.0.0.1',
  ]) {
    expect(() => parseListen(text), text).toThrow(expect.objectContaining({ code: 'E_USAGE' }));
  }
});

test('half of a certificate, a missing file and a silly size are usage errors', async () => {
  expect(await refused({ tlsCert: 'x' })).toBe('E_USAGE');
  expect(await refused({ tlsCert: 'x', tlsKey: 'y' })).toBe('E_USAGE');
  expect(await refused({ maxUpload: 'huge' })).toBe('E_USAGE');
  expect(await refused({}, { DEADAIR_TOKEN: 'short' })).toBe('E_TOKEN');
});

test('a port that is taken is an error with a code', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  const address = other.address();
  const port = typeof address === 'object' ? address?.port : 0;
  expect(await refused({ listen: `127.0.0.1:${port}` })).toBe('E_LISTEN');
  other.close();
});

describe('a data directory that cannot be one', () => {
  const serve = (data: string) => deadair(['serve', '--listen', '127.0.0.1:0', '--data', data]);

  test('a file, or what should lie in one, is no folder', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'file');
      writeFileSync(file, '');
      for (const data of [file, join(file, 'data')]) {
        const { exit, stderr } = await serve(data);
        expect(exit).toBe(5);
        expect(stderr).toBe(
          `deadair: --data: ${data} is no folder (E_STORE)\n` +
            '  hint: give a folder that may be written with --data\n',
        );
      }
    }));

  test.each(['/proc', '/proc/deadair/data'])('%s cannot be used', async (data) => {
    const { exit, stderr } = await serve(data);
    expect(exit).toBe(5);
    expect(stderr).toMatch(/^deadair: --data: \S+ cannot be used: E[A-Z]+ \(E_STORE\)\n {2}hint: /);
  });
});

test('serve says once what is wrong with --webhook-allow, and makes no data directory', () =>
  withFolder(async (folder) => {
    const data = join(folder, 'data');
    const flags = ['--listen', '127.0.0.1:0', '--data', data, '--webhook-allow', 'foo'];
    const { exit, stderr } = await deadair(['serve', ...flags]);
    expect(exit).toBe(2);
    expect(stderr).toBe(
      'deadair: --webhook-allow: "foo" is neither an address nor a CIDR (E_USAGE)\n' +
        '  hint: write --webhook-allow 10.0.0.5/32\n',
    );
    expect(existsSync(data)).toBe(false);
  }));

interface Asked {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Status and headers. */
const secretly = (url: string, ca: Buffer, { body, ...asked }: Asked) =>
  new Promise<Record<string, unknown>>((resolve, reject) => {
    const sent = request(url, { ca, ...asked }, (answer) => {
      answer.resume();
      resolve({ status: answer.statusCode, ...answer.headers });
    });
    sent.on('error', reject).end(body);
  });

test('with a certificate it speaks TLS, says HSTS, and its cookie is secure', () =>
  withFolder(async (folder) => {
    const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const curve = [
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '2',
    ];
    const files = ['-keyout', key, '-out', cert];
    execFileSync('openssl', ['req', '-x509', ...curve, ...files, ...subject], { stdio: 'ignore' });
    await withApi({ tlsCert: cert, tlsKey: key }, token, async ({ url }) => {
      expect(url).toMatch(/^https:/);
      const body = JSON.stringify({ token: TOKENS.admin });
      const session = { method: 'POST', headers: { 'content-type': 'application/json' }, body };
      expect(await secretly(`${url}/api/v1/session`, readFileSync(cert), session)).toMatchObject({
        status: 200,
        'strict-transport-security': expect.stringContaining('max-age='),
        'set-cookie': [expect.stringMatching(/; Secure$/)],
      });
    });
  }));

test.skipIf(!haveRedis)(
  'bull-board shows the queues to admins alone, and changes nothing (needs redis-server)',
  () =>
    withFolder((folder) =>
      withRedis(folder, async ({ target }) => {
        const producer = new Producer(target);
        await producer.add('captures', [{ id: 'j-1', payload: { v: 1, job: 'j_1' } }]);
        const env = { ...token, DEADAIR_TOKEN_READ: TOKENS.read };
        await withApi(
          {},
          env,
          async ({ url }) => {
            const ask = (path: string, as: string, method = 'GET') =>
              fetch(`${url}/admin/queues${path}`, {
                method,
                headers: { authorization: `Bearer ${as}` },
              });
            expect((await ask('', TOKENS.read)).status).toBe(403);
            const page = await ask('', TOKENS.admin);
            expect([page.status, page.headers.get('content-security-policy')]).toEqual([
              200,
              expect.not.stringContaining('http'),
            ]);
            const list = (await (await ask('/api/queues', TOKENS.admin)).json()) as {
              queues: { name: string; counts: { waiting: number }; readOnlyMode: boolean }[];
            };
            expect(
              list.queues.map(({ name, counts, readOnlyMode }) => [
                name,
                counts.waiting,
                readOnlyMode,
              ]),
            ).toEqual([
              ['captures', 1, true],
              ['findings', 0, true],
              ['webhooks', 0, true],
            ]);
            const emptied = await ask('/api/queues/captures/empty', TOKENS.admin, 'PUT');
            expect(emptied.status).toBeGreaterThanOrEqual(400);
            expect((await producer.depths()).captures.waiting).toBe(1);
          },
          producer,
        );
        await producer.close();
      }),
    ),
);

test('docs/api.md lists every type of problem with its status, and no other', () => {
  const text = readFileSync(join(import.meta.dirname, '..', 'docs', 'api.md'), 'utf8');
  const rows = [...text.matchAll(/^\| `([a-z-]+)` \| (\d{3}) \|/gm)].map(([, slug, status]) => [
    slug,
    Number(status),
  ]);
  const known = Object.entries(PROBLEMS).map(([slug, [status]]) => [slug, status]);
  expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(known));
  expect(rows).toHaveLength(known.length);
});
