/** `deadair watch` on a cable of its own: what it tells, when, and what it leaves behind. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Value } from 'typebox/value';
import { ReportSchema } from '../src/report/schema.ts';
import { deadair, pictureFile } from './kit/analyse.ts';
import { opened, together } from './kit/scenes.ts';
import { play, replay, whyNoCable, withCable } from './live/cable.ts';
import { type Told, Watching } from './live/watching.ts';

const why = whyNoCable();

const WATCH = ['-i', 'w0', '--shortest', '500ms'];

/** Silent for a good second, then cut by something between: the reset has another TTL than the server. */
const KILL = `${opened()}
  1.300000  client > server  PSH ACK  20 bytes  undelivered
  1.301000  server > client  stateless  ttl 63`;

const RETURN = `
  1.700000  client2 > server  SYN
  1.720000  server > client2  SYN ACK
  1.720100  client2 > server  ACK`;

/** Linux's back-off: the fifth retransmission after 6.2 s. */
const DROPPED = `${opened()}
  ${opened(0.3, 'client2')}
  1.300000  client > server  PSH ACK  20 bytes  undelivered
  ${[0.2, 0.6, 1.4, 3, 6.2]
    .map((after) => `${(1.3 + after).toFixed(6)}  client > server  RETRANSMIT  undelivered`)
    .join('\n')}`;

/** Twelve clients, cut off one after the other; each comes back from another port, half of them through another worker. */
const COMING_BACK = together(
  ...Array.from({ length: 12 }, (_, i) => {
    const [client, again, server] = [`client${i + 10}`, `client${i + 110}`, `server${i + 2}`];
    const cut = 1.3 + i / 100;
    return `${opened(i / 100, client, server)}
  ${cut.toFixed(6)}  ${client} > ${server}  PSH ACK  20 bytes  undelivered
  ${(cut + 0.001).toFixed(6)}  ${server} > ${client}  stateless  ttl 63
  ${(cut + 0.101).toFixed(6)}  ${again} > ${server}  SYN
  ${(cut + 0.103).toFixed(6)}  ${server} > ${again}  SYN ACK`;
  }),
);

describe.skipIf(why !== null)(why ?? 'deadair watch', () => {
  test('a kill is told within a second of its reset, and again when its client comes back', async () => {
    await withCable(async (cable) => {
      const watching = await Watching.on(cable.watched, [...WATCH, '--ndjson']);
      await play(cable, KILL + RETURN);
      await watching.until(({ told }) => (told.length >= 2 ? true : undefined), 5000);
      const took = await watching.end();
      const [first, second] = watching.told;
      expect(watching.told).toHaveLength(2);
      expect(first?.finding).toMatchObject({
        update: 0,
        signature: 'late-reset',
        verdict: 'box-timeout',
      });
      expect(first?.finding.emitter.is).toBe('middlebox');
      expect(
        (first?.atSeconds ?? 0) - Date.parse(first?.finding.ending.at ?? '') / 1000,
      ).toBeLessThan(1);
      expect(second?.finding).toMatchObject({ id: first?.finding.id, update: 1 });
      expect(second?.finding.ending.reconnectedAfterSeconds).toBeCloseTo(0.4, 1);
      expect(took).toBeLessThan(2);
    });
  });

  test('under load, where it rests between full meals, a kill is told within a second and it ends as soon', async () => {
    await withCable(async (cable) => {
      const busy = join(cable.folder, 'busy.pcap');
      writeFileSync(busy, pictureFile(opened(0, 'client9')));
      const load = ['-i', 's0', '--pps', '50000', '--loop', '20000', '--preload-pcap', busy];
      const watching = await Watching.on(cable.watched, [...WATCH, '--ndjson']);
      const passing = replay(cable.far, load);
      await play(cable, KILL);
      const { finding, atSeconds } = await watching.until((one) => one.told[0], 5000);
      const took = await watching.end();
      expect(finding.signature).toBe('late-reset');
      expect(atSeconds - Date.parse(finding.ending.at ?? '') / 1000).toBeLessThan(1);
      expect(took).toBeLessThan(2);
      expect(await passing).toBe(140_000);
    });
  });

  test('what it tells at the end is what `read` says of the same packets', async () => {
    await withCable(async (cable) => {
      const file = join(cable.folder, 'same.pcap');
      const words = ['netns', 'exec', cable.watched, 'tcpdump', '-i', 'w0', '-w', file, '-U'];
      const watching = await Watching.on(cable.watched, [...WATCH, '--json']);
      const { spawn } = await import('node:child_process');
      const dump = spawn('ip', words, { stdio: ['ignore', 'ignore', 'pipe'] });
      await new Promise((resolve) => dump.stderr.once('data', resolve));
      await play(cable, KILL + RETURN);
      const live = await watching.report();
      dump.kill('SIGINT');
      await new Promise((resolve) => dump.once('close', resolve));
      const read = await deadair(['read', '--json', '--quiet', '--shortest', '500ms', file]);
      const recorded = JSON.parse(read.stdout) as typeof live;
      const ids = (report: typeof live) =>
        report.findings.map(({ id, signature }) => [id, signature]);
      expect(ids(live)).toEqual(ids(recorded));
      expect(live.resets).toEqual(recorded.resets);
      expect(live.silences.killed).toBe(recorded.silences.killed);
      expect(live.sources[0]?.packets).toBe(recorded.sources[0]?.packets);
    });
  });

  test('a silent drop is told once four retransmissions stayed unanswered, not before', async () => {
    await withCable(async (cable) => {
      const watching = await Watching.on(cable.watched, [...WATCH, '--ndjson']);
      await play(cable, DROPPED);
      const { finding, atSeconds } = await watching.until((one) => one.told[0], 12_000);
      await watching.end();
      expect(finding).toMatchObject({ signature: 'blackhole', update: 0 });
      const waited = atSeconds - Date.parse(finding.silence.endedAt) / 1000;
      expect(waited).toBeGreaterThan(4);
      expect(waited).toBeLessThan(9);
      expect(watching.told).toHaveLength(1);
    });
  });

  test('a client that comes back through another worker is noticed', async () => {
    await withCable(async (cable) => {
      const flags = [...WATCH, '--ndjson', '--workers', '2'];
      const watching = await Watching.on(cable.watched, flags);
      await play(cable, COMING_BACK);
      const last = (told: readonly Told[]) =>
        new Map(told.map(({ finding }) => [finding.id, finding]));
      const back = (told: readonly Told[]) =>
        [...last(told).values()].filter(({ ending }) => ending.reconnectedAfterSeconds !== null);
      await watching.until(({ told }) => (back(told).length === 12 ? true : undefined), 8000);
      await watching.end();
      for (const { ending } of back(watching.told))
        expect(ending.reconnectedAfterSeconds).toBeGreaterThan(0.09);
      expect(last(watching.told).size).toBe(12);
    });
  });

  test('--carve keeps the frames around the ending and before it, and writes over nobody', async () => {
    await withCable(async (cable) => {
      const carved = join(cable.folder, 'carved');
      const flags = [...WATCH, '--ndjson', '--carve', carved, '--carve-ring', '1MiB'];
      const once = async () => {
        const watching = await Watching.on(cable.watched, flags);
        await play(cable, KILL);
        const { finding } = await watching.until((one) => one.told[0], 5000);
        await watching.end();
        return finding;
      };
      const { id } = await once();
      const path = join(carved, `${id}.pcapng`);
      const read = await deadair(['read', '--json', '--quiet', '--shortest', '500ms', path]);
      const report = JSON.parse(read.stdout) as {
        findings: { id: string }[];
        sources: { packets: number }[];
      };
      expect(report.findings.map((one) => one.id)).toEqual([id]);
      expect(report.sources[0]?.packets).toBe(9);
      writeFileSync(path, 'mine');
      await once();
      expect(readFileSync(path, 'utf8')).toBe('mine');
      expect(readdirSync(carved).sort()).toEqual([`${id}-2.pcapng`, `${id}.pcapng`]);
    });
  });

  test('SIGUSR1 prints the report so far, --report keeps one in a file, --until-findings ends it', async () => {
    await withCable(async (cable) => {
      const file = join(cable.folder, 'report.json');
      const flags = [
        ...WATCH,
        '--report',
        file,
        '--report-every',
        '300ms',
        '--until-findings',
        '1',
      ];
      const watching = await Watching.on(cable.watched, flags);
      await watching.until(() => (existsSync(file) ? true : undefined), 3000).catch(() => true);
      expect(statSync(file).size).toBeGreaterThan(100);
      watching.child.kill('SIGUSR1');
      await watching.until(
        ({ out }) => (out.includes('Resets explained') ? true : undefined),
        3000,
      );
      await play(cable, KILL);
      await new Promise((resolve) => watching.child.once('close', resolve));
      expect(watching.child.exitCode).toBe(0);
      expect(watching.out).toMatch(
        /late-reset {2}10\.0\.0\.2:40001 -> 198\.51\.100\.9:27017 on w0/,
      );
      expect(watching.out.match(/What was read/g)).toHaveLength(2);
      const report = JSON.parse(readFileSync(file, 'utf8')) as { findingsTotal: number };
      expect(report.findingsTotal).toBe(1);
      expect([...Value.Errors(ReportSchema, report)]).toEqual([]);
    });
  });

  test('a plain user is told the three ways to be allowed', () => {
    const bin = join(import.meta.dirname, '..', 'bin', 'deadair');
    let said = '';
    try {
      execFileSync(
        'setpriv',
        ['--reuid', '65534', '--clear-groups', '--bounding-set', '-all', bin, 'watch', '-i', 'lo'],
        { stdio: 'pipe' },
      );
    } catch (thrown) {
      const { status, stderr } = thrown as { status: number; stderr: Buffer };
      expect(status).toBe(4);
      said = stderr.toString();
    }
    expect(said).toContain('(E_CAPTURE_DENIED)');
    for (const way of ['root', 'CAP_NET_RAW', 'tcpdump']) expect(said).toContain(way);
  });
});
