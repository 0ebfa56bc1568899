/** The software of a server by what its connections say first: greetings of real protocols, and what is not one. */
import { describe, expect, test } from 'vitest';
import type { FirstBytes } from '../../src/path/first-bytes.ts';
import { spokenIn } from '../../src/prescribe/stack/first-bytes.ts';
import { guessStack } from '../../src/prescribe/stacks.ts';

type Bytes = string | readonly number[];

const said = (bytes: Bytes, more: Partial<FirstBytes> = {}): FirstBytes => {
  const all = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : Buffer.from(bytes);
  return {
    by: 'originator',
    fromStart: true,
    payload: all.length,
    bytes: new Uint8Array(all.subarray(0, 32)),
    ...more,
  };
};
const answered = (bytes: Bytes, more: Partial<FirstBytes> = {}): FirstBytes =>
  said(bytes, { by: 'responder', ...more });

const le = (...numbers: readonly number[]): number[] =>
  numbers.flatMap((n) => [n & 255, (n >> 8) & 255, (n >> 16) & 255, (n >>> 24) & 255]);
const be = (...numbers: readonly number[]): number[] => numbers.flatMap((n) => le(n).toReversed());
const zeros = (count: number): number[] => new Array<number>(count).fill(0);

const MONGODB = [...le(64, 1, 0, 2013), ...zeros(48)];
const STARTUP = [...be(196_608), ...Buffer.from('user\0joe\0database\0shop\0\0')];
const POSTGRESQL = [...be(STARTUP.length + 4), ...STARTUP];
const MYSQL = [75, 0, 0, 0, 10, ...Buffer.from('8.0.36\0'), ...zeros(67)];
const KAFKA = [...be(30), 0, 18, 0, 3, ...be(1), 0, 8, ...Buffer.from('consumer'), ...zeros(12)];
const BIND = [0x30, 12, 2, 1, 1, 0x60, 7, 2, 1, 3, 4, 0, 0x80, 0];

describe('by the first bytes', () => {
  test.each([
    ['MongoDB', said(MONGODB)],
    ['MongoDB', answered(MONGODB, { fromStart: false })],
    ['PostgreSQL', said(POSTGRESQL)],
    ['PostgreSQL', said(be(8, 80_877_103))],
    ['MySQL', answered(MYSQL)],
    ['Redis', said('*1\r\n$4\r\nPING\r\n')],
    ['AMQP', said('AMQP\0\0\x09\x01')],
    ['Kafka', said(KAFKA)],
    ['IMAP', answered('* OK [CAPABILITY IMAP4rev1] ready')],
    ['LDAP', said(BIND)],
    ['LDAP', said([0x30, 0x84, 0, 0, 0, 12, 2, 1, 1, 0x60, 7, 2, 1, 3, 4, 0, 0x80, 0])],
    ['SSH', answered('SSH-2.0-OpenSSH_9.6\r\n')],
    ['gRPC', said('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')],
    ['HTTP', said('GET /health HTTP/1.1\r\nHost: a\r\n')],
    ['HTTP', answered('HTTP/1.1 200 OK\r\n', { fromStart: false })],
  ])('%s', (protocol, sample) => expect(spokenIn([sample])).toBe(protocol));

  test.each([
    ['nothing', []],
    ['TLS', [said([22, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3, ...zeros(40)])]],
    ['a greeting in the midst of a connection', [answered(MYSQL, { fromStart: false })]],
    ['a greeting from the wrong end', [said('* OK ready')]],
    ['a length that is not that of the segment', [said([...be(41, 196_608), ...zeros(32)])]],
    ['two bytes', [said([0x30, 0])]],
    ['two protocols as often', [said(MONGODB), said('GET / HTTP/1.1\r\n')]],
  ])('%s says nothing', (_, samples) => expect(spokenIn(samples)).toBeNull());

  test('what most connections speak counts', () => {
    expect(spokenIn([said(MONGODB), said('GET / HTTP/1.1\r\n'), answered(MONGODB)])).toBe(
      'MongoDB',
    );
  });
});

describe('the guess', () => {
  test('goes by the first bytes where they tell, whatever the port', () => {
    const guess = guessStack({ responderPort: 5432, firstBytes: [said(MONGODB)] });
    expect([guess?.stack.name, guess?.from]).toEqual(['MongoDB', 'first-bytes']);
  });

  test('goes by the port where they do not', () => {
    const guess = guessStack({ responderPort: 5432, firstBytes: [said('?')] });
    expect([guess?.stack.name, guess?.from]).toEqual(['PostgreSQL', 'port']);
    expect(guessStack({ responderPort: 4711, firstBytes: [] })).toBeNull();
  });
});
