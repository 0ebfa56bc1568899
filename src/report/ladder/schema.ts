/** The decoded packets of a finding, as a ladder draws them. Only the API loads the schema; others take the types. */
import Type from 'typebox';
import { count, side, time } from '../schema-words.ts';

export const LADDER_ROLES = [
  'handshake',
  'before',
  'trigger',
  'retransmission',
  'ending',
  'after',
  'reconnect',
  'icmp',
] as const;

const maybe = (description: string) =>
  Type.Union([count(description), Type.Null()], { description });

export const LadderRowSchema = Type.Object({
  at: time('on the clock of the first source'),
  source: count('index into sources'),
  number: count('frame as Wireshark counts them in that source'),
  side: Type.Enum(['near', 'far'], {
    description: 'near: the capture point of the finding; far: the other side of the box',
  }),
  from: Type.Union([side, Type.Null()], { description: 'null for an ICMP error' }),
  flags: Type.String({ description: 'as words: "SYN ACK"; of an ICMP error its type and code' }),
  seq: maybe("relative to that sender's first; null for ICMP"),
  ack: maybe("relative to the other end's first; null without the ACK flag"),
  payloadBytes: count('TCP payload by the IP length'),
  ttl: count('TTL or hop limit'),
  window: maybe('as in the header, not scaled'),
  role: Type.Enum([...LADDER_ROLES]),
});

export const LadderSchema = Type.Object({
  rows: Type.Array(LadderRowSchema, { description: 'at most 64, in the order of time' }),
  omittedBefore: count('packets between the handshake and the last ones before the silence'),
  omittedAfter: count('packets after the silence that are not shown'),
  pcap: Type.Optional(
    Type.String({ description: 'headers of these packets as a capture file, base64; where asked' }),
  ),
  nearSide: Type.Union([side, Type.Null()], {
    description: 'whose side of the box the near capture point is on; null where one side was seen',
  }),
});

export type LadderRow = Type.Static<typeof LadderRowSchema>;
export type Ladder = Type.Static<typeof LadderSchema>;
