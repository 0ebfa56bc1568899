/** What is spoken on a path, from packets: the remedy names the software by it, and says what it went by. */
import { expect, test } from 'vitest';
import { prescriptionsOf } from '../../src/report/prescriptions.ts';
import { plain } from '../../src/report/text/paint.ts';
import { reportText } from '../../src/report/text/report-text.ts';
import { type Drawn, analysisOf } from '../kit/analyse.ts';
import { together } from '../kit/scenes.ts';

const hex = (text: string): string => Buffer.from(text, 'latin1').toString('hex');
const PING = `14 bytes  says ${hex('*1\r\n$4\r\nPING\r\n')}`;
const PONG = `7 bytes  says ${hex('+PONG\r\n')}`;

/** Killed by a box after 100 s; `asks` and `answers` are the first payloads. */
function cut(n: number, asks: string, answers: string): string {
  const client = `client${n}`;
  return `
    ${n}.000  ${client} > server  SYN
    ${n}.020  server > ${client}  SYN ACK
    ${n}.021  ${client} > server  ACK
    ${n}.022  ${client} > server  PSH ACK  ${asks}
    ${n}.042  server > ${client}  PSH ACK  ${answers}
    ${n}.043  ${client} > server  ACK
    ${n + 100}.000  ${client} > server  PSH ACK  20 bytes  undelivered
    ${n + 100}.001  server > ${client}  stateless  ttl 63`;
}

async function remedyOn(picture: string, drawn: Drawn = {}) {
  const analysis = await analysisOf(picture, drawn);
  const [path] = analysis.paths;
  if (path === undefined) throw new Error('no path');
  return { analysis, remedy: prescriptionsOf(analysis).of(path).remedy };
}

const crowd = (asks: string, answers: string): string =>
  together(...[1, 2, 3, 4, 5].map((n) => cut(n, asks, answers)));

test('Redis on the port of MongoDB is called Redis, by its first bytes', async () => {
  const { analysis, remedy } = await remedyOn(crowd(PING, PONG));
  expect(remedy).toMatchObject({ stack: 'Redis', stackFrom: 'first-bytes' });
  const text = reportText(analysis, { width: 100, paint: plain });
  expect(text).toContain('By the first bytes of its connections');
});

test('few samples of each responder and side are kept, of any number of connections', async () => {
  const { analysis } = await remedyOn(crowd(PING, PONG));
  const sides = analysis.paths[0]?.firstBytes?.map(({ by }) => by) ?? [];
  expect(sides.toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
    ...Array.from({ length: 3 }, () => 'originator'),
    ...Array.from({ length: 3 }, () => 'responder'),
  ]);
});

test.each([
  ['bytes that are no greeting', crowd('100 bytes', '300 bytes'), {}],
  ['a capture of headers alone', crowd(PING, PONG), { snaplen: 66 }],
  [
    'a connection met in its midst',
    crowd('20 bytes', `7 bytes  says ${hex('* OK ..')}`).replace(/^.* SYN.*$/gm, ''),
    {},
  ],
])('%s: the port has to do', async (_, picture, drawn) => {
  const { remedy } = await remedyOn(picture, drawn);
  expect(remedy).toMatchObject({ stack: 'MongoDB', stackFrom: 'port' });
});

test('three shards keep the samples that one keeps', async () => {
  const many = together(...Array.from({ length: 9 }, (_, i) => cut(i + 1, PING, PONG)));
  const one = await remedyOn(many);
  const three = await remedyOn(many, { workers: 3 });
  expect(three.analysis.paths[0]?.firstBytes).toEqual(one.analysis.paths[0]?.firstBytes);
});
