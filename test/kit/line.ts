/**
 * One line of a picture, as words:
 *
 *     time  from > to  FLAGS [N bytes] [words]
 *
 * FLAGS are TCP's, or KEEPALIVE (no bytes, one below the next sequence number), RETRANSMIT (the last data, SYN or
 * FIN of that side again), WINDOW-PROBE (one byte at the next number, not kept), ICMP type/code quotes a > b.
 * Words: `ttl N` · `id N` · `win N` · `seq +N|-N|N` · `ack +N|-N|N` · `tsval N` · `vlan N` · `no-ts`
 * · `stateless` `socket` `box` (the three forms of RST) · `undelivered` (captured, but its receiver never got it)
 * · `lost` (delivered, but not captured) · `dup` (a mirror's second copy, TTL one lower) · `dup-same`
 * · `@in0` or `@in0,out0` (seen there; each later point sees TTL one lower).
 */
import { TCP_FLAG } from './wire.ts';

export interface Shift {
  readonly relative: boolean;
  readonly value: number;
}

export interface Line {
  readonly text: string;
  readonly at: bigint;
  readonly from: string;
  readonly to: string;
  readonly flags: number;
  readonly words: ReadonlySet<string>;
  readonly bytes: number;
  readonly ttl?: number;
  readonly id?: number;
  readonly win?: number;
  readonly tsval?: number;
  readonly vlan?: number;
  readonly seq?: Shift;
  readonly ack?: Shift;
  readonly points: readonly string[];
  /** The first bytes of its payload, in hexadecimal. */
  readonly says?: string;
  readonly icmp?: {
    readonly type: number;
    readonly code: number;
    readonly from: string;
    readonly to: string;
  };
}

const PLAIN = new Set([
  ...['KEEPALIVE', 'RETRANSMIT', 'WINDOW-PROBE', 'no-ts', 'stateless', 'socket', 'box'],
  ...['undelivered', 'lost', 'dup', 'dup-same'],
]);

const NUMBERS = new Set(['ttl', 'id', 'win', 'tsval', 'vlan']);

/** "350.042" → nanoseconds, exactly; "-1" works too. */
export function nanoseconds(text: string): bigint {
  const match = /^([+-]?)(\d+)(?:\.(\d{1,9}))?$/.exec(text);
  if (match === null) throw new Error(`not a time: ${text}`);
  const size = BigInt(match[2] ?? '0') * 1_000_000_000n + BigInt((match[3] ?? '').padEnd(9, '0'));
  return match[1] === '-' ? -size : size;
}

function shift(text: string): Shift {
  const value = Number(text);
  if (!Number.isInteger(value)) throw new Error(`not a sequence number: ${text}`);
  return { relative: /^[+-]/.test(text), value };
}

interface Draft {
  flags: number;
  words: Set<string>;
  bytes: number;
  points: string[];
  numbers: Record<string, number>;
  shifts: Record<string, Shift>;
  says?: string;
  icmp?: NonNullable<Line['icmp']>;
}

function readIcmp(draft: Draft, words: string[]): void {
  const [type = '', code = ''] = (words.shift() ?? '').split('/');
  const [quotes, from, arrow, to] = words.splice(0, 4);
  if (quotes !== 'quotes' || arrow !== '>' || !from || !to)
    throw new Error('ICMP t/c quotes a > b');
  draft.icmp = { type: Number(type), code: Number(code), from, to };
}

/** Takes one word, with its value where it has one. */
function readWord(draft: Draft, words: string[]): void {
  const word = words.shift() ?? '';
  if (word in TCP_FLAG) draft.flags |= TCP_FLAG[word as keyof typeof TCP_FLAG];
  else if (PLAIN.has(word)) draft.words.add(word);
  else if (NUMBERS.has(word)) draft.numbers[word] = Number(words.shift());
  else if (word === 'seq' || word === 'ack') draft.shifts[word] = shift(words.shift() ?? '');
  else if (word.startsWith('@')) draft.points = word.slice(1).split(',');
  else if (word === 'says') draft.says = words.shift() ?? '';
  else if (word === 'ICMP') readIcmp(draft, words);
  else if (/^\d+$/.test(word) && /^bytes?$/.test(words.shift() ?? '')) draft.bytes = Number(word);
  else throw new Error(`a picture has no word "${word}"`);
}

export function parseLine(text: string): Line {
  const words = text.trim().split(/\s+/);
  const [time = '', from = '', arrow, to = ''] = words.splice(0, 4);
  if (arrow !== '>') throw new Error(`not a line of a picture: ${text}`);
  const draft: Draft = {
    flags: 0,
    words: new Set(),
    bytes: 0,
    points: [''],
    numbers: {},
    shifts: {},
  };
  while (words.length > 0) readWord(draft, words);
  const { numbers, shifts, ...rest } = draft;
  return { text, at: nanoseconds(time), from, to, ...rest, ...numbers, ...shifts };
}
