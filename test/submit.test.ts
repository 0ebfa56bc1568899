/** `deadair submit` against a real service: the report comes back as `read` prints it, and refusals keep their words. */
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { barText } from '../src/progress-bar.ts';
import { said } from './kit/command.ts';
import { labFile } from './kit/lab.ts';
import { haveRedis } from './queue/redis.ts';
import { type Service, startService } from './serve/service.ts';

const LAB = labFile('dnat', 'inside.pcap');
const PLAIN = { columns: null };

describe.skipIf(!haveRedis)('submit (needs redis-server)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'deadair-submit-'));
  let service: Service;
  let server: readonly string[];

  beforeAll(async () => {
    service = await startService(join(folder, 'data'), ['--listen', '127.0.0.1:0']);
    server = ['--server', /http:\S+/.exec(service.said())?.[0] ?? ''];
  });

  afterAll(async () => {
    await service.killAll();
    rmSync(folder, { recursive: true, force: true });
  });

  test('waits for the analysis and prints the report that read prints', async () => {
    const args = ['--shortest', '1s', '--json', LAB];
    const there = await said(['submit', '--wait', ...args, ...server], PLAIN);
    const here = await said(['read', ...args]);
    expect(there).toMatchObject({ status: 0, err: '' });
    const ids = (text: string) =>
      (JSON.parse(text) as { findings: { id: string }[] }).findings.map(({ id }) => id);
    expect(ids(there.out)).toEqual(ids(here.out));
    expect(ids(there.out).length).toBeGreaterThan(0);
    expect(JSON.parse(there.out)).toMatchObject({ sources: [{ name: 'inside.pcap' }] });
  });

  test('the job is called as the file is, without its folders', async () => {
    const odd = join(folder, 'a&b=ü #1.pcap');
    copyFileSync(LAB, odd);
    const { status, out } = await said(['submit', '--json', odd, ...server]);
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ name: 'a&b=ü #1.pcap' });
  });

  test('a text report leads with who was killed; --fail-on-findings sets the status', async () => {
    const { status, out } = await said(
      ['submit', '--wait', '--fail-on-findings', '--shortest', '1s', LAB, ...server],
      PLAIN,
    );
    expect(status).toBe(1);
    expect(out).toMatch(/died while silent/);
  });

  test('without --wait the address of the job is printed', async () => {
    const { status, out } = await said(['submit', LAB, ...server]);
    expect(status).toBe(0);
    const { pathname } = new URL(out.trim());
    const job = await fetch(new URL(`/api/v1${pathname}`, server[1]));
    expect(await job.json()).toMatchObject({ id: pathname.split('/').at(-1), source: 'api' });
  });

  test('what is no capture is refused in the words of the service', async () => {
    const letter = join(folder, 'letter.txt');
    writeFileSync(letter, 'Dear Sir or Madam');
    const { status, err } = await said(['submit', letter, ...server]);
    expect(status).toBe(3);
    expect(err).toMatch(/415.*E_SERVER_REFUSED/s);
  });

  test('a filter goes along; one that libpcap does not compile is refused in its words', async () => {
    const all = await said(
      ['submit', '--wait', '--json', '--shortest', '1s', LAB, ...server],
      PLAIN,
    );
    const none = ['--filter', 'tcp port 1', '--wait', '--json', '--shortest', '1s'];
    const some = await said(['submit', ...none, LAB, ...server], PLAIN);
    const kills = (text: string) => (JSON.parse(text) as { findingsTotal: number }).findingsTotal;
    expect([kills(all.out) > 0, kills(some.out)]).toEqual([true, 0]);
    const { status, err } = await said(['submit', '--filter', 'tcp prot 80', LAB, ...server]);
    expect(status).toBe(2);
    expect(err).toMatch(
      /400.*filter: .*syntax error.*\(E_CAPTURE_FILTER\)\n {2}hint: .*pcap-filter/s,
    );
  });
});

test('where no service is, it says so, and how to start one', async () => {
  const { status, err } = await said(['submit', LAB, '--server', 'http://127.0.0.1:9']);
  expect(status).toBe(5);
  expect(err).toMatch(/E_SERVER_UNREACHABLE[^]*deadair serve/);
});

test('a silly duration is told before anything is sent', async () => {
  const flags = ['--shortest', 'soon', '--server', 'http://127.0.0.1:9'];
  const { status, err } = await said(['submit', LAB, ...flags]);
  expect(status).toBe(2);
  expect(err).toContain('--shortest: "soon" is no duration (E_DURATION)');
});

test('a file that is not there is told before anything is sent', async () => {
  const { status, err } = await said(['submit', 'no-such.pcap', '--server', 'http://127.0.0.1:9']);
  expect(status).toBe(3);
  expect(err).toContain('E_INPUT_MISSING');
});

test('the bar shows how much of how much', () => {
  expect(barText('sending', { bytes: 5e8, totalBytes: 1e9 })).toBe(
    `sending ${'█'.repeat(12)}${'░'.repeat(12)} 50 % of 1.0 GB`,
  );
  expect(barText('running', { bytes: 1, totalBytes: 2, findings: 3 })).toContain(', 3 findings');
});
