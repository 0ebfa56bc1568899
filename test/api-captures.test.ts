/** Captures come in: streamed, checked on the way, named by us, and each a job once. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { countJobs, jobOf } from '../src/report/store/jobs.ts';
import { captureFile } from '../src/report/store/places.ts';
import { labFile } from './kit/lab.ts';
import { withService, type Service } from './kit/service.ts';

const CAPTURE = readFileSync(labFile('dnat-90', 'inside.pcap'));

interface Shown {
  readonly id: string;
  readonly state: string;
  readonly name: string | null;
  readonly type: string;
}

const json = async (response: Response): Promise<Shown> => (await response.json()) as Shown;

const upload = (
  service: Service,
  body: NonNullable<RequestInit['body']>,
  headers: Record<string, string> = {},
  query = '',
) => service.get(`/api/v1/captures${query}`, { method: 'POST', body, headers });

const raw = { 'content-type': 'application/octet-stream' };

const left = ({ data }: Service, folder: string): string[] => readdirSync(join(data, folder));

test('raw bytes become a job, its report and its findings', () =>
  withService({}, async (service) => {
    const answer = await upload(service, CAPTURE, raw);
    expect(answer.status).toBe(202);
    const { id } = await json(answer);
    expect(answer.headers.get('location')).toBe(`/api/v1/jobs/${id}`);
    expect(readFileSync(captureFile(service.data, id))).toEqual(CAPTURE);
    await service.settled();
    const job = await (await service.get(`/api/v1/jobs/${id}`)).json();
    expect(job).toMatchObject({ state: 'completed', progress: { totalBytes: CAPTURE.length } });
    const told = await service.get(`/api/v1/jobs/${id}/report`);
    const { findingsTotal } = (await told.json()) as { findingsTotal: number };
    expect(findingsTotal).toBeGreaterThan(5);
    const list = (await (await service.get('/api/v1/findings?limit=1000')).json()) as {
      items: unknown[];
    };
    expect(list.items).toHaveLength(findingsTotal);
  }));

test('a form with a field "file" does the same; its name is kept as text and never a path', () =>
  withService({ idle: true }, async (service) => {
    const form = new FormData();
    form.append('note', 'first');
    form.append('file', new Blob([CAPTURE]), '../../../etc/cron.d/x');
    const answer = await upload(service, form);
    expect(answer.status).toBe(202);
    const { id, name } = await json(answer);
    expect(name).not.toContain('/etc');
    expect(left(service, 'captures')).toEqual([id]);
    expect(left(service, 'incoming')).toEqual([]);
    expect(readFileSync(captureFile(service.data, id))).toEqual(CAPTURE);
  }));

test('the settings of a job are checked before anything is read', () =>
  withService({ idle: true }, async (service) => {
    const wrong = await upload(service, CAPTURE, raw, '?shortest=soon');
    expect([wrong.status, (await json(wrong)).type]).toEqual([
      400,
      'urn:deadair:problem:bad-request',
    ]);
    expect((await upload(service, CAPTURE, raw, '?shorttest=20s')).status).toBe(400);
    const unknown = await upload(service, CAPTURE, raw, '?filter=tcp+prot+80');
    expect([unknown.status, await json(unknown)]).toMatchObject([
      400,
      { code: 'E_CAPTURE_FILTER', detail: expect.stringContaining('syntax error') },
    ]);
    expect([left(service, 'incoming'), left(service, 'captures')]).toEqual([[], []]);
    const { id } = await json(await upload(service, CAPTURE, raw, '?shortest=5s&filter=port+80'));
    expect(jobOf(service.db, id)?.settings).toEqual({ shortestSeconds: 5, filter: 'port 80' });
  }));

test('what is no capture is refused at its first bytes and leaves nothing', () =>
  withService({ idle: true }, async (service) => {
    for (const body of ['', 'MZ', 'this is no capture', '<html>']) {
      const answer = await upload(service, body, raw);
      expect([answer.status, (await json(answer)).type]).toEqual([
        415,
        'urn:deadair:problem:not-a-capture',
      ]);
    }
    expect([left(service, 'incoming'), left(service, 'captures')]).toEqual([[], []]);
    expect(countJobs(service.db)).toEqual([]);
  }));

/** What a client that goes on sending gets to see, and whether the connection was closed behind it. */
function stubborn({ port }: Service, head: string, total: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let [said, sent] = ['', 0];
    const chunk = Buffer.alloc(65_536, 1);
    const pump = () => {
      while (sent < total && socket.write(chunk)) sent += chunk.length;
    };
    socket.write(head);
    socket.on('connect', pump).on('drain', pump);
    socket.on('data', (data) => (said += data.toString()));
    socket.on('close', () => resolve(said)).on('error', reject);
  });
}

test('too large is said at once and the connection closed, announced or not', () =>
  withService({ idle: true, context: { maxUpload: 1_000_000 } }, async (service) => {
    const post = 'POST /api/v1/captures HTTP/1.1\r\nHost: localhost\r\n';
    const length = 'Content-Length: 2000000\r\n\r\n';
    const announced = await stubborn(service, `${post}${length}`, 0);
    expect(announced).toMatch(/^HTTP\/1.1 413 .*connection: close/is);
    const grown = await upload(service, Buffer.concat([CAPTURE, Buffer.alloc(1_000_000)]), raw);
    expect(grown.status).toBe(413);
    expect((await json(grown)).type).toBe('urn:deadair:problem:too-large');
    expect([left(service, 'incoming'), left(service, 'captures')]).toEqual([[], []]);
  }));

test('a client that stops sending gets 408, and one that goes away leaves nothing', () =>
  withService({ idle: true, times: { stillMs: 300 } }, async (service) => {
    const head =
      'POST /api/v1/captures HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n';
    expect(await stubborn(service, head, 0)).toMatch(/^HTTP\/1.1 408 .*body-timeout/is);
    const sockets = Array.from({ length: 100 }, () => {
      const socket = connect(service.port, '127.0.0.1');
      socket.on('error', () => {});
      socket.write(head);
      socket.write(CAPTURE.subarray(0, 100));
      return socket;
    });
    await expect.poll(() => left(service, 'incoming').length).toBeGreaterThan(30);
    for (const socket of sockets) socket.destroy();
    await expect.poll(() => left(service, 'incoming').length, { timeout: 10_000 }).toBe(0);
    expect(countJobs(service.db)).toEqual([]);
    expect((await upload(service, CAPTURE, raw)).status).toBe(202);
  }));

test('headers that do not come within their time end the connection', () =>
  withService({ idle: true, times: { headersMs: 400 } }, async (service) => {
    expect(await stubborn(service, 'POST /api/v1/captures HTTP/1.1\r\nHost: loc', 0)).toMatch(
      /408/,
    );
  }));

test('the same Idempotency-Key is the same job; with another capture or settings it is refused', () =>
  withService({ idle: true }, async (service) => {
    const key = { ...raw, 'idempotency-key': 'once' };
    const [one, two] = await Promise.all([
      upload(service, CAPTURE, key),
      upload(service, CAPTURE, key),
    ]);
    expect([one.status, two.status]).toEqual([202, 202]);
    const { id } = await json(one);
    expect((await json(two)).id).toBe(id);
    const other = await upload(service, readFileSync(labFile('dnat-90', 'outside.pcap')), key);
    expect([other.status, (await json(other)).type]).toEqual([
      422,
      'urn:deadair:problem:key-reused',
    ]);
    expect((await upload(service, CAPTURE, key, '?shortest=5s')).status).toBe(422);
    expect(left(service, 'captures')).toEqual([id]);
  }));

test('512 MiB pass through without being held in memory', { timeout: 180_000 }, () =>
  withService({ idle: true }, async (service) => {
    const total = 512 * 1024 * 1024;
    const path = join(service.data, 'large.pcap');
    writeFileSync(path, CAPTURE.subarray(0, 24));
    truncateSync(path, total);
    const before = process.memoryUsage().rss;
    let most = before;
    const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 20);
    const url = `${service.url}/api/v1/captures`;
    const words = ['--silent', '-X', 'POST', '-H', 'Content-Type: x/y', '-T', path, url];
    const { stdout } = await promisify(execFile)('curl', words);
    clearInterval(watch);
    expect(JSON.parse(stdout)).toMatchObject({ state: 'queued', bytes: total });
    expect((most - before) / 2 ** 20).toBeLessThan(100);
  }),
);

test('a job that waits is cancelled, one that is over is deleted with its files, findings stay', () =>
  withService({}, async (service) => {
    const { id } = await json(await upload(service, CAPTURE, raw));
    await service.settled();
    const remove = () => service.get(`/api/v1/jobs/${id}`, { method: 'DELETE' });
    expect([(await remove()).status, (await remove()).status]).toEqual([204, 404]);
    expect([left(service, 'captures'), left(service, 'reports')]).toEqual([[], []]);
    const list = (await (await service.get('/api/v1/findings')).json()) as { items: unknown[] };
    expect(list.items.length).toBeGreaterThan(0);
  }));

test('cancelling a queued job answers it as cancelled', () =>
  withService({ idle: true }, async (service) => {
    const { id } = await json(await upload(service, CAPTURE, raw));
    const answer = await service.get(`/api/v1/jobs/${id}`, { method: 'DELETE' });
    expect([answer.status, (await json(answer)).state]).toEqual([200, 'cancelled']);
  }));

test('what never becomes a request is a problem too: no HTTP, a head too large, a head too slow', () =>
  withService({ idle: true, times: { headersMs: 400 } }, async (service) => {
    const problem = async (head: string) => {
      const [lines = '', body = ''] = (await stubborn(service, head, 0)).split('\r\n\r\n');
      expect(lines).toMatch(/^content-type: application\/problem\+json$/im);
      expect(lines).toMatch(new RegExp(`^content-length: ${Buffer.byteLength(body)}$`, 'im'));
      const { type, status } = JSON.parse(body) as Record<string, unknown>;
      expect(lines).toContain(`HTTP/1.1 ${String(status)} `);
      return [status, type];
    };
    const as = (status: number, slug: string) => [status, `urn:deadair:problem:${slug}`];
    expect(await problem('this is no HTTP\r\n\r\n')).toEqual(as(400, 'bad-request'));
    const large = `GET / HTTP/1.1\r\nHost: localhost\r\nX-Large: ${'x'.repeat(17_000)}\r\n\r\n`;
    expect(await problem(large)).toEqual(as(431, 'headers-too-large'));
    expect(await problem('GET / HTTP/1.1\r\nHost: loc')).toEqual(as(408, 'body-timeout'));
  }));
