/** Uploads that break and go on (tus): a job once they are whole, and nothing before. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { captureFile } from '../src/report/store/places.ts';
import { labFile } from './kit/lab.ts';
import { allTokens, type Service, TOKENS, withService } from './kit/service.ts';

const CAPTURE = readFileSync(labFile('dnat-90', 'inside.pcap'));
const tus = { 'tus-resumable': '1.0.0' };

async function begin(service: Service, length: number, more: Record<string, string> = {}) {
  const headers = { ...tus, 'upload-length': String(length), ...more };
  return service.get('/api/v1/uploads', { method: 'POST', headers });
}

const send = (service: Service, at: string, offset: number, bytes: Uint8Array) =>
  service.get(at, {
    method: 'PATCH',
    headers: {
      ...tus,
      'upload-offset': String(offset),
      'content-type': 'application/offset+octet-stream',
    },
    body: bytes as unknown as string,
  });

const left = ({ data }: Service) => readdirSync(join(data, 'uploads'));

test('a capture that comes in two pieces is a job when it is whole, and its name is only text', () =>
  withService({}, async (service) => {
    const filename = Buffer.from('../../x.pcap').toString('base64');
    const begun = await begin(service, CAPTURE.length, {
      'upload-metadata': `filename ${filename}`,
    });
    expect(begun.status).toBe(201);
    const at = new URL(begun.headers.get('location') ?? '', service.url).pathname;
    const first = await send(service, at, 0, CAPTURE.subarray(0, 1000));
    expect([first.status, first.headers.get('upload-offset')]).toEqual([204, '1000']);
    const asked = await service.get(at, { method: 'HEAD', headers: tus });
    expect(asked.headers.get('upload-offset')).toBe('1000');
    const last = await send(service, at, 1000, CAPTURE.subarray(1000));
    const id = last.headers.get('x-deadair-job') ?? '';
    expect(last.status).toBe(204);
    expect(readFileSync(captureFile(service.data, id))).toEqual(CAPTURE);
    await service.settled();
    const job = await (await service.get(`/api/v1/jobs/${id}`)).json();
    expect(job).toMatchObject({ state: 'completed', name: '../../x.pcap', bytes: CAPTURE.length });
    expect(left(service)).toEqual([]);
  }));

test('what is no capture is refused when it is whole and leaves nothing; too much is refused at once', () =>
  withService({ context: { maxUpload: 1_000_000 } }, async (service) => {
    const begun = await begin(service, 11);
    const at = new URL(begun.headers.get('location') ?? '', service.url).pathname;
    expect((await send(service, at, 0, Buffer.from('no capture!'))).status).toBe(415);
    expect(left(service)).toEqual([]);
    expect((await begin(service, 1_000_001)).status).toBe(413);
    expect((await service.get('/api/v1/jobs').then((answer) => answer.json())) as object).toEqual({
      items: [],
      next: null,
    });
  }));

test('it wants the role submit, no page of another origin, and gives nothing back', () => {
  const rules = { tokens: allTokens(), trusting: false, names: [], scheme: 'http' as const };
  return withService({ context: { rules } }, async (service) => {
    const as = (token: string) => ({ authorization: `Bearer ${token}` });
    expect((await begin(service, 9)).status).toBe(401);
    expect((await begin(service, 9, as(TOKENS.read))).status).toBe(403);
    const foreign = { ...as(TOKENS.submit), origin: 'http://evil.example' };
    expect((await begin(service, 9, foreign)).status).toBe(403);
    const begun = await begin(service, 9, as(TOKENS.submit));
    expect([begun.status, begun.headers.get('access-control-allow-origin')]).toEqual([201, null]);
    const at = new URL(begun.headers.get('location') ?? '', service.url).pathname;
    expect((await service.get(at, { headers: as(TOKENS.submit) })).status).toBe(404);
  });
});

async function problemOf(answer: Response): Promise<unknown[]> {
  const { type, status } = (await answer.json()) as Record<string, unknown>;
  return [answer.status, answer.headers.get('content-type'), type, status];
}

test('whatever the protocol refuses is a problem with the status that the protocol asks for', () =>
  withService({ context: { maxUpload: 1_000_000 } }, async (service) => {
    const as = (slug: string, status: number) => [
      status,
      'application/problem+json',
      `urn:deadair:problem:${slug}`,
      status,
    ];
    const post = (headers: Record<string, string>) =>
      service.get('/api/v1/uploads', { method: 'POST', headers });
    expect(await problemOf(await post({ 'upload-length': '9' }))).toEqual(
      as('upload-version', 412),
    );
    expect(await problemOf(await post(tus))).toEqual(as('bad-request', 400));
    expect(await problemOf(await post({ ...tus, 'upload-length': 'nine' }))).toEqual(
      as('bad-request', 400),
    );
    expect(await problemOf(await begin(service, 1_000_001))).toEqual(as('too-large', 413));
    const deferred = { ...tus, 'upload-concat': 'partial', 'upload-length': '9' };
    expect(await problemOf(await post(deferred))).toEqual(as('not-implemented', 501));
    const at = new URL((await begin(service, 11)).headers.get('location') ?? '', service.url)
      .pathname;
    const text = Buffer.from('no capture!');
    expect(await problemOf(await send(service, at, 5, text))).toEqual(as('conflict', 409));
    const bare = { method: 'PATCH', headers: { ...tus, 'upload-offset': '0' }, body: text };
    expect(await problemOf(await service.get(at, bare))).toEqual(as('upload-header', 403));
    expect(await problemOf(await send(service, at, 0, text))).toEqual(as('not-a-capture', 415));
    expect(await problemOf(await send(service, at, 0, text))).toEqual(as('not-found', 404));
  }));
