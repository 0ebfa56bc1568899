/** The way of somebody who has never seen it: `serve` on nothing, curl, a report, findings, and a webhook they can verify. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { labFile } from '../kit/lab.ts';
import { withFolder } from '../kit/temporary.ts';
import { haveRedis, until } from '../queue/redis.ts';
import { withEndpoint } from '../webhook/endpoint.ts';
import { startService } from './service.ts';

const LAB = labFile('dnat', 'inside.pcap');

async function curl(...words: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('curl', ['-sS', '--fail-with-body', ...words]);
  return stdout;
}

const json = async <T>(...words: readonly string[]): Promise<T> =>
  JSON.parse(await curl(...words)) as T;

interface Told {
  readonly type: string;
  readonly data: { readonly id: string };
}

describe.skipIf(!haveRedis)('the way of a stranger (needs redis-server)', () => {
  test('serve on an empty folder, curl, report, findings, and a webhook that standardwebhooks opens', () =>
    withFolder((folder) =>
      withEndpoint(async (endpoint) => {
        const flags = ['--listen', '127.0.0.1:0', '--webhook-allow', '127.0.0.1/32'];
        const service = await startService(join(folder, 'data'), flags);
        try {
          const api = `${/http:\S+/.exec(service.said())?.[0] ?? ''}/api/v1`;
          const events = ['finding.created', 'job.completed'];
          // All verdicts: by itself a webhook tells of boxes alone.
          const filter = { verdicts: ['box-timeout', 'possible-box-timeout', 'endpoint-timer'] };
          const { secret } = await json<{ secret: string }>(
            `${api}/webhooks`,
            ...['-H', 'content-type: application/json'],
            ...['-d', JSON.stringify({ url: endpoint.url, events, filter })],
          );
          const { id } = await json<{ id: string }>(
            '-F',
            `file=@${LAB}`,
            `${api}/captures?shortest=1s`,
          );
          const over = async () =>
            (await json<{ state: string }>(`${api}/jobs/${id}`)).state === 'completed';
          await until('the job is completed', over, 40_000);

          const report = await json<{ findings: { id: string; verdict: string }[] }>(
            `${api}/jobs/${id}/report`,
          );
          const text = await curl('-H', 'Accept: text/plain', `${api}/jobs/${id}/report`);
          expect(text).toContain('connection');
          const { items } = await json<{ items: { id: string }[] }>(`${api}/findings?limit=1000`);
          const ids = report.findings.map((finding) => finding.id).sort();
          expect(ids.length).toBeGreaterThan(0);
          expect(items.map((finding) => finding.id).sort()).toEqual(ids);

          const told = report.findings.filter(({ verdict }) => filter.verdicts.includes(verdict));
          expect(told.length).toBeGreaterThan(0);
          await endpoint.until(told.length + 1);
          const opened = endpoint.received.map(
            ({ body, headers }) =>
              new Webhook(secret).verify(body, headers as Record<string, string>) as Told,
          );
          const found = opened.filter(({ type }) => type === 'finding.created');
          expect(found.map(({ data }) => data.id).sort()).toEqual(told.map((one) => one.id).sort());
          expect(opened.filter(({ type }) => type === 'job.completed')).toMatchObject([
            { data: { id } },
          ]);
          const [first] = endpoint.received;
          const forged = first?.body.replace('finding', 'fiction') ?? '';
          expect(() =>
            new Webhook(secret).verify(forged, first?.headers as Record<string, string>),
          ).toThrow();
        } finally {
          await service.killAll();
        }
      }),
    ));
});
