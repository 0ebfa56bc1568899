/** The server speaks first, and its client is not there any more: nobody's timeout, however clean the threshold looks. */
import { expect, test } from 'vitest';
import { analysisOf } from '../kit/analyse.ts';
import { exchange, opened, together } from '../kit/scenes.ts';

const PHONES = 8;

/** Addresses of their own, which a picture gives to servers alone. */
const phone = (i: number, port = 40001): string => `server${i + 2}:${port + i}`;
const SERVICE = 'client:5222';

/** A heartbeat every minute and pushes of the server that are answered, until the client is gone. */
function alive(client: string, from: number, until: number): string {
  const parts = [opened(from, client, SERVICE)];
  for (let at = from + 60; at < until; at += 60) {
    parts.push(exchange(at, client, SERVICE));
    parts.push(`${at + 30}  ${SERVICE} > ${client}  PSH ACK  50 bytes`);
    parts.push(`${(at + 30.05).toFixed(3)}  ${client} > ${SERVICE}  ACK`);
  }
  return parts.join('\n');
}

/** tcp_keepalive_time 600, nine probes 75 s apart, and the server's own goodbye. */
const exhausted = (client: string, from: number): string =>
  [
    ...Array.from(
      { length: 9 },
      (_, k) => `${from + 600 + k * 75}  ${SERVICE} > ${client}  KEEPALIVE`,
    ),
    `${from + 600 + 9 * 75}  ${SERVICE} > ${client}  socket`,
  ].join('\n');

/** Its kernel does not know the connection any more. */
const rebooted = (client: string, from: number): string => `
    ${from + 600}  ${SERVICE} > ${client}  KEEPALIVE
    ${(from + 600.05).toFixed(3)}  ${client} > ${SERVICE}  stateless`;

/** Each at a moment of its own, half a minute after its last heartbeat. */
const lost = (how: typeof rebooted): readonly string[] =>
  Array.from({ length: PHONES }, (_, i) => {
    const [client, from] = [phone(i), i * 7];
    const heartbeats = 10 + 12 * i;
    const last = from + 60 * heartbeats + 30;
    return together(alive(client, from, last), how(client, last));
  });

const CAPTURE_GOES_ON = alive('server20:40001', 3, 9200);

async function ofServerFirst(...pictures: readonly string[]) {
  const { findings, paths } = await analysisOf(together(...pictures, CAPTURE_GOES_ON));
  const path = paths.find(
    ({ firstSpeaker, responderPort }) => firstSpeaker === 'responder' && responderPort === 5222,
  );
  return { told: findings.map(({ signature, verdict }) => `${signature} ${verdict}`), path };
}

const each = (told: string): readonly string[] => Array.from({ length: PHONES }, () => told);

test.each([
  ['lost their power: the keepalive of the server runs out', 'blackhole', exhausted],
  ['rebooted: their own kernels answer the probe', 'keepalive-reset', rebooted],
])('eight clients that %s are possible, and there is no T', async (_, signature, how) => {
  const { told, path } = await ofServerFirst(...lost(how));
  expect(told).toEqual(each(`${signature} possible-box-timeout`));
  expect(path).toMatchObject({ killed: PHONES, significant: false });
  expect(path?.timeout).toMatchObject({ estimateSeconds: null, highSeconds: null });
});

/** Another connection of each, from the beginning to the end. */
const SPOKEN_ELSEWHERE = Array.from({ length: PHONES }, (_, i) =>
  together(
    opened(1, phone(i, 50001), 'client:5333'),
    exchange(9100, phone(i, 50001), 'client:5333'),
  ),
);

test.each([
  ['dropped', 'blackhole', exhausted],
  ['forgot', 'keepalive-reset', rebooted],
])(
  'control: the same clients speak on connections as old: a box %s what was silent',
  async (_, signature, how) => {
    const { told, path } = await ofServerFirst(...lost(how), ...SPOKEN_ELSEWHERE);
    expect(path?.significant).toBe(true);
    expect(told).toEqual(each(`${signature} box-timeout`));
  },
);

test('control: a reset made mid-path needs nobody to vouch for the client', async () => {
  const { told } = await ofServerFirst(
    ...lost((client, from) => rebooted(client, from).replace('stateless', 'stateless  ttl 63')),
  );
  expect(told).toEqual(each('keepalive-reset box-timeout'));
});
