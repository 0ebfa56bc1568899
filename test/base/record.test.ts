/** A record read back says what its bytes say: every field of the table, under its own name. */
import { describe, expect, test } from 'vitest';
import { STORAGE_BYTES } from '../../src/base/layout.ts';
import { addressText, readSilences } from '../../src/base/record.ts';
import { SILENCE, SILENCE_BYTES } from '../../src/base/silence.ts';
import { packed, record } from '../path/packed.ts';

const SIDE_FIELD = /^(.*?)([01])$/;
const SIDES: Readonly<Record<string, string>> = { sideFlags: 'flags' };

/** The value under which a field of the table stands in a record. */
function fieldOf(read: ReturnType<typeof record>, name: string): unknown {
  const side = SIDE_FIELD.exec(name);
  if (side === null) return read[name as keyof typeof read];
  const key = SIDES[side[1] ?? ''] ?? side[1] ?? '';
  return read.sides[side[2] === '0' ? 0 : 1][key as 'nxt'];
}

const SIDE_NAMES = ['triggerBy', 'endingBy', 'lastBeforeBy', 'pairBy'];
const numbers = Object.entries(SILENCE).filter(([, [, storage]]) => storage !== 'bytes16');

test.for(numbers.map(([name]) => name))('%s', (name) => {
  const [, storage] = SILENCE[name as keyof typeof SILENCE];
  const bytes = STORAGE_BYTES[storage];
  const value = SIDE_NAMES.includes(name) ? 1n : 2n ** BigInt(Math.min(52, bytes * 8 - 1)) + 1n;
  const read = record({ [name]: value });
  expect(BigInt(fieldOf(read, name) as number | bigint)).toBe(value);
});

describe('addresses', () => {
  test('IPv4 is dotted, IPv6 as RFC 5952 writes it', () => {
    const v6 = [0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2];
    expect(record().responderAddress).toBe('198.51.100.9');
    expect(record({ ipVersion: 6, originatorAddress: v6 }).originatorAddress).toBe('2001:db8:1::2');
    expect(addressText(new Uint8Array(16), 6)).toBe('::');
  });
});

test('records are read one after the other, a torn one at the end is not', () => {
  const two = packed(SILENCE, [{ packets: 1 }, { packets: 2 }]);
  const torn = new Uint8Array([...two, ...two.subarray(0, SILENCE_BYTES - 1)]);
  expect([...readSilences(torn)].map(({ packets }) => packets)).toEqual([1, 2]);
});
