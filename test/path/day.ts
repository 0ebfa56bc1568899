/**
 * A day of traffic as records: what the tracker would hand over of many connections that speak at every rhythm, through
 * boxes whose timeouts are known, with everything in it that could be mistaken for a timeout.
 */
import { addressBytes } from '../../src/report/address.ts';
import type { SilenceRecord } from '../../src/base/record.ts';
import { ALIVE_STRIP, RESET_SECOND, type SURVIVOR_BIN } from '../../src/base/silence.ts';
import type { Captured } from '../../src/dispatch/merge.ts';
import { binOf } from '../../src/path/bins.ts';
import { lateReset, ns, unanswered } from '../judge/records.ts';
import { packed, survivorRows, type Values } from './packed.ts';
import { randomFrom } from './random.ts';

export interface Service {
  readonly address: string;
  readonly port: number;
  /** Timeouts of the boxes on the way, one behind the other: the smallest binds. */
  readonly boxes: readonly number[];
  readonly answer: 'mid-path' | 'endpoint' | 'nothing';
  readonly connections: number;
  /** Share of silences beyond the timeout that end well all the same. */
  readonly spared?: number;
  /** Connections that speak every so many seconds, to the tenth. */
  readonly cron?: number;
  /** When the server restarts. */
  readonly restartAt?: number;
  /** When its box forgets everything. */
  readonly flushAt?: number;
}

export const DAY_SECONDS = 86_400;
export const SHORTEST_SECONDS = 20;
/** Where the records of test/judge/records.ts begin, in seconds of the capture clock. */
export const DAY_BEGINS = 1_000_000;
const STRAY = 0.01;
const STRIP = 128;

type Cause = 'survived' | 'box' | 'stray' | 'restart' | 'flush';

export interface Day {
  readonly records: readonly SilenceRecord[];
  readonly captured: Captured;
  /** Why each killed silence was killed, by the sequence number of its client. */
  readonly causes: ReadonlyMap<number, Cause>;
}

interface Book {
  readonly records: SilenceRecord[];
  readonly causes: Map<number, Cause>;
  readonly bins: Map<string, Values<typeof SURVIVOR_BIN> & { count: number; longestNs: bigint }>;
  readonly alive: Map<string, number[]>;
  readonly resets: Map<number, { service: Service; second: number; count: number }>;
}

interface Silence {
  readonly from: number;
  readonly seconds: number;
  readonly bornAt: number;
  readonly service: Service;
}

function causeOf({ from, seconds, service }: Silence, random: () => number): Cause {
  const { boxes, restartAt = -1, flushAt = -1, spared = 0 } = service;
  const spans = (at: number): boolean => from < at && at <= from + seconds;
  const expired = seconds > Math.min(...boxes) && random() >= spared;
  const stray = random() < STRAY;
  if (spans(restartAt)) return 'restart';
  if (expired) return 'box';
  if (spans(flushAt)) return 'flush';
  return stray && seconds >= SHORTEST_SECONDS ? 'stray' : 'survived';
}

const place = ({ address, port }: Service) => ({
  responderAddress: [...addressBytes(address)],
  responderPort: port,
  ipVersion: 4,
});

function survived(book: Book, { from, seconds, bornAt, service }: Silence): void {
  const at = DAY_BEGINS + from + seconds;
  noteAlive(book, service, at, at - (DAY_BEGINS + bornAt));
  if (seconds < SHORTEST_SECONDS) return;
  const lengthNs = ns(seconds);
  const key = `${service.address} ${service.port} ${binOf(lengthNs)}`;
  const bin = book.bins.get(key);
  if (bin === undefined) {
    const fresh = { ...place(service), bin: binOf(lengthNs), count: 1, longestNs: lengthNs };
    book.bins.set(key, fresh);
    return;
  }
  bin.count += 1;
  if (lengthNs > bin.longestNs) bin.longestNs = lengthNs;
}

function noteAlive(book: Book, { address, port }: Service, at: number, age: number): void {
  const second = Math.floor(at);
  const key = `${address} ${port} ${Math.floor(second / STRIP)}`;
  const strip = book.alive.get(key) ?? new Array<number>(STRIP).fill(0);
  const nibble = Math.min(15, 1 + Math.floor(Math.log2(1 + age)));
  strip[second % STRIP] = Math.max(strip[second % STRIP] ?? 0, nibble);
  book.alive.set(key, strip);
}

function killed(book: Book, silence: Silence, cause: Cause): void {
  const { from, seconds, bornAt, service } = silence;
  if (seconds < SHORTEST_SECONDS) {
    const second = Math.floor(DAY_BEGINS + from + seconds);
    const key = second * 2 ** 16 + service.port;
    const known = book.resets.get(key) ?? { service, second, count: 0 };
    known.count += 1;
    book.resets.set(key, known);
    return;
  }
  const number = book.causes.size + 1;
  book.causes.set(number, cause);
  const byBox = cause === 'box' || cause === 'flush';
  const story = {
    silent: seconds,
    from,
    port: 1024 + (number % 60_000),
    client: { nxt: number },
    record: {
      responderAddress: service.address,
      responderPort: service.port,
      flowStartedAtNs: ns(DAY_BEGINS + bornAt),
      frameLastBefore: number * 10,
    },
  };
  if (byBox && service.answer === 'nothing') book.records.push(unanswered(story));
  else {
    const endingTtl = byBox && service.answer === 'mid-path' ? 64 : 62;
    book.records.push(lateReset({ ...story, record: { ...story.record, endingTtl } }));
  }
}

/** Without a box, connections pause for up to two hours. */
const UNBOXED = 1800;

/** From a second to four times the timeout, every order of magnitude alike. */
function pause({ boxes, cron }: Service, isCron: boolean, random: () => number): number {
  if (isCron) return (cron ?? 0) + random() * 0.1;
  const limit = boxes.length === 0 ? UNBOXED : Math.min(...boxes);
  return Math.exp(random() * Math.log(4 * limit));
}

function live(book: Book, service: Service, isCron: boolean, random: () => number): void {
  let [at, bornAt] = [random() * 60, 0];
  bornAt = at;
  for (;;) {
    const seconds = pause(service, isCron, random);
    if (at + seconds > DAY_SECONDS) return;
    const silence = { from: at, seconds, bornAt, service };
    const cause = causeOf(silence, random);
    if (cause === 'survived') survived(book, silence);
    else killed(book, silence, cause);
    at += seconds + 0.05;
    if (cause !== 'survived') bornAt = at;
  }
}

function stripRow(key: string, ages: readonly number[]): Values<typeof ALIVE_STRIP> {
  const [address = '', port = '0', index = '0'] = key.split(' ');
  const bytes = Array.from(
    { length: STRIP / 2 },
    (_, i) => (ages[2 * i] ?? 0) | ((ages[2 * i + 1] ?? 0) << 4),
  );
  const quarter = (n: number) => bytes.slice(n * 16, n * 16 + 16);
  return {
    ...place({ address, port: Number(port) } as Service),
    firstSecond: Number(index) * STRIP,
    secondsPerNibble: 1,
    ages0: quarter(0),
    ages1: quarter(1),
    ages2: quarter(2),
    ages3: quarter(3),
  };
}

const NOTHING = new Uint8Array(0);

function capturedOf(book: Book): Captured {
  const resets = [...book.resets.values()].map(({ service, second, count }) => ({
    ...place(service),
    second,
    count,
  }));
  const strips = [...book.alive].map(([key, ages]) => stripRow(key, ages));
  const point = { source: 0, sources: [0], name: 'in0', linkType: 1, snaplen: 0, packets: 0 };
  const times = { firstAtNs: ns(DAY_BEGINS), lastAtNs: ns(DAY_BEGINS + DAY_SECONDS) };
  return {
    sources: [],
    capturePoints: [{ ...point, ...times }],
    counters: {} as Captured['counters'],
    silences: NOTHING,
    births: NOTHING,
    survivors: survivorRows([...book.bins.values()]),
    alive: packed(ALIVE_STRIP, strips),
    thinned: {} as Captured['thinned'],
    resetSeconds: packed(RESET_SECOND, resets),
    undecided: NOTHING,
    greetings: NOTHING,
    blindSpots: NOTHING,
  };
}

export function dayOf(services: readonly Service[], seed: number): Day {
  const random = randomFrom(seed);
  const book: Book = {
    records: [],
    causes: new Map(),
    bins: new Map(),
    alive: new Map(),
    resets: new Map(),
  };
  for (const service of services) {
    for (let i = 0; i < service.connections; i++) live(book, service, false, random);
    if (service.cron !== undefined) {
      for (let i = 0; i < service.connections / 4; i++) live(book, service, true, random);
    }
  }
  return { records: book.records, captured: capturedOf(book), causes: book.causes };
}
