/**
 * Which protocol a connection speaks, by the first bytes of either side: a guess far better than one by the port, and
 * still a guess. What is encrypted from its first byte (TLS) says nothing here, and the port has to do.
 *
 * Only a side's very first payload is looked at where a signature is short enough to occur by accident further on.
 */
import type { FirstBytes } from '../../path/first-bytes.ts';

type Protocol =
  | 'AMQP'
  | 'gRPC'
  | 'HTTP'
  | 'IMAP'
  | 'Kafka'
  | 'LDAP'
  | 'MongoDB'
  | 'MySQL'
  | 'PostgreSQL'
  | 'Redis'
  | 'SSH';

interface Sample {
  readonly text: string;
  readonly view: DataView;
  readonly payload: number;
}

interface Signature {
  readonly protocol: Protocol;
  readonly by: FirstBytes['by'] | 'either';
  /** True of messages anywhere in a connection, not only of the first. */
  readonly anywhere?: true;
  readonly fits: (sample: Sample) => boolean;
}

const begins =
  (pattern: RegExp) =>
  ({ text }: Sample): boolean =>
    pattern.test(text);

/** MongoDB wire protocol, standard message header: length, ids, opcode; OP_REPLY, OP_QUERY, OP_COMPRESSED, OP_MSG. */
const MONGODB_OPCODES: readonly number[] = [1, 2004, 2012, 2013];
const MONGODB_MOST = 48_000_000;

function isMongodb({ view, payload }: Sample): boolean {
  if (view.byteLength < 16) return false;
  const length = view.getInt32(0, true);
  return (
    length >= Math.max(16, payload) &&
    length <= MONGODB_MOST &&
    MONGODB_OPCODES.includes(view.getInt32(12, true))
  );
}

/** PostgreSQL, Frontend/Backend Protocol, message formats: StartupMessage 3.0, and the requests with 1234 as version. */
function isPostgresql({ view, payload }: Sample): boolean {
  if (view.byteLength < 8 || view.getInt32(0) !== payload) return false;
  const [major, minor] = [view.getUint16(4), view.getUint16(6)];
  return major === 3 || (major === 1234 && minor >= 5678 && minor <= 5680);
}

/** MySQL, Protocol::HandshakeV10: a packet of number 0 that begins with 10 and a version. */
function isMysql({ view, payload }: Sample): boolean {
  if (view.byteLength < 6) return false;
  const length = view.getUint16(0, true) + view.getUint8(2) * 0x1_0000;
  const digit = view.getUint8(5);
  return (
    length + 4 === payload &&
    view.getUint8(3) === 0 &&
    view.getUint8(4) === 10 &&
    digit >= 0x30 &&
    digit <= 0x39
  );
}

/** Kafka protocol guide, request header: size, api key, api version, correlation id, length of the client's name. */
function isKafka({ view, payload }: Sample): boolean {
  if (view.byteLength < 14 || view.getInt32(0) + 4 !== payload) return false;
  const [key, version, name] = [view.getInt16(4), view.getInt16(6), view.getInt16(12)];
  return key >= 0 && key < 100 && version >= 0 && version < 20 && name >= -1 && name < 256;
}

/** RFC 4511 §5.1: SEQUENCE { INTEGER messageID, bind, search or extended request }, in BER. */
function isLdap({ view, payload }: Sample): boolean {
  if (view.byteLength < 7 || view.getUint8(0) !== 0x30) return false;
  const short = view.getUint8(1) < 0x80 ? view.getUint8(1) + 2 : null;
  const long = view.getUint8(1) === 0x84 && view.byteLength >= 11 ? view.getUint32(2) + 6 : null;
  const at = short === null ? 6 : 2;
  if ((short ?? long) !== payload || view.getUint8(at) !== 2) return false;
  const operation = at + 2 + view.getUint8(at + 1);
  return operation < view.byteLength && [0x60, 0x63, 0x77].includes(view.getUint8(operation));
}

const SIGNATURES: readonly Signature[] = [
  // RFC 4253 §4.2
  { protocol: 'SSH', by: 'either', fits: begins(/^SSH-[12]\./) },
  // RFC 9113 §3.4
  { protocol: 'gRPC', by: 'originator', fits: begins(/^PRI \* HTTP\/2\.0\r\n/) },
  // RFC 9112 §3 and §4
  {
    protocol: 'HTTP',
    by: 'originator',
    anywhere: true,
    fits: begins(/^(GET|HEAD|POST|PUT|DELETE|CONNECT|OPTIONS|TRACE|PATCH) \S/),
  },
  { protocol: 'HTTP', by: 'responder', anywhere: true, fits: begins(/^HTTP\/1\.[01] \d{3}/) },
  // AMQP 0-9-1 §4.2.2, AMQP 1.0 §2.2
  { protocol: 'AMQP', by: 'originator', fits: begins(/^AMQP[\0-\x03]/) },
  // RFC 9051 §7.1
  { protocol: 'IMAP', by: 'responder', fits: begins(/^\* (OK|PREAUTH) ?/) },
  { protocol: 'MongoDB', by: 'either', anywhere: true, fits: isMongodb },
  { protocol: 'PostgreSQL', by: 'originator', fits: isPostgresql },
  { protocol: 'MySQL', by: 'responder', fits: isMysql },
  // Redis serialization protocol: an array of bulk strings
  { protocol: 'Redis', by: 'originator', anywhere: true, fits: begins(/^\*\d{1,5}\r\n\$\d/) },
  { protocol: 'LDAP', by: 'originator', fits: isLdap },
  { protocol: 'Kafka', by: 'originator', fits: isKafka },
];

function protocolOf({ by, fromStart, payload, bytes }: FirstBytes): Protocol | null {
  const { buffer, byteOffset, byteLength } = bytes;
  const sample: Sample = {
    // Every byte is the character of its number: patterns are ASCII.
    text: String.fromCharCode(...bytes),
    view: new DataView(buffer, byteOffset, byteLength),
    payload,
  };
  const found = SIGNATURES.find(
    (one) =>
      (one.by === 'either' || one.by === by) &&
      (fromStart || one.anywhere === true) &&
      one.fits(sample),
  );
  return found?.protocol ?? null;
}

/** What most samples speak that speak anything known; null where none does, or two do equally often. */
export function spokenIn(samples: readonly FirstBytes[]): Protocol | null {
  const votes = new Map<Protocol, number>();
  for (const sample of samples) {
    const protocol = protocolOf(sample);
    if (protocol !== null) votes.set(protocol, (votes.get(protocol) ?? 0) + 1);
  }
  const [first, second] = [...votes].sort(([, a], [, b]) => b - a);
  return first === undefined || first[1] === second?.[1] ? null : first[0];
}
