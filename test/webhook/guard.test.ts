/** What webhooks may not reach, counted at the listener: not one connection. */
import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parseCidr, reachableWith } from '../../src/webhook/guard/addresses.ts';
import { Ways } from '../../src/webhook/guard/agent.ts';
import { post } from '../../src/webhook/post.ts';
import { WebhookRefused } from '../../src/webhook/registry.ts';
import { withFolder } from '../kit/temporary.ts';
import { LOOPBACK, withBench } from './bench.ts';
import { type Endpoint, withEndpoint } from './endpoint.ts';

/** Ways to write loopback; all of them reach a listener there where nothing is in between. */
const SPELLINGS_4 = [
  '127.0.0.1',
  '127.1',
  '127.0.1',
  '2130706433',
  '0x7f000001',
  '0x7f.0.0.1',
  '0177.0.0.1',
  '017700000001',
  '127.0.0.1.',
  '①②⑦.⓪.⓪.①',
  '127.127.127.127',
  'localhost',
  'LOCALHOST',
  'localhost.',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[0:0:0:0:0:ffff:7f00:0001]',
  '0.0.0.0',
  '0',
];
const SPELLINGS_6 = ['[::1]', '[0:0:0:0:0:0:0:1]', '[::]'];

/** Nobody listens there for us; they must be refused before anybody could. */
const ELSEWHERE = [
  '169.254.169.254', // metadata of most clouds
  '[fd00:ec2::254]', // of AWS, over IPv6
  '100.100.100.200', // of Alibaba
  '192.0.0.192', // of Oracle
  '10.0.0.1',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '100.64.0.1',
  '198.18.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '240.0.0.1',
  '[fe80::1]',
  '[fc00::1]',
  '[fd12:3456::1]',
  '[ff02::1]',
  '[fec0::1]',
  '[64:ff9b::7f00:1]', // NAT64 of 127.0.0.1
  '[64:ff9b::a9fe:a9fe]',
  '[64:ff9b:1::7f00:1]',
  '[2002:7f00:1::]', // 6to4
  '[2001:0:7f00:1::]', // Teredo
  '[::127.0.0.1]', // IPv4-compatible
  '[::ffff:10.0.0.1]',
  '[::ffff:0:10.0.0.1]',
  '[2001:db8::1]',
  '[100::1]',
];

const at = (host: string, { url }: Endpoint): string =>
  url.replace(/\/\/.*(:\d+)\//, `//${host}$1/`);

const sendTo = (url: string, allow: readonly string[]) =>
  post(
    { url: new URL(url), headers: {}, body: '{}' },
    { ways: new Ways(reachableWith(allow)), timeoutMs: 5000 },
  );

describe('private, loopback and link-local addresses', () => {
  test.each(SPELLINGS_4)('%s is refused at the connection and by the API: none is made', (host) =>
    withEndpoint(async (endpoint) => {
      const answer = await sendTo(at(host, endpoint), []);
      expect(answer).toMatchObject({
        kind: 'refused',
        why: expect.stringContaining('--webhook-allow'),
      });
      await refusedByApi(at(host, endpoint));
      expect(endpoint.connections).toBe(0);
    }),
  );

  test.each(SPELLINGS_6)('%s is refused as well', (host) =>
    withEndpoint(async (endpoint) => {
      expect(await sendTo(at(host, endpoint), [])).toMatchObject({ kind: 'refused' });
      await refusedByApi(at(host, endpoint));
      expect(endpoint.connections).toBe(0);
    }, '::1'),
  );

  test.each(ELSEWHERE)('%s is refused', async (host) => {
    expect(await sendTo(`http://${host}/`, [])).toMatchObject({ kind: 'refused' });
    await refusedByApi(`http://${host}/`);
  });

  test('the listener would have been reached: with --webhook-allow it is', () =>
    withEndpoint(async (endpoint) => {
      for (const host of ['127.0.0.1', '2130706433', 'localhost']) {
        expect(await sendTo(at(host, endpoint), LOOPBACK)).toMatchObject({ status: 204 });
      }
      expect(endpoint.connections).toBe(3);
    }));

  test('what was allowed at subscription and is not any more is not connected to', () =>
    withEndpoint((endpoint) =>
      withBench(async (bench) => {
        const { webhook } = await bench.subscribe({ url: endpoint.url });
        bench.happen({
          type: 'finding.created',
          subject: 'f_1',
          data: { id: 'f_1', verdict: 'box-timeout' },
        });
        await bench.settle();
        const strict = reachableWith(['10.0.0.0/8']);
        const { Sender } = await import('../../src/webhook/sender.ts');
        const sender = new Sender({ ...bench, reach: strict, version: '0' });
        const [delivery] = bench.deliveries(webhook.id);
        expect(await sender.send(delivery?.id ?? '', false)).toMatchObject({ kind: 'dead' });
        expect(endpoint.connections).toBe(0);
      }),
    ));
});

async function refusedByApi(url: string): Promise<void> {
  await withBench(async (bench) => {
    const made = bench.subscribe({ url });
    await expect(made).rejects.toThrow(WebhookRefused);
    await expect(made).rejects.toThrow(/--webhook-allow/);
  }, []);
}

describe('--webhook-allow', () => {
  test.each<[string, string, ReturnType<ReturnType<typeof reachableWith>>]>([
    ['10.0.0.5/32', '10.0.0.5', 'allowed'],
    ['10.0.0.5', '10.0.0.5', 'allowed'],
    ['10.0.0.5/32', '10.0.0.6', 'refused'],
    ['10.0.0.0/8', '10.255.0.1', 'allowed'],
    ['10.0.0.0/8', '::ffff:10.0.0.1', 'refused'],
    ['fd00::/8', 'fd12::1', 'allowed'],
    ['fd00::/8', '10.0.0.1', 'refused'],
    ['0.0.0.0/0', 'fd12::1', 'refused'],
    ['10.0.0.0/8', '8.8.8.8', 'global'],
    ['10.0.0.0/8', '2606:4700::1111', 'global'],
  ])('%s makes %s %s', (cidr, address, reach) => {
    expect(reachableWith([cidr])(address)).toBe(reach);
  });

  test.each([
    '10.0.0.0/33',
    'fd00::/129',
    '10.0.0/8',
    'example.org',
    '',
    'fe80::1%eth0',
    '10.0.0.0/8/8',
  ])('"%s" is no CIDR', (text) => {
    expect(parseCidr(text)).toBeNull();
    expect(() => reachableWith([text])).toThrow(/webhook-allow/);
  });
});

describe('what else is no place for a webhook', () => {
  test.each([
    ['ftp://example.org/', /http or https/],
    ['file:///etc/passwd', /http or https/],
    ['not a url', /http or https/],
    ['https://user:secret@example.org/', /header/],
  ])('%s', (url, why) =>
    withBench(async (bench) => {
      await expect(bench.subscribe({ url })).rejects.toThrow(why);
    }),
  );

  test.each([
    'Host',
    'content-length',
    'Webhook-Signature',
    'Proxy-Authorization',
    'Transfer-Encoding',
  ])('the header %s cannot be set', (name) =>
    withBench(async (bench) => {
      const made = bench.subscribe({ url: 'http://127.0.0.1:9/', headers: { [name]: 'x' } });
      await expect(made).rejects.toThrow(/not yours/);
    }),
  );
});

const canUnshare = spawnSync('unshare', ['-mn', 'true'], { stdio: 'ignore' }).status === 0;
const CHILD = fileURLToPath(new URL('rebinding-child.js', import.meta.url));

interface Rebinding {
  readonly atSubscription: string;
  readonly answer: { readonly kind: string; readonly status?: number };
  readonly second: { readonly kind: string } | null;
  readonly answered: readonly string[];
  readonly connections: { readonly public: number; readonly loopback: number };
}

/** A name that is public for the first look-ups and loopback from then on. */
const rebinding = (publicAnswers: number, afterwards?: 'keep' | 'close'): Promise<Rebinding> =>
  withFolder(async (folder) => {
    const resolv = join(folder, 'resolv.conf');
    writeFileSync(resolv, 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n');
    const script = [
      'ip link set lo up',
      'ip address add 93.184.215.14/32 dev lo',
      'mount --bind "$1" /etc/resolv.conf',
      'exec "$2" "$3" "$4" $5',
    ].join(' && ');
    const args = [
      '-mn',
      'sh',
      '-c',
      script,
      'sh',
      resolv,
      process.execPath,
      CHILD,
      String(publicAnswers),
      ...(afterwards === undefined ? [] : [afterwards]),
    ];
    const out = execFileSync('unshare', args, { encoding: 'utf8', timeout: 30_000 });
    return JSON.parse(out) as Rebinding;
  });

describe.skipIf(!canUnshare)('a name that changes its address (needs unshare -mn)', () => {
  test('public every time: the request goes out', async () => {
    const { atSubscription, answer, connections } = await rebinding(1000);
    expect({ atSubscription, answer, connections }).toMatchObject({
      atSubscription: 'taken',
      answer: { kind: 'status', status: 204 },
      connections: { public: 1, loopback: 0 },
    });
  });

  test.each([
    ['between subscription and delivery', 1],
    ['between the check and the connection', 2],
  ])('loopback %s: no connection', async (_, publicAnswers) => {
    const { atSubscription, answer, answered, connections } = await rebinding(publicAnswers);
    expect(atSubscription).toBe('taken');
    expect(answer.kind).toBe('refused');
    expect(connections).toEqual({ public: 0, loopback: 0 });
    expect(answered.at(-1)).toBe('127.0.0.1');
    expect(answered).toHaveLength(publicAnswers + 1);
  });

  test('loopback after a first delivery whose connection was closed: the second is refused', async () => {
    const { answer, second, connections } = await rebinding(3, 'close');
    expect(answer.kind).toBe('status');
    expect(second?.kind).toBe('refused');
    expect(connections).toEqual({ public: 1, loopback: 0 });
  });

  test('a connection that is kept leads where it led, whatever its name says by now', async () => {
    const { second, answered, connections } = await rebinding(3, 'keep');
    expect(second?.kind).toBe('status');
    expect(connections).toEqual({ public: 1, loopback: 0 });
    expect(answered).not.toContain('127.0.0.1');
  });
});
