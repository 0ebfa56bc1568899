/** Names of addresses: where they stand, and where they do not. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { accept } from '../../src/report/intake/accept.ts';
import { namedText, withNames } from '../../src/report/names.ts';
import { namesFrom } from '../../src/report/names-file.ts';
import { said } from '../kit/command.ts';
import { withService } from '../kit/service.ts';
import { aBatch, aFinding, aPath } from '../kit/store.ts';
import { withFolder } from '../kit/temporary.ts';

const CAPTURE = new URL('../captures/lab/dnat-90/inside.pcap', import.meta.url).pathname;

const HOSTS = `# the lab
192.168.77.1  db-primary db   # the first name counts
192.168.77.2\tapp\u001b[31m
2001:db8::1   six
2001:DB8:0::1 never
`;

const withHosts = <T>(text: string, use: (path: string) => Promise<T> | T): Promise<T> =>
  withFolder(async (folder) => {
    const path = join(folder, 'names');
    writeFileSync(path, text);
    return use(path);
  });

describe('deadair read --names', () => {
  test('JSON has the name beside the address, in findings and in paths', () =>
    withHosts(HOSTS, async (path) => {
      const { out } = await said(['read', '--json', '--names', path, CAPTURE]);
      const { findings, paths } = JSON.parse(out) as Record<string, object[]>;
      expect(findings?.[0]).toMatchObject({
        flow: { responder: { address: '192.168.77.1', port: 27_017, name: 'db-primary' } },
      });
      expect(paths?.[0]).toMatchObject({
        responder: { network: '192.168.77.1/32', name: 'db-primary' },
        members: [{ responder: { name: 'db-primary' } }],
      });
      const lines = await said(['read', '--ndjson', '--names', path, CAPTURE]);
      expect(JSON.parse(lines.out.split('\n')[0] ?? '')).toMatchObject({
        flow: { responder: { name: 'db-primary' } },
      });
    }));

  test('text has it behind the address, and shows what is hostile in it', () =>
    withHosts(HOSTS, async (path) => {
      const { out } = await said(['read', '--names', path, CAPTURE]);
      expect(out).toContain('192.168.77.1:27017 (db-primary)');
      expect(out).not.toContain('\u001b');
      expect(Math.max(...out.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(130);
    }));

  test('without it there is none', async () => {
    expect((await said(['read', '--json', CAPTURE])).out).not.toContain('"name": "db-primary"');
  });

  test.each([
    ['no address', 'db-primary 10.0.0.1\n', /line 1 does not begin with an address/],
    ['no name', '10.0.0.1 a\n10.0.0.2\n', /line 2 has no name/],
  ])('%s: refused with its line', (_, text, why) =>
    withHosts(text, async (path) => {
      const { status, err } = await said(['read', '--names', path, CAPTURE]);
      expect([status, err]).toEqual([2, expect.stringMatching(why)]);
    }),
  );

  test('not together with --anonymize, which they would undo', () =>
    withHosts(HOSTS, async (path) => {
      const { status } = await said(['read', '--anonymize', '--names', path, CAPTURE]);
      expect(status).toBe(2);
    }));
});

test('the API has them as well', () =>
  withHosts('10.1.2.3 db-primary\n', (path) =>
    withService({ context: { names: namesFrom(path) } }, async (service) => {
      const finding = aFinding('f_1', { flow: { responder: { address: '10.1.2.3', port: 1 } } });
      const known = aPath('p_1', { responder: { network: '10.1.2.3/32', port: 1 } });
      accept(service.db, aBatch({ findings: [finding], paths: [known] }), Date.now());
      const list = (await (await service.get('/api/v1/findings')).json()) as { items: object[] };
      expect(list.items[0]).toMatchObject({ flow: { responder: { name: 'db-primary' } } });
      const one = await (await service.get('/api/v1/paths/p_1')).json();
      expect(one).toMatchObject({ responder: { name: 'db-primary' } });
    }),
  ));

describe('addresses in a sentence', () => {
  const named = (text: string) => withHosts(HOSTS, (path) => namedText(text, namesFrom(path)));

  test.each([
    ['to 192.168.77.1.', 'to 192.168.77.1 (db-primary).'],
    [
      '192.168.77.1:27017, 192.168.77.1',
      '192.168.77.1:27017 (db-primary), 192.168.77.1 (db-primary)',
    ],
    ['192.168.77.10', '192.168.77.10'],
    ['1192.168.77.1', '1192.168.77.1'],
    ['192.168.77.1/32', '192.168.77.1/32'],
    ['[2001:db8::1]:443', '[2001:db8::1]:443 (six)'],
    ['from 2001:db8::1 on', 'from 2001:db8::1 (six) on'],
    ['at 12:30:45', 'at 12:30:45'],
  ])('%s', async (text, expected) => {
    expect(await named(text)).toBe(expected);
  });

  test('networks of several addresses have no name', () =>
    withHosts(HOSTS, (path) => {
      const network = { network: '192.168.77.0/24', port: 1 };
      expect(withNames(network, namesFrom(path))).toEqual(network);
    }));
});
