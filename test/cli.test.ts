import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Value } from 'typebox/value';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../src/base/root.ts';
import { progressLine } from '../src/progress.ts';
import { ReportSchema } from '../src/report/schema.ts';
import { spoolStdin } from '../src/spool.ts';
import type { Terminal } from '../src/terminal.ts';
import { deadair } from './kit/analyse.ts';
import { type Said, said } from './kit/command.ts';
import { labFile } from './kit/lab.ts';
import { withFolder } from './kit/temporary.ts';

const INSIDE = labFile('reject', 'inside.pcap');
const SURVIVE = labFile('survive', 'inside.pcap');

const read = (...args: readonly string[]): Promise<Said> =>
  said(['read', '--shortest', '1s', ...args]);

describe('a mistake of the operator', () => {
  test.each([
    [['read'], 'E_USAGE'],
    [[], 'E_USAGE'],
    [['frobnicate'], 'E_USAGE'],
    [['help', 'frobnicate'], 'E_USAGE'],
    [['read', '--frobnicate', 'x.pcap'], 'E_USAGE'],
    [['read', '--json', '--csv', 'x.pcap'], 'E_USAGE'],
    [['read', '--json', '--html', '-', 'x.pcap'], 'E_USAGE'],
    [['read', '--together', 'x.pcap'], 'E_USAGE'],
    [['read', '--workers', 'many', 'x.pcap'], 'E_USAGE'],
    [['read', '--max-flows', '0', 'x.pcap'], 'E_USAGE'],
    [['read', '--shortest', 'soon', 'x.pcap'], 'E_DURATION'],
    [['read', '--shortest', '0s', 'x.pcap'], 'E_DURATION'],
    [['read', '-', '-'], 'E_USAGE'],
    [['read', '--headers-only', 'x.pcap'], 'E_USAGE'],
    [['schema', 'nothing'], 'E_USAGE'],
    [['watch'], 'E_USAGE'],
    [['watch', '-i', 'any', '--workers', '2'], 'E_USAGE'],
    [['watch', '-i', 'lo', '-i', 'lo'], 'E_USAGE'],
  ])('%j exits with 2, and says what is wrong and what to do', async (args, code) => {
    const { status, out, err } = await said(args);
    expect(status).toBe(2);
    expect(out).toBe('');
    expect(err).toMatch(new RegExp(`^deadair: .+ \\(${code}\\)\n  hint: .+\n$`));
  });

  test('a file where a command belongs is told which command that is', async () => {
    const { status, err } = await said([INSIDE]);
    expect(status).toBe(2);
    expect(err).toContain(`hint: captures are read with \`deadair read ${INSIDE}\``);
    expect((await said(['/nowhere/x.pcap'])).err).toContain('hint: see `deadair --help`');
  });

  test('a filter that does not compile is told in the words of libpcap', async () => {
    const { status, err } = await read('--filter', 'tcp prt 80', INSIDE);
    expect(status).toBe(2);
    expect(err).toContain('(E_CAPTURE_FILTER)');
  });

  test('a missing file exits with 3, and its hostile name does nothing', async () => {
    const { status, err } = await read('/nowhere/\u001b[2Jx.pcap');
    expect(status).toBe(3);
    expect(err).toContain('E_INPUT_MISSING');
    expect(err).not.toContain('\u001b');
  });

  test('a text file is no capture', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'notes.txt');
      writeFileSync(path, 'these are notes, not packets\n'.repeat(10));
      const { status, err } = await read('--json', path);
      expect({ status, err }).toMatchObject({
        status: 3,
        err: expect.stringContaining('(E_INPUT_FORMAT)'),
      });
    }));

  test('a key that is none is refused before anything is read', () =>
    withFolder(async (folder) => {
      const key = join(folder, 'key');
      writeFileSync(key, 'short');
      const { status, err } = await read(`--anonymize=${key}`, INSIDE);
      expect(status).toBe(2);
      expect(err).toContain('(E_ANONYMIZE_KEY)');
    }));
});

describe('deadair', () => {
  test('shows its version and its help on stdout', async () => {
    const manifest = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8'));
    expect((await said(['--version'])).out.trim()).toBe(manifest.version);
    expect((await said(['--help'])).out).toContain('read');
    const { status, out } = await said(['read', '--help']);
    expect(status).toBe(0);
    for (const flag of ['--json', '--ndjson', '--csv', '--shortest', '--filter', '--workers']) {
      expect(out).toContain(flag);
    }
    expect(out).toContain('Exit status');
  });

  test.each([
    [['-V'], ['--version']],
    [['-h'], ['--help']],
    [['help'], ['--help']],
    [
      ['help', 'read'],
      ['read', '--help'],
    ],
    [
      ['read', '-h'],
      ['read', '--help'],
    ],
  ])('%j answers as %j does', async (short, long) => {
    const answer = await said(short);
    expect(answer).toMatchObject({ status: 0, err: '' });
    expect(answer).toEqual(await said(long));
  });

  test('help on a command that is none says which', async () => {
    expect((await said(['help', 'nothing'])).err).toContain("unknown command 'nothing'");
  });

  test.each('read watch compare serve submit work dead backup doctor check schema'.split(' '))(
    '%s --help fits a terminal of 80 columns',
    async (command) => {
      const { out } = await said([command, '--help']);
      expect(out).toContain(`Usage: deadair ${command}`);
      expect(out.split('\n').filter((line) => line.length > 80)).toEqual([]);
    },
  );

  test('schema report prints the schema its reports keep to', async () => {
    const schema = JSON.parse((await said(['schema', 'report'])).out);
    const { out } = await read('--json', INSIDE);
    expect(schema).toEqual(JSON.parse(JSON.stringify(ReportSchema)));
    expect([...Value.Errors(schema, JSON.parse(out))]).toEqual([]);
  });
});

describe('deadair read', () => {
  test('tells the story of a capture in text', async () => {
    const { status, out, err } = await read(INSIDE);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).toMatch(/^16 connections to 198\.51\.100\.9:27017 died while silent/);
    expect(out).not.toContain('\u001b');
  });

  test.each([
    'reject',
    'drop',
    'haproxy',
    'mixed-reject',
    'restart-mixed',
    'app',
    'v6-reject',
    'push',
  ])('its JSON on %s keeps to the schema, and every count adds up', async (scenario) => {
    const { out } = await read('--json', labFile(scenario, 'gateway.pcapng'));
    const report = JSON.parse(out);
    expect([...Value.Errors(ReportSchema, report)]).toEqual([]);
    const sum = (counts: Record<string, number>) =>
      Object.values(counts).reduce((a, b) => a + b, 0);
    expect(sum(report.resets.byCause)).toBe(report.resets.total);
    const { observed, ...outcomes } = report.silences;
    expect(sum(outcomes)).toBe(observed);
    for (const { packets, tcpPackets, filteredPackets, skipped } of report.sources) {
      expect(tcpPackets + filteredPackets + sum(skipped)).toBe(packets);
    }
    const paths = new Set(report.paths.map(({ id }: { id: string }) => id));
    for (const finding of report.findings) expect(paths).toContain(finding.path);
  });

  test('NDJSON and CSV hold what JSON holds', async () => {
    const json = JSON.parse((await read('--json', INSIDE)).out);
    const lines = (await read('--ndjson', INSIDE)).out.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(json.findings);
    const rows = (await read('--csv', INSIDE)).out.trimEnd().split('\r\n');
    expect(rows.slice(1).map((row) => row.split(',')[0])).toEqual(
      json.findings.map(({ id }: { id: string }) => id),
    );
  });

  test('--max-findings cuts the list, never the totals', async () => {
    const report = JSON.parse((await read('--json', '--max-findings', '3', INSIDE)).out);
    expect(report).toMatchObject({ findingsTotal: 16, findingsOmitted: 13, resets: { total: 16 } });
    expect(report.findings).toHaveLength(3);
  });

  test('--filter leaves packets aside, and counts them', async () => {
    const all = JSON.parse((await read('--json', INSIDE)).out);
    const [one] = all.findings;
    const { port } = one.flow.originator;
    const report = JSON.parse((await read('--json', '--filter', `tcp port ${port}`, INSIDE)).out);
    expect(report.findings.map(({ id }: { id: string }) => id)).toEqual([one.id]);
    const [source] = report.sources;
    expect(source.filteredPackets).toBeGreaterThan(0);
    expect(source.tcpPackets + source.filteredPackets).toBe(240);
  });

  test('exit status 1 comes only with --fail-on-findings, and only with findings', async () => {
    expect((await read('--fail-on-findings', INSIDE)).status).toBe(1);
    expect((await read('--fail-on-findings', SURVIVE)).status).toBe(0);
  });

  test('a flag beats the environment, which beats the default', async () => {
    const shortest = async (env: Terminal['env'], ...flags: string[]) =>
      JSON.parse((await said(['read', '--json', ...flags, INSIDE], { env })).out).shortestSeconds;
    expect(await shortest({})).toBe(20);
    expect(await shortest({ DEADAIR_SHORTEST: '5s' })).toBe(5);
    expect(await shortest({ DEADAIR_SHORTEST: '5s' }, '--shortest', '2s')).toBe(2);
    expect((await said(['read', INSIDE], { env: { DEADAIR_SHORTEST: 'x' } })).err).toContain(
      'DEADAIR_SHORTEST: "x"',
    );
  });

  test('colour is for terminals that want it', async () => {
    const terminal = { outIsTerminal: true, columns: 100 };
    const painted = async (changes: Partial<Terminal>, ...flags: string[]) =>
      (await said(['read', '--shortest', '1s', ...flags, INSIDE], changes)).out.includes('\u001b[');
    expect(await painted(terminal)).toBe(true);
    expect(await painted({})).toBe(false);
    expect(await painted(terminal, '--no-color')).toBe(false);
    expect(await painted({ ...terminal, env: { NO_COLOR: '1' } })).toBe(false);
    expect(await painted({ ...terminal, env: { TERM: 'dumb' } })).toBe(false);
  });

  test('a file cut in the middle is reported as far as it goes', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'cut.pcap');
      const whole = readFileSync(INSIDE);
      writeFileSync(path, whole.subarray(0, whole.length - 7));
      const { status, out } = await read('--json', path);
      const report = JSON.parse(out);
      expect(status).toBe(0);
      expect(report).toMatchObject({
        complete: false,
        sources: [{ complete: false, packets: 239 }],
      });
      expect(report.sources[0].problem.code).toMatch(/^E_INPUT_/);
      expect((await read(path)).out).toContain('STOPPED at byte');
    }));

  test('--anonymize takes no file behind it for a key, and says its fresh key', async () => {
    const { status, out, err } = await read('--json', '--anonymize', INSIDE);
    expect(status).toBe(0);
    expect(out).not.toContain('192.168.77.2');
    expect(err).toMatch(/fresh key, keep it secret: [0-9a-f]{64}\n$/);
  });

  test('the same key makes the same addresses', () =>
    withFolder(async (folder) => {
      const key = join(folder, 'key');
      writeFileSync(key, '0f'.repeat(32));
      const once = await read('--json', `--anonymize=${key}`, INSIDE);
      expect(once.err).toBe('');
      expect((await read('--json', `--anonymize=${key}`, INSIDE)).out).toBe(once.out);
    }));

  test('--carve writes a file a finding, named by its id', () =>
    withFolder(async (folder) => {
      const { out, err } = await read('--json', '--carve', folder, INSIDE);
      const ids = JSON.parse(out).findings.map(({ id }: { id: string }) => `${id}.pcap`);
      expect(readdirSync(folder).sort()).toEqual(ids.sort());
      expect(err).toContain('16 files');
      expect((await read('--quiet', '--carve', folder, INSIDE)).err).toBe('');
    }));
});

describe('stdin', () => {
  async function* chunks(...sizes: readonly number[]): AsyncGenerator<Uint8Array> {
    for (const size of sizes) yield await Promise.resolve(new Uint8Array(size).fill(size));
  }
  const { signal } = new AbortController();

  test('is kept whole in a file for as long as carving takes', async () => {
    const spool = await spoolStdin(signal, chunks(3, 2), 5);
    expect([...readFileSync(spool.path)]).toEqual([3, 3, 3, 2, 2]);
    spool.remove();
    expect(() => readFileSync(spool.path)).toThrow(/ENOENT/);
  });

  test('is refused when it is longer than that file may be', async () => {
    await expect(spoolStdin(signal, chunks(3, 3), 5)).rejects.toMatchObject({
      code: 'E_CARVE_STREAM',
    });
  });
});

test('progress says how far, how much and how long', () => {
  const half = { bytesRead: 5e8, bytesTotal: 1e9, packets: 12_345_678, records: 3 };
  expect(progressLine(half, 30_000)).toBe(
    'reading: 50 %, 500 MB of 1.0 GB, 12.3 M packets, 0:30 left',
  );
  const pipe = { bytesRead: 5e8, bytesTotal: 0, packets: 12_345_678, records: 3 };
  expect(progressLine(pipe, 30_000)).toBe('reading: 500 MB, 12.3 M packets');
});

describe('the executable', () => {
  const COMMAND = join(packageRoot(), 'bin', 'deadair');

  test('answers as the command in this process does', async () => {
    const ran = await deadair(['read', '--json', '--shortest', '1s', INSIDE]);
    expect(ran).toEqual({ stdout: (await read('--json', INSIDE)).out, stderr: '', exit: 0 });
    expect((await deadair(['read'])).exit).toBe(2);
  });

  test('reads stdin, and carves from it', () =>
    withFolder(async (folder) => {
      const out = join(folder, 'carved');
      mkdirSync(out);
      const child = spawn(COMMAND, ['read', '--json', '--shortest', '1s', '--carve', out, '-']);
      child.stdin.end(readFileSync(INSIDE));
      let stdout = '';
      for await (const chunk of child.stdout) stdout += String(chunk);
      const report = JSON.parse(stdout);
      expect(report).toMatchObject({ findingsTotal: 16, sources: [{ name: '-' }] });
      expect(readdirSync(out)).toHaveLength(16);
    }));

  test('ends quietly when nobody reads on', async () => {
    const child = spawn(COMMAND, ['read', '--ndjson', '--shortest', '1s', INSIDE]);
    child.stdout.destroy();
    let stderr = '';
    child.stderr.on('data', (chunk) => (stderr += String(chunk)));
    const status = await new Promise((resolve) => child.on('close', resolve));
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  test('says when its output cannot be written', async () => {
    const full = openSync('/dev/full', 'w');
    const child = spawn(COMMAND, ['read', INSIDE], { stdio: ['ignore', full, 'pipe'] });
    let stderr = '';
    child.stderr?.on('data', (chunk) => (stderr += String(chunk)));
    const status = await new Promise((resolve) => child.on('close', resolve));
    closeSync(full);
    expect(status).toBe(3);
    expect(stderr).toContain('ENOSPC (E_OUTPUT)');
  });

  test('stops at an interrupt, while it waits for a pipe', async () => {
    const child = spawn(COMMAND, ['read', '-']);
    const capture = readFileSync(INSIDE);
    const records = Array.from({ length: 100 }, () => capture.subarray(24));
    // More than a pipe holds: once it is gone, the command is reading.
    const more = Buffer.concat([capture.subarray(0, 24), ...records]);
    await new Promise((resolve) => child.stdin.write(more, resolve));
    const asked = performance.now();
    const ended = new Promise((resolve) => child.on('exit', resolve));
    expect(child.kill('SIGINT')).toBe(true);
    const status = await ended;
    expect(status).toBe(130);
    expect(performance.now() - asked).toBeLessThan(3000);
  });
});
