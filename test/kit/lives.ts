/** Any number of connections with any life, as a picture: what the properties are tried on. */
import fc from 'fast-check';
import { exchange, opened, together } from './scenes.ts';

export interface Life {
  /** seconds; microseconds are the finest that every file can hold */
  readonly from: number;
  readonly idles: readonly number[];
  readonly ending: keyof typeof ENDINGS;
}

const at = (seconds: number): string => seconds.toFixed(6);

type Ending = (client: string, from: number) => string;

const trigger: Ending = (client, from) =>
  `${at(from)}  ${client} > server  PSH ACK  20 bytes  undelivered`;

const ENDINGS = {
  'box answers': (client, from) => `${trigger(client, from)}
    ${at(from + 0.001)}  server > ${client}  stateless  ttl 63`,
  'endpoint answers': (client, from) => `${trigger(client, from)}
    ${at(from + 0.02)}  server > ${client}  stateless`,
  'nothing answers': (client, from) =>
    [
      trigger(client, from),
      ...[0.2, 0.6, 1.4, 3, 6.2, 12.6, 25.4].map(
        (after) => `${at(from + after)}  ${client} > server  RETRANSMIT  undelivered`,
      ),
    ].join('\n'),
  'box expires': (client, from) => `
    ${at(from)}  server > ${client}  box  ttl 63
    ${at(from + 0.0002)}  ${client} > server  box  ttl 62`,
  'probe is reset': (client, from) => `${at(from)}  ${client} > server  KEEPALIVE
    ${at(from + 0.001)}  server > ${client}  stateless  ttl 63`,
  'server closes': (client, from) => `${at(from)}  server > ${client}  FIN ACK
    ${at(from + 0.001)}  ${client} > server  FIN ACK
    ${at(from + 0.021)}  server > ${client}  ACK`,
  'socket aborts': (client, from) => `${at(from)}  server > ${client}  socket`,
  'goes on': (client, from) => exchange(from, client),
} as const satisfies Readonly<Record<string, Ending>>;

function lived(life: Life, index: number): string {
  const client = `client${index + 1}`;
  const parts = [opened(life.from, client)];
  let now = life.from + 0.05;
  for (const idle of life.idles.slice(0, -1)) {
    now += idle;
    parts.push(exchange(now, client));
  }
  parts.push(ENDINGS[life.ending](client, now + lastIdle(life)));
  return parts.join('\n');
}

const seconds = (min: number, max: number): fc.Arbitrary<number> =>
  fc.integer({ min: min * 1000, max: max * 1000 }).map((ms) => ms / 1000);

const life: fc.Arbitrary<Life> = fc.record({
  from: seconds(1, 600),
  idles: fc.array(seconds(1, 400), { minLength: 1, maxLength: 4 }),
  ending: fc.constantFrom(...(Object.keys(ENDINGS) as (keyof typeof ENDINGS)[])),
});

/** How long the last pause of a life is: what the ending ends. */
export const lastIdle = (one: Life): number => one.idles.at(-1) ?? 30;

/** A connection older than all, answered every 15 s from first to last: whatever died, nobody restarted. */
const STEADY = [
  opened(0, 'client90'),
  ...Array.from({ length: 160 }, (_, i) => exchange(15 * (i + 1), 'client90')),
].join('\n');

/** Lives and their picture. A connection to another server goes on behind them: little is open at the end. */
export const drawnLives: fc.Arbitrary<{
  readonly lives: readonly Life[];
  readonly picture: string;
}> = fc.array(life, { minLength: 1, maxLength: 12 }).map((lives) => ({
  lives,
  picture: together(STEADY, ...lives.map(lived), opened(4000, 'client', 'server2')),
}));

export const pictures: fc.Arbitrary<string> = drawnLives.map(({ picture }) => picture);
