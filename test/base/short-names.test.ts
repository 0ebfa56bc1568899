import { expect, test } from 'vitest';
import { shortNames } from '../../src/base/short-names.ts';

test.each([
  ['one file', ['/var/a/trace.pcap'], ['trace.pcap']],
  ['other names', ['/a/in.pcap', '/b/out.pcap'], ['in.pcap', 'out.pcap']],
  ['one name', ['/x/a/t', '/x/b/t', '/x/b/u'], ['a/t', 'b/t', 'u']],
  ['one name two folders up', ['/x/a/t', '/y/a/t', '/y/b/t'], ['x/a/t', 'y/a/t', 'b/t']],
  ['a path that ends another', ['t', 'a/t', '/a/t'], ['t', 'a/t', '/a/t']],
  ['the same path twice', ['/a/t', '/a/t'], ['t', 't']],
  ['the same path twice, and another', ['/a/t', '/a/t', '/b/t'], ['a/t', 'a/t', 'b/t']],
  ['stdin', ['-'], ['-']],
  ['none', [], []],
])('%s', (_, paths, names) => {
  expect(shortNames(paths)).toEqual(names);
});
