/** What whoever may submit can try: names that climb, files that grow, bodies without an end, a hundred at once. */
import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { labFile } from '../kit/lab.ts';
import { haveRedis, until } from '../queue/redis.ts';
import { gzipBomb, zstdBomb } from './bombs.ts';
import {
  descriptorsOf,
  filesIn,
  mostWhile,
  residentMib,
  type Target,
  withTarget,
} from './serve.ts';
import { begun, formOf, POST, stubborn } from './socket.ts';

const LAB = readFileSync(labFile('dnat', 'inside.pcap'));
const GIB = 2 ** 30;
const MIB = 2 ** 20;
const API_ONLY = { flags: ['--only', 'api'] };

const NAMES = [
  '../../../outside',
  '/etc/cron.d/outside',
  '..\\..\\outside',
  '%2e%2e%2f%2e%2e%2foutside',
  'C:\\outside',
  '.',
  '..',
  '',
  'link.pcap',
  `${'a/'.repeat(2000)}outside`,
  'outside\u001b[2J\u0000.pcap',
  'x; rm -rf outside',
];

const sendForm = async ({ api }: Target, name: string): Promise<Response> => {
  const { body, type } = formOf(name, LAB);
  const headers = { 'content-type': type };
  return fetch(`${api.base}/api/v1/captures`, {
    method: 'POST',
    headers,
    body: new Uint8Array(body),
  });
};

/** Every file of the test's folder but the store's and Redis' own. */
const filesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((path) => !/^data\/(?:store|deadair|redis)/.test(path))
    .sort();

/** As much as is wanted, in pieces: `first` of it a capture's beginning. */
function endless(first: Uint8Array): () => Buffer {
  let begins = true;
  return () => {
    const piece = begins ? Buffer.concat([first, Buffer.alloc(65_536)]) : Buffer.alloc(65_536);
    begins = false;
    return piece;
  };
}

function chunked(body: () => Buffer): () => Buffer {
  return () => {
    const piece = body();
    const size = Buffer.from(`${piece.length.toString(16)}\r\n`);
    return Buffer.concat([size, piece, Buffer.from('\r\n')]);
  };
}

const nothingLeft = ({ data }: Target): void => {
  expect([filesIn(data, 'incoming'), filesIn(data, 'captures')]).toEqual([[], []]);
};

describe.skipIf(!haveRedis)('hostile uploads (needs redis-server)', () => {
  test('no name that a client gives becomes a path: not one that climbs, not one that is a link', () =>
    withTarget(async (target) => {
      const { data, folder } = target;
      const outside = join(folder, 'outside');
      writeFileSync(outside, 'as it was');
      for (const place of ['incoming', 'captures', '.'])
        symlinkSync(outside, join(data, place, 'link.pcap'));
      const before = filesOf(folder);
      const ids: string[] = [];
      for (const name of NAMES) {
        const answer = await sendForm(target, name);
        // A name of nothing is no file at all to a form (RFC 7578 §4.2).
        if (name === '' && answer.status === 400) continue;
        expect([name, answer.status]).toEqual([name, 202]);
        const text = await answer.text();
        // oxlint-disable-next-line no-control-regex -- what must not be there
        expect(text).not.toMatch(/[\u0000-\u001f]/);
        const job = JSON.parse(text) as { id: string };
        expect(job.id).toMatch(/^j_[\w-]+$/);
        ids.push(job.id);
      }
      const captures = ids.map((id) => join('data', 'captures', id));
      expect(filesOf(folder)).toEqual([...before, ...captures].sort());
      expect(readFileSync(outside, 'utf8')).toBe('as it was');
    }, API_ONLY));

  test('a bomb of zstd ends at E_INPUT_RATIO, one of gzip takes no memory, and the service is unhurt', () =>
    withTarget(
      async ({ api, service }) => {
        const worker = service.parts().get('worker');
        const analysis = () => residentMib(service.parts().get('analysis') ?? 0);
        const { most } = await mostWhile(analysis, async () => {
          const zstd = await api.upload(zstdBomb(4 * GIB));
          // What was read before it is reported: a capture that breaks off is no failed job.
          expect(await api.over(zstd.id)).toMatchObject({ state: 'completed' });
          expect(await api.json(`/api/v1/jobs/${zstd.id}/report`)).toMatchObject({
            sources: [{ complete: false, problem: { code: 'E_INPUT_RATIO' } }],
          });
          const gzip = await api.upload(gzipBomb(1.5 * GIB));
          expect(await api.over(gzip.id)).toMatchObject({ state: 'completed', problem: null });
        });
        expect(most).toBeGreaterThan(0);
        expect(most).toBeLessThan(256);
        const good = await api.upload(LAB, '?shortest=1s');
        expect(await api.over(good.id)).toMatchObject({ state: 'completed' });
        expect(service.parts().get('worker')).toBe(worker);
      },
      { flags: ['--jobs', '1'] },
    ));

  test('what is no capture is refused at its beginning, however much was announced', () =>
    withTarget(async (target) => {
      const zeros = endless(Buffer.from('MZ this is a program'));
      const head = `${POST}Content-Length: ${GIB}\r\n\r\n`;
      const { text, milliseconds } = await stubborn(target.port, head, zeros);
      expect(text).toMatch(/^HTTP\/1.1 415 .*connection: close.*not-a-capture/is);
      expect(milliseconds).toBeLessThan(5000);
      nothingLeft(target);
    }, API_ONLY));

  test('twice the limit is 413 at once and the connection is closed, announced or in chunks', () =>
    withTarget(
      async (target) => {
        const head = `${POST}Content-Length: ${2 * MIB}\r\n\r\n`;
        const announced = await stubborn(target.port, head, () => null);
        expect(announced.text).toMatch(/^HTTP\/1.1 413 .*connection: close.*too-large/is);
        const open = `${POST}Transfer-Encoding: chunked\r\n\r\n`;
        const grown = await stubborn(target.port, open, chunked(endless(LAB)));
        expect(grown.text).toMatch(/^HTTP\/1.1 413 .*connection: close.*too-large/is);
        for (const { milliseconds } of [announced, grown]) expect(milliseconds).toBeLessThan(5000);
        nothingLeft(target);
      },
      { flags: ['--only', 'api', '--max-upload', '1MiB'] },
    ));

  test('a hundred uploads that break off leave no file, no descriptor and no job', () =>
    withTarget(async (target) => {
      const { api, port, service } = target;
      const head = `${POST}Content-Length: 100000\r\n\r\n`;
      await sleep(500);
      const before = descriptorsOf(service.pid);
      for (let round = 0; round < 2; round++) {
        const sockets = await Promise.all(
          Array.from({ length: 100 }, () => begun(port, head, LAB.subarray(0, 3000))),
        );
        for (const socket of sockets) socket.on('error', () => {});
        await until('uploads are under way', () => filesIn(target.data, 'incoming').length >= 60);
        for (const socket of sockets) socket.destroy();
        // A request that was still in the socket's queue opens its file after the others have lost theirs: so ask behind it.
        expect(((await api.json('/api/v1/jobs')) as { items: unknown[] }).items).toEqual([]);
        await until(
          'no descriptor and no file is left',
          () =>
            descriptorsOf(service.pid) <= before + 2 &&
            filesIn(target.data, 'incoming').length === 0,
        );
      }
      nothingLeft(target);
      await api.upload(LAB);
    }, API_ONLY));

  test('a body that stands still for 30 s is 408; one that goes on slowly is not', () =>
    withTarget(async (target) => {
      const head = `${POST}Content-Length: ${LAB.length}\r\n\r\n`;
      const slow = await begun(target.port, head, LAB.subarray(0, 100));
      let answer = '';
      slow.on('data', (data) => (answer += data.toString()));
      let at = 100;
      const drip = setInterval(() => void slow.write(LAB.subarray(at, ++at)), 5000);
      let sent = false;
      const still = await stubborn(target.port, head, () => {
        if (sent) return null;
        sent = true;
        return LAB.subarray(0, 100);
      });
      expect(still.text).toMatch(/^HTTP\/1.1 408 .*body-timeout/is);
      expect(still.milliseconds).toBeGreaterThan(29_000);
      clearInterval(drip);
      slow.write(LAB.subarray(at));
      await until('the slow one is answered', () => answer.includes('\r\n\r\n'));
      expect(answer).toMatch(/^HTTP\/1.1 202 /);
      slow.destroy();
    }, API_ONLY));
});
