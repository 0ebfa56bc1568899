/**
 * Much at once: an upload of any size takes no memory of the service, and a flood of kills in one job stays within the
 * memory of a job and comes out as a summary.
 *
 * Short: 512 MiB and 50 000 kills. DEADAIR_LONG=1: 20 GB and a million kills; both print what they took.
 */
import { createReadStream, statSync, writeSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, expect, test } from 'vitest';
import { haveRedis } from '../queue/redis.ts';
import type { JobAnswer } from '../serve/client.ts';
import { emptyCapture } from './bombs.ts';
import { writeFlood } from './flood-capture.ts';
import { mostWhile, residentMib, type Target, withTarget } from './serve.ts';

const LONG = process.env['DEADAIR_LONG'] === '1';
const MIB = 2 ** 20;
const UPLOAD_BYTES = LONG ? 20e9 : 512 * MIB;
const KILLS = LONG ? 1_000_000 : 50_000;
const MOST_LISTED = 10_000;
/** Kills that are looked at one by one: native/flow/record.cc, 64 partitions of 4096. The rest is counted. */
const MOST_EXAMINED = 262_144;

/** A capture of so many bytes, made while it is sent. */
function* madeUp(bytes: number): Generator<Buffer> {
  const zeros = Buffer.alloc(256 * 1024);
  const head = emptyCapture();
  yield head;
  for (let left = bytes - head.length; left > 0; left -= zeros.length)
    yield zeros.subarray(0, Math.min(left, zeros.length));
}

async function send(target: Target, body: Readable, bytes: number, query = ''): Promise<JobAnswer> {
  const sent = request(`${target.api.base}/api/v1/captures${query}`, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream', 'content-length': bytes },
  });
  const answered = new Promise<JobAnswer>((resolve, reject) => {
    sent.once('error', reject);
    sent.once('response', (response) => {
      let text = '';
      response.on('data', (part: Buffer) => (text += part.toString()));
      response.on('end', () => {
        if (response.statusCode === 202) resolve(JSON.parse(text) as JobAnswer);
        else reject(new Error(`answered ${response.statusCode}: ${text}`));
      });
    });
  });
  const [job] = await Promise.all([answered, pipeline(body, sent)]);
  return job;
}

const say = (text: string): void => {
  if (LONG) writeSync(1, `${text}\n`);
};

describe.skipIf(!haveRedis)('load (needs redis-server)', () => {
  test('an upload of hundreds of megabytes, or of 20 GB, takes no memory of the service', () =>
    withTarget(
      async (target) => {
        const { pid } = target.service;
        const upload = (bytes: number) => send(target, Readable.from(madeUp(bytes)), bytes);
        await upload(64 * MIB);
        const before = residentMib(pid);
        const began = performance.now();
        const { most, result } = await mostWhile(
          () => residentMib(pid),
          () => upload(UPLOAD_BYTES),
        );
        const seconds = (performance.now() - began) / 1000;
        const growth = Math.round(most - before);
        say(`upload: ${UPLOAD_BYTES} bytes in ${seconds.toFixed(1)} s, ${growth} MiB more`);
        expect(statSync(join(target.data, 'captures', result.id)).size).toBe(UPLOAD_BYTES);
        expect(growth).toBeLessThan(64);
      },
      { flags: ['--only', 'api', '--max-upload', '24GiB'] },
    ));

  test(
    'a flood of kills stays within the memory of a job, is counted whole and listed in part',
    () =>
      withTarget(
        async (target) => {
          const { api, folder, service } = target;
          const path = join(folder, 'flood.pcap');
          writeFlood(path, KILLS);
          const { size } = statSync(path);
          const began = performance.now();
          const analysis = () => residentMib(service.parts().get('analysis') ?? 0);
          const { most } = await mostWhile(analysis, async () => {
            const { id } = await send(target, createReadStream(path), size, '?shortest=5s');
            const job = await api.over(id, LONG ? 1_100_000 : 150_000);
            expect(job).toMatchObject({ state: 'completed', problem: null });
            const report = (await api.json(`/api/v1/jobs/${id}/report`)) as {
              findings: unknown[];
              findingsTotal: number;
              resets: { total: number; byCause: Record<string, number> };
            };
            const examined = Math.min(KILLS, MOST_EXAMINED);
            expect(report.findingsTotal).toBe(examined);
            expect(report.resets.total).toBe(KILLS);
            expect(report.resets.byCause['not-examined'] ?? 0).toBe(KILLS - examined);
            expect(report.findings.length).toBeLessThanOrEqual(MOST_LISTED);
          });
          const seconds = (performance.now() - began) / 1000;
          expect(most).toBeGreaterThan(0);
          expect(most).toBeLessThan(1024);
          say(`flood: ${KILLS} kills, ${seconds.toFixed(1)} s, ${Math.round(most)} MiB at most`);
          const paths = (await api.json('/api/v1/paths')) as { items: unknown[] };
          expect(paths.items).toHaveLength(1);
        },
        { flags: ['--jobs', '1', '--job-memory', '1GiB'] },
      ),
    LONG ? 1_200_000 : 200_000,
  );
});
