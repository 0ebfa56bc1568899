/**
 * A picture of traffic becomes frames: the lines of line.ts played by the sides of conversation.ts.
 *
 * Names are hosts: client, client2 … (one address, ports 40001, 40002 …), server, server2 … (an address each, port
 * 27017), gateway; `client:50000` picks a port. `clock +3600` on a line of its own sets the capturing machine's
 * clock forward (or back) from there on; the hosts do not notice.
 */
import { type Settings, type Side, speak } from './conversation.ts';
import { type Frame, frameOf } from './frame.ts';
import { type Line, nanoseconds, parseLine } from './line.ts';
import { type Endpoint, icmpError, TCP_FLAG } from './wire.ts';

export interface PictureOptions {
  readonly ip?: 4 | 6;
  readonly timestamps?: boolean;
  /** First sequence number by host name. */
  readonly isn?: Readonly<Record<string, number>>;
  /** Usual TTL by host name without its number: client 64, server 54, gateway 64. */
  readonly ttl?: Readonly<Record<string, number>>;
  /** Seconds since 1970 of the picture's zero. */
  readonly startAt?: number;
  readonly vlan?: number;
}

const PORTS: Readonly<Record<string, number>> = { client: 40000, server: 27017, gateway: 0 };
const TTLS: Readonly<Record<string, number>> = { client: 64, server: 54, gateway: 64 };
const NETWORKS: Readonly<Record<string, readonly [string, string]>> = {
  client: ['10.0.0.', '2001:db8:1::'],
  server: ['198.51.100.', '2001:db8:3::'],
  gateway: ['10.0.0.', '2001:db8:1::'],
};
const FIRST_HOST: Readonly<Record<string, number>> = { client: 2, server: 9, gateway: 254 };

interface Host {
  readonly kind: string;
  readonly endpoint: Endpoint;
}

export function host(name: string, version: 4 | 6 = 4): Host {
  const match = /^([a-z]+)(\d*)(?::(\d+))?$/.exec(name);
  const kind = match?.[1] ?? '';
  const network = NETWORKS[kind];
  if (match === null || network === undefined) throw new Error(`a picture has no host "${name}"`);
  const number = match[2] === '' ? 1 : Number(match[2]);
  const hostNumber = (FIRST_HOST[kind] ?? 1) + (kind === 'server' ? number - 1 : 0);
  const port = match[3] ? Number(match[3]) : (PORTS[kind] ?? 0) + (kind === 'client' ? number : 0);
  const suffix = version === 6 ? hostNumber.toString(16) : String(hostNumber);
  return { kind, endpoint: { address: `${network[version === 6 ? 1 : 0]}${suffix}`, port } };
}

class Player {
  readonly #options: PictureOptions;
  readonly #settings: Settings;
  readonly #sides = new Map<string, Side>();
  readonly #frames: Frame[] = [];
  #clock = 0n;
  #generation = 0;

  constructor(options: PictureOptions) {
    this.#options = options;
    this.#settings = { timestamps: options.timestamps ?? true };
    this.#clock = BigInt(options.startAt ?? 1_700_000_000) * 1_000_000_000n;
  }

  get frames(): readonly Frame[] {
    return this.#frames;
  }

  play(text: string): void {
    const step = /^clock\s+([+-]\S+)$/.exec(text.trim());
    if (step !== null) {
      this.#clock += nanoseconds(step[1] ?? '0');
      return;
    }
    const line = parseLine(text);
    const packet = line.icmp === undefined ? this.#tcp(line) : this.#icmp(line);
    if (!line.words.has('lost')) this.#record(line, packet);
  }

  #tcp(line: Line): Buffer {
    const opens = (line.flags & (TCP_FLAG.SYN | TCP_FLAG.ACK)) === TCP_FLAG.SYN;
    const key = (a: string, b: string) => `${a}>${b}`;
    if ((opens && !line.words.has('RETRANSMIT')) || !this.#sides.has(key(line.from, line.to))) {
      this.#sides.set(key(line.from, line.to), this.#side(line.from, line.to, opens ? 0 : 1));
      this.#sides.set(key(line.to, line.from), this.#side(line.to, line.from, opens ? 0 : 1));
      this.#generation++;
    }
    const from = this.#sides.get(key(line.from, line.to));
    const to = this.#sides.get(key(line.to, line.from));
    if (from === undefined || to === undefined) throw new Error('unreachable');
    return speak(line, from, to, this.#settings);
  }

  #side(name: string, peer: string, synTaken: 0 | 1): Side {
    const { kind, endpoint } = host(name, this.#options.ip);
    const mixed = this.#generation * 1_000_003;
    const isn = (who: string): number =>
      ((this.#options.isn?.[who] ?? 1_000_000 + host(who).endpoint.port * 1000) + mixed) >>> 0;
    return {
      endpoint,
      ttl: this.#options.ttl?.[kind] ?? TTLS[kind] ?? 64,
      nxt: (isn(name) + synTaken) >>> 0,
      received: (isn(peer) + synTaken) >>> 0,
      ipId: (endpoint.port * 7 + mixed) & 0x7fff,
      tsRecent: 0,
      tsBase: (endpoint.port * 31_337) >>> 0,
      window: 502,
      last: null,
      sent: null,
      packet: null,
    };
  }

  #icmp(line: Line): Buffer {
    const { from, to } = line;
    const icmp = line.icmp;
    if (icmp === undefined) throw new Error('unreachable');
    const about = this.#sides.get(`${icmp.from}>${icmp.to}`)?.packet;
    if (!about) throw new Error(`nothing to quote: ${line.text}`);
    const ip = {
      source: host(from, this.#options.ip).endpoint.address,
      destination: host(to, this.#options.ip).endpoint.address,
      ttl: line.ttl ?? 64,
      id: 4711,
      dontFragment: false,
    };
    return icmpError(ip, icmp.type, icmp.code, about);
  }

  #record(line: Line, packet: Buffer): void {
    const vlan = line.vlan ?? this.#options.vlan;
    const vlans = vlan === undefined ? [] : [vlan];
    const add = (point: string, hops: number, later: bigint) =>
      this.#frames.push(frameOf(this.#clock + line.at + later, point, aged(packet, hops), vlans));
    line.points.forEach((point, i) => add(point, i, BigInt(i) * 20_000n));
    const first = line.points[0] ?? '';
    if (line.words.has('dup')) add(first, 1, 5_000n);
    if (line.words.has('dup-same')) add(first, 0, 5_000n);
  }
}

/** The same IP packet `hops` routers further: TTL lower, checksum mended (RFC 1141). */
function aged(packet: Buffer, hops: number): Buffer {
  if (hops === 0) return packet;
  const copy = Buffer.from(packet);
  const six = (copy[0] ?? 0) >> 4 === 6;
  const at = six ? 7 : 8;
  copy[at] = (copy[at] ?? 0) - hops;
  if (!six) {
    const sum = copy.readUInt16BE(10) + (hops << 8);
    copy.writeUInt16BE((sum & 0xffff) + (sum >>> 16), 10);
  }
  return copy;
}

/** Lines beginning with # and empty ones say nothing. */
export function framesOf(picture: string, options: PictureOptions = {}): readonly Frame[] {
  const player = new Player(options);
  const lines = picture.split('\n').filter((text) => !/^\s*(#|$)/.test(text));
  for (const line of lines) player.play(line);
  return player.frames;
}
