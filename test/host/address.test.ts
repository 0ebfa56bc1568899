import { expect, test } from 'vitest';
import { addressOf, isLoopback, networkTest } from '../../src/host/address.ts';

test.each([
  ['0100007F', true, '127.0.0.1'],
  ['0200000A', true, '10.0.0.2'],
  ['0A000002', false, '10.0.0.2'],
  ['0000000000000000FFFF00000200000A', true, '10.0.0.2'],
  ['00000000000000000000000001000000', true, '::1'],
  ['B80D0120000000000000000001000000', true, '2001:db8::1'],
  ['B80D0120000000000100000000000000', true, '2001:db8::1:0:0'],
  ['B80D0120010000000000000001000000', true, '2001:db8:0:1::1'],
])('the kernel writes %s (little endian: %s) for %s', (hex, littleEndian, address) => {
  expect(addressOf(hex, littleEndian)).toBe(address);
});

test('a network holds its addresses and no others', () => {
  expect(networkTest('198.51.100.0/24')('198.51.100.77')).toBe(true);
  expect(networkTest('198.51.100.0/24')('198.51.101.77')).toBe(false);
  expect(networkTest('2001:db8::/64')('2001:db8::5')).toBe(true);
  expect(networkTest('2001:db8::/64')('198.51.100.77')).toBe(false);
  expect(networkTest('<script>')('198.51.100.77')).toBe(false);
});

test('only loopback addresses never leave the machine', () => {
  expect(['127.0.0.1', '127.9.9.9', '::1', '10.0.0.1', '2001:db8::1'].filter(isLoopback)).toEqual([
    '127.0.0.1',
    '127.9.9.9',
    '::1',
  ]);
});
