/** Which Redis a URL means, and that its password is never said. */
import { describe, expect, test } from 'vitest';
import { givenRedis, parseRedisUrl } from '../../src/queue/redis-url.ts';

describe('which Redis', () => {
  test('the flag comes before DEADAIR_REDIS, that before REDIS_URL, and none means a private one', () => {
    const env = { DEADAIR_REDIS: 'redis://b', REDIS_URL: 'redis://c' };
    expect(givenRedis('redis://a', env)).toBe('redis://a');
    expect(givenRedis(null, env)).toBe('redis://b');
    expect(givenRedis(null, { REDIS_URL: 'redis://c' })).toBe('redis://c');
    expect(givenRedis(null, {})).toBeNull();
  });

  test.each([
    ['redis://h', { nodes: [{ host: 'h', port: 6379 }], db: 0, tls: null, password: null }],
    ['redis://u:p%40@h:7000/3', { username: 'u', password: 'p@', db: 3 }],
    ['redis://:secret@h', { username: null, password: 'secret' }],
    ['rediss://h:6380', { tls: { ca: '' } }],
    ['redis://[::1]:7000', { nodes: [{ host: '::1', port: 7000 }] }],
    ['unix:/run/r.sock', { socket: '/run/r.sock', nodes: [] }],
    ['redis+unix:///run/a%20b.sock?db=2', { socket: '/run/a b.sock', db: 2 }],
    [
      'redis+cluster://a:1,b:2',
      {
        cluster: true,
        nodes: [
          { host: 'a', port: 1 },
          { host: 'b', port: 2 },
        ],
      },
    ],
    ['rediss+cluster://a:1', { cluster: true, tls: { ca: '' } }],
  ])('%s', (url, expected) => {
    expect(parseRedisUrl(url)).toMatchObject(expected);
  });

  test.each([
    'http://h',
    'redis://',
    'redis://h:0',
    'redis://h:99999',
    'redis://a,b',
    'redis://h/x',
    'unix:relative.sock',
    'rediss://h?ca=/nowhere/ca.pem',
    'redis://u:%zz@h',
  ])('%s is refused with a code', (url) => {
    expect(() => parseRedisUrl(url)).toThrow(expect.objectContaining({ code: 'E_REDIS_URL' }));
  });

  test('a password stands neither in what is shown nor in a complaint', () => {
    const urls = [
      'redis://u:hunter2@h:6379',
      'unix:/r.sock?password=hunter2',
      'redis://:hunter2@h',
    ];
    for (const url of urls) expect(parseRedisUrl(url).shown).not.toContain('hunter2');
    for (const url of ['redis://u:hunter2@h:0', 'http://u:hunter2@h', 'redis://:hunter2@']) {
      let said = '';
      try {
        parseRedisUrl(url);
      } catch (thrown) {
        said = (thrown as Error).message;
      }
      expect(said).not.toBe('');
      expect(said).not.toContain('hunter2');
    }
  });
});
