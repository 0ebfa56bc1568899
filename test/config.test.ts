/** A config file: the flags of the command line, behind the flags and the environment. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Compile } from 'typebox/compile';
import type { Report } from '../src/report/schema.ts';
import { said } from './kit/command.ts';
import { withFolder } from './kit/temporary.ts';

const CAPTURE = new URL('captures/lab/dnat-90/inside.pcap', import.meta.url).pathname;

/** `read --json` with this file. */
const reading = (
  content: unknown,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
) =>
  withFolder(async (folder) => {
    const path = join(folder, 'deadair.json');
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return said(['read', '--json', '--config', path, ...args, CAPTURE], { env });
  });

const shortest = (out: string): number =>
  (JSON.parse(out) as { shortestSeconds: number }).shortestSeconds;

describe('flag > environment > file > default', () => {
  test('the file says what nobody else says', async () => {
    expect(shortest((await reading({ shortest: '31s' })).out)).toBe(31);
    expect(shortest((await reading({ shortest: 32 })).out)).toBe(32);
    expect(shortest((await reading({})).out)).toBe(20);
  });

  test('the environment has precedence over it, and a flag over both', async () => {
    const env = { DEADAIR_SHORTEST: '33s' };
    expect(shortest((await reading({ shortest: '31s' }, [], env)).out)).toBe(33);
    expect(shortest((await reading({ shortest: '31s' }, ['--shortest', '34s'], env)).out)).toBe(34);
  });

  test('a section is for its command alone, and has the last word there', async () => {
    expect(shortest((await reading({ shortest: '31s', read: { shortest: '35s' } })).out)).toBe(35);
    expect(shortest((await reading({ shortest: '31s', compare: { shortest: '35s' } })).out)).toBe(
      31,
    );
  });

  test('switches and lists', async () => {
    const failing = await reading({ 'fail-on-findings': true, 'what-if': ['60s', '200s'] });
    expect(failing.status).toBe(1);
    const { paths } = JSON.parse(failing.out) as Report;
    expect(paths[0]?.whatIf.map(({ keepaliveSeconds }) => keepaliveSeconds)).toEqual([60, 200]);
    expect((await reading({ 'fail-on-findings': false })).status).toBe(0);
  });

  test('DEADAIR_CONFIG names the file as well', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'c.json');
      writeFileSync(path, '{"shortest":"36s"}');
      const { out } = await said(['read', '--json', CAPTURE], { env: { DEADAIR_CONFIG: path } });
      expect(shortest(out)).toBe(36);
    }));
});

describe('a file that makes no sense is refused with its reason', () => {
  test.each<[string, unknown, RegExp]>([
    ['a misspelt setting', { shortset: '5s' }, /no setting "shortset"/],
    ['a misspelt setting of a command', { read: { shortset: '5s' } }, /no setting "shortset"/],
    [
      'a setting of another command in a section',
      { compare: { carve: 'x' } },
      /no setting "carve"/,
    ],
    ['a switch that is no boolean', { quiet: 'yes' }, /"quiet" wants true or false/],
    ['a list where one text belongs', { shortest: ['5s'] }, /"shortest" wants a text or a number/],
    ['a command that is no object', { read: true }, /"read" is a command/],
    ['a list', [], /no JSON object/],
    ['no JSON', '{', /E_CONFIG/],
    ['a value that the flag would refuse', { shortest: 'soon' }, /E_DURATION/],
  ])('%s', async (_, content, why) => {
    const { status, err } = await reading(content);
    expect(status).toBe(2);
    expect(err).toMatch(why);
  });

  test('no such file', async () => {
    const { status, err } = await said(['read', '--config', '/nonexistent', CAPTURE]);
    expect([status, err]).toEqual([2, expect.stringContaining('E_CONFIG')]);
  });
});

describe('deadair schema config', () => {
  test('takes what the command line takes, and refuses what it refuses', async () => {
    const { out } = await said(['schema', 'config']);
    const schema = Compile(JSON.parse(out) as object);
    const good = { shortest: '5s', quiet: true, 'what-if': ['5s'], read: { workers: 2 } };
    expect(schema.Check(good)).toBe(true);
    for (const bad of [{ shortset: '5s' }, { quiet: 'yes' }, { read: { 'max-age': '1h' } }]) {
      expect(schema.Check(bad)).toBe(false);
    }
  });
});
