/** The packets of a finding, cut out and decoded by a second reading of its capture. */
import { expect, test } from 'vitest';
import { report } from '../src/report/document.ts';
import { laddersOf } from '../src/report/ladder/ladders.ts';
import type { Ladder } from '../src/report/ladder/schema.ts';
import { analyseFiles, pictureFile } from './kit/analyse.ts';
import { labFile } from './kit/lab.ts';
import { opened, together } from './kit/scenes.ts';
import { withFile } from './kit/temporary.ts';

async function laddersIn(paths: readonly string[], asked = {}): Promise<readonly Ladder[]> {
  const found = report(await analyseFiles(paths, asked), 1000);
  const { signal } = new AbortController();
  const how = { paths, filter: null, together: found.together, signal };
  const ladders = await laddersOf(found.findings, how);
  expect([...ladders.keys()]).toEqual(found.findings.map(({ id }) => id));
  return [...ladders.values()];
}

const ladderOf = (picture: string): Promise<Ladder | undefined> =>
  withFile('picture.cap', pictureFile(picture), async (path) => (await laddersIn([path]))[0]);

const said = ({ rows }: Ladder) => rows.map(({ role, from, flags }) => `${role} ${from} ${flags}`);

test('handshake, the last words, the trigger and the reset, with numbers counted from each side’s first', async () => {
  const ladder = await ladderOf(`
      0.000  client > server  SYN
      0.020  server > client  SYN ACK            ttl 54
      0.021  client > server  ACK
      0.022  client > server  PSH ACK  100 bytes
      0.042  server > client  ACK                ttl 54
    350.042  client > server  PSH ACK   20 bytes
    350.043  server > client  RST                ttl 63  stateless
  `);
  if (ladder === undefined) throw new Error('no ladder');
  expect(said(ladder)).toEqual([
    'handshake originator SYN',
    'handshake responder SYN ACK',
    'handshake originator ACK',
    'before originator PSH ACK',
    'before responder ACK',
    'trigger originator PSH ACK',
    'ending responder RST',
  ]);
  expect(ladder).toMatchObject({ omittedBefore: 0, omittedAfter: 0, nearSide: null });
  expect(ladder.rows[5]).toMatchObject({ number: 6, seq: 101, ack: 1, payloadBytes: 20, ttl: 64 });
  expect(ladder.rows[6]).toMatchObject({ number: 7, seq: 1, ack: null, ttl: 63, window: 0 });
});

test('a long connection costs no more rows: what lies between is counted', async () => {
  const chatter = Array.from(
    { length: 500 },
    (_, i) => `${(1 + i / 100).toFixed(3)}  client > server  PSH ACK  10 bytes`,
  ).join('\n');
  const ladder = await ladderOf(
    together(
      opened(),
      chatter,
      '6.100  server > client  ACK',
      `350.000  client > server  PSH ACK  20 bytes\n350.001  server > client  RST  ttl 63  stateless`,
    ),
  );
  expect(ladder?.rows.length).toBeLessThanOrEqual(32);
  expect(ladder?.omittedBefore).toBeGreaterThan(480);
  expect(ladder?.rows.at(-1)).toMatchObject({ role: 'ending' });
});

test('retransmissions into nothing are told from what else comes after the silence', async () => {
  const ladders = await laddersIn([labFile('mixed-drop', 'inside.pcap')], { shortestSeconds: 1 });
  const blackhole = ladders.find(({ rows }) => rows.some(({ role }) => role === 'retransmission'));
  const after = blackhole?.rows.filter(({ role }) => role === 'retransmission') ?? [];
  expect(after.length).toBeGreaterThanOrEqual(4);
  expect(new Set(after.map(({ seq }) => seq)).size).toBe(1);
});

test('captures of both sides make one ladder in one time, the near side told by TTL', async () => {
  const paths = [labFile('reject', 'inside.pcap'), labFile('reject', 'outside.pcap')];
  const ladders = await laddersIn(paths, { shortestSeconds: 1, together: true });
  for (const { rows, nearSide } of ladders) {
    expect(nearSide).toBe('originator');
    expect(rows.length).toBeLessThanOrEqual(64);
    const syns = rows.filter(({ flags }) => flags === 'SYN');
    expect(syns.map(({ side }) => side)).toEqual(['near', 'far']);
    expect(rows.filter(({ role }) => role === 'ending').map(({ side }) => side)).toEqual(['near']);
    expect(rows.map(({ at }) => at)).toEqual(rows.map(({ at }) => at).sort());
  }
  expect(ladders).toHaveLength(16);
});

test('IPv6 is read as IPv4 is', async () => {
  const [ladder] = await laddersIn([labFile('v6-reject', 'inside.pcap')], { shortestSeconds: 1 });
  expect(ladder?.rows.map(({ role }) => role)).toContain('ending');
  expect(ladder?.rows[0]).toMatchObject({ flags: 'SYN', seq: 0, ttl: 64 });
});
