import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../src/base/root.ts';
import { alerts, parseRange } from '../src/check-range.ts';
import { madeUpFolder, processFiles, tcpTable } from './host/made-up.ts';
import { type Pair, pairOfNamespaces, whyNot } from './host/namespaces.ts';
import { deadair } from './kit/analyse.ts';
import { said } from './kit/command.ts';
import { withFolder } from './kit/temporary.ts';

const check = (...args: readonly string[]) => said(['check', ...args]);

/**
 * The table of the guidelines ("Threshold and ranges", examples), with values on both sides of
 * each end.
 */
describe('a range of the guidelines', () => {
  test.each([
    ['10', [-1, 11, 10.001], [0, 5, 10]],
    ['10:', [9, -5], [10, 1e9]],
    [':10', [-1, 11], [0, 10]],
    ['~:10', [11], [-1e9, 0, 10]],
    ['10:20', [9, 21], [10, 15, 20]],
    ['@10:20', [10, 15, 20], [9, 21]],
    ['@10', [0, 5, 10], [-1, 11]],
    ['-5:5', [-6, 6], [-5, 0, 5]],
    ['0.5:1.5', [0.4, 1.6], [0.5, 1.5]],
    ['0', [-1, 1], [0]],
    ['~:', [], [-1e9, 1e9]],
  ])('%s alerts at %j and not at %j', (text, bad, good) => {
    const range = parseRange(text);
    if (range === null) throw new Error(`${text} is a range`);
    expect(bad.filter((value) => !alerts(range, value))).toEqual([]);
    expect(good.filter((value) => alerts(range, value))).toEqual([]);
  });

  test.each([
    '',
    '@',
    '~',
    '20:10',
    '1:2:3',
    'a',
    '10:b',
    '1e3',
    '+5',
    ' 5',
    '5%',
    '@@5',
    '5:~',
    '-',
  ])('"%s" is none', (text) => expect(parseRange(text)).toBeNull());

  test('"@" turns every range round', () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(), fc.integer(), (start, length, value) => {
        const text = `${start}:${start + length}`;
        const [plain, inside] = [parseRange(text), parseRange(`@${text}`)];
        if (plain === null || inside === null) return false;
        return alerts(plain, value) !== alerts(inside, value);
      }),
    );
  });
});

const HOUR = 3_600_000;
const at = (hours: number): string => new Date(Date.UTC(2026, 0, 1) + hours * HOUR).toISOString();
const source = (from: number, to: number, droppedPackets = 0) => ({
  firstAt: at(from),
  lastAt: at(to),
  droppedPackets,
});
const killed = (...verdicts: readonly string[]) =>
  verdicts.map((verdict, i) => ({ id: `f_${i}`, verdict, sameAs: [] }));
const path = (
  status: string,
  low: number | null,
  estimate: number | null,
  high: number | null,
) => ({
  responder: { network: '198.51.100.9/32', port: 27017 },
  timeout: { status, lowSeconds: low, estimateSeconds: estimate, highSeconds: high },
});

const REPORT = {
  schema: 'deadair.report/1',
  sources: [source(0, 2)],
  findings: killed('box-timeout', 'burst', 'endpoint-timer', 'possible-box-timeout'),
  findingsOmitted: 0,
  paths: [
    path('estimated', 88, 90, 92),
    path('estimated', 340, 350, 360),
    path('refused', 5, null, null),
  ],
};

/** `age`: seconds since the report was written. */
function withReport(report: object, use: (file: string) => Promise<void>, age = 0): Promise<void> {
  return withFolder(async (folder) => {
    const file = join(folder, 'report.json');
    writeFileSync(file, JSON.stringify(report));
    const written = Date.now() / 1000 - age;
    utimesSync(file, written, written);
    await use(file);
  });
}

const line = async (...args: readonly string[]) => {
  const { status, out, err } = await check(...args);
  expect(err).toBe('');
  expect(out).toMatch(/^DEADAIR (?:OK|WARNING|CRITICAL|UNKNOWN) - [^|\n]+(?:\| \S+)?\n$/);
  return { status, out: out.trimEnd() };
};

const unknown = (code: string) => ({
  status: 3,
  out: expect.stringMatching(new RegExp(`^DEADAIR UNKNOWN - .*\\(${code}\\)`)),
});

describe('kills', () => {
  const kills = (report: object, ...args: readonly string[]) => {
    let answer = { status: -1, out: '' };
    return withReport(report, async (file) => {
      answer = await line('--metric', 'kills', '--report', file, ...args);
    }).then(() => answer);
  };

  test('are those of a box, an hour of capture; bursts and timers of applications are none', async () => {
    expect(await kills(REPORT, '-w', '1', '-c', '10')).toEqual({
      status: 0,
      out: 'DEADAIR OK - 1 kills/h | kills=1;1;10;0',
    });
    const three = { ...REPORT, findings: killed(...Array<string>(6).fill('box-timeout')) };
    expect(await kills(three, '-w', '1', '-c', '10')).toEqual({
      status: 1,
      out: 'DEADAIR WARNING - 3 kills/h | kills=3;1;10;0',
    });
    expect(await kills(three, '-w', '1', '-c', '2')).toMatchObject({ status: 2 });
  });

  test('seen on both sides of a box are one', async () => {
    const [inside] = killed('box-timeout');
    const outside = { ...inside, id: 'f_outside', sameAs: ['f_0'] };
    const findings = [{ ...inside, sameAs: ['f_outside'] }, outside];
    expect((await kills({ ...REPORT, findings })).out).toContain('DEADAIR OK - 0.5 kills/h ');
  });

  test('time that nobody captured does not count, nor time that two files cover twice', async () => {
    const sources = [source(0, 1), source(0.5, 1), source(10, 11)];
    expect((await kills({ ...REPORT, sources })).out).toContain('1 kills/h');
  });

  test('of a report that covers no time, or leaves findings out, are unknown', async () => {
    expect(await kills({ ...REPORT, sources: [source(1, 1)] })).toEqual(unknown('E_INPUT_EMPTY'));
    expect(await kills({ ...REPORT, sources: [{ firstAt: null, lastAt: null }] })).toEqual(
      unknown('E_INPUT_EMPTY'),
    );
    expect(await kills({ ...REPORT, findingsOmitted: 3 })).toEqual(unknown('E_INPUT_FORMAT'));
  });
});

describe('timeout', () => {
  test('is the lowest that was estimated', () =>
    withReport(REPORT, async (file) => {
      expect(await line('--metric', 'timeout', '--report', file, '-c', '300:')).toEqual({
        status: 2,
        out: 'DEADAIR CRITICAL - lowest idle timeout 90 s, to 198.51.100.9/32 port 27017 | timeout=90s;;300:;0',
      });
    }));

  test('where only an upper end is known, that counts', () =>
    withReport({ ...REPORT, paths: [path('bounded', null, null, 120)] }, async (file) => {
      expect((await line('--metric', 'timeout', '--report', file)).out).toContain('timeout=120s');
    }));

  test('none at all is no fault', () =>
    withReport({ ...REPORT, paths: [] }, async (file) => {
      expect(await line('--metric', 'timeout', '--report', file, '-c', '300:')).toEqual({
        status: 0,
        out: 'DEADAIR OK - no idle timeout in the report | timeout=U;;300:;0',
      });
    }));
});

describe('drops', () => {
  test('of a report are the packets that its captures lost', () =>
    withReport({ ...REPORT, sources: [source(0, 1, 5), source(1, 2, 2)] }, async (file) => {
      expect(await line('--metric', 'drops', '--report', file, '-w', '0')).toMatchObject({
        status: 1,
        out: expect.stringContaining('| drops=7;0;;0'),
      });
    }));

  test('of this host are a counter over rings, interfaces, queues and the connection table', async () => {
    const root = madeUpFolder({
      files: {
        '/proc/self/net/dev': 'a\nb\n eth0: 0 9 0 3 2 0 0 0 0 9 0 4 0 0 0 0\n',
        '/proc/self/net/softnet_stat': '00000009 0000000a 00000000\n',
        '/proc/self/net/stat/nf_conntrack': 'entries drop\n00000001 00000010\n',
        '/proc/sys/net/netfilter/nf_conntrack_count': '1\n',
        '/proc/sys/net/netfilter/nf_conntrack_max': '9\n',
      },
    });
    expect((await line('--metric', 'drops', '--proc-root', root)).out).toBe(
      'DEADAIR OK - 35 packets dropped since boot: ring 2, interfaces 7, queues 10, conntrack 16 | drops=35c;;;0',
    );
  });
});

describe('keepalive', () => {
  const root = () => {
    const made = processFiles([{ pid: 812, name: 'mongod|evil', sockets: [1, 2, 3] }]);
    const remote = '198.51.100.9:27017';
    const table = tcpTable([
      { local: '10.0.0.2:1', remote, inode: 1 },
      { local: '10.0.0.2:2', remote, inode: 2, timer: 300 },
      { local: '10.0.0.2:3', remote, inode: 3, timer: 'busy' },
    ]);
    return madeUpFolder({ ...made, files: { ...made.files, '/proc/self/net/tcp': table } });
  };

  test('counts the connections that it would not save, and names the programs', async () => {
    const asked = ['--metric', 'keepalive', '--proc-root', root(), '-w', '0'];
    expect(await line(...asked)).toMatchObject({
      status: 1,
      out: expect.stringContaining(
        '2 connections without keepalive within 240 s: mongod\\x7cevil 2',
      ),
    });
    expect((await line(...asked, '--idle-timeout', '350s')).out).toContain('| keepalive=1;0;;0');
  });

  test('against a report each path has its own timeout', () =>
    withReport(REPORT, async (file) => {
      const asked = ['--metric', 'keepalive', '--proc-root', root(), '--report', file];
      expect((await line(...asked)).out).toContain('| keepalive=2;;;0');
    }));
});

describe('UNKNOWN, and nothing else, is', () => {
  test.each([
    [[], 'E_USAGE'],
    [['--metric', 'kills'], 'E_USAGE'],
    [['--metric', 'frobs'], 'E_USAGE'],
    [['--metric', 'drops', '-w', '5:1'], 'E_USAGE'],
    [['--metric', 'drops', '-w'], 'E_USAGE'],
    [['--metric', 'drops', '-t', 'soon'], 'E_USAGE'],
    [['--metric', 'drops', '-t', '0'], 'E_USAGE'],
    [['--metric', 'drops', '--frobnicate'], 'E_USAGE'],
    [['--metric', 'drops', 'something'], 'E_USAGE'],
    [['--metric', 'drops', '--max-age', 'soon'], 'E_DURATION'],
    [['--metric', 'kills', '--report', '/nowhere'], 'E_INPUT_MISSING'],
    [['--metric', 'kills', '--report', '/tmp'], 'E_INPUT_IS_DIRECTORY'],
    [['--metric', 'kills', '--report', '/dev/null'], 'E_INPUT_NOT_A_FILE'],
    [['--metric', 'kills', '--report', join(packageRoot(), 'package.json')], 'E_INPUT_FORMAT'],
    [['--metric', 'kills', '--server', 'http://127.0.0.1:9'], 'E_SERVER_UNREACHABLE'],
    [['--metric', 'keepalive', '--server', 'http://127.0.0.1:9'], 'E_USAGE'],
    [['--metric', 'agents'], 'E_USAGE'],
  ])('%j', async (args, code) => {
    expect(await line(...args)).toEqual(unknown(code));
  });

  test('a report that is older than it may be', async () => {
    const asked = (file: string, ...args: readonly string[]) =>
      line('--metric', 'kills', '--report', file, ...args);
    await withReport(
      REPORT,
      async (file) => {
        expect(await asked(file)).toEqual(unknown('E_INPUT_STALE'));
        expect(await asked(file, '--max-age', '3h')).toMatchObject({ status: 0 });
      },
      2 * 3600,
    );
  });

  test('an answer that takes too long', async () => {
    const asked = ['--metric', 'keepalive', '-t', '0.000001'];
    expect(await line(...asked)).toEqual(unknown('E_CHECK_TIMEOUT'));
  });

  test('help, as the guidelines ask for it', async () => {
    const { status, out } = await check('--help');
    expect({ status, out }).toMatchObject({ status: 3, out: expect.stringContaining('--metric') });
  });
});

/** The kernel's own /proc of two real namespaces, without the rest of this machine. */
function procOf({ server, client }: Pair, folder: string): string {
  mkdirSync(join(folder, 'proc'));
  const entries = [
    [client, 'self'],
    [client, client],
    [server, server],
    ['sys', 'sys'],
  ] as const;
  for (const [to, name] of entries) symlinkSync(`/proc/${to}`, join(folder, 'proc', String(name)));
  return folder;
}

describe('a host made bad on purpose', () => {
  test('in namespaces: of three connections two are seen to die at the client, and all at the server', (ctx) =>
    withFolder(async (folder) => {
      const reason = whyNot();
      ctx.skip(reason !== null, reason ?? '');
      const root = procOf(await pairOfNamespaces(), folder);
      const asked = ['--metric', 'keepalive', '--proc-root', root, '-w', '4', '-c', '6'];
      // The client's: none, 7100 s and 60 s; the server asks for no keepalive.
      expect(await line(...asked, '--idle-timeout', '350s')).toEqual({
        status: 1,
        out: expect.stringMatching(
          /^DEADAIR WARNING - 5 connections .* within 350 s: node 5 .*\| keepalive=5;4;6;0$/,
        ),
      });
      expect((await line(...asked, '--idle-timeout', '7200s')).out).toContain('| keepalive=4;');
      expect((await line(...asked, '--idle-timeout', '30s')).out).toContain('| keepalive=6;');
    }));
});

describe('the executable', () => {
  test('exits with 3 for a mistake in the call, and speaks on stdout', async () => {
    const { exit, stdout, stderr } = await deadair(['check', '--frobnicate']);
    expect({ exit, stderr }).toEqual({ exit: 3, stderr: '' });
    expect(stdout).toMatch(/^DEADAIR UNKNOWN - .*\n$/);
  });

  test('asks this machine', async () => {
    const { exit, stdout } = await deadair(['check', '--metric', 'keepalive', '--critical', '~:']);
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^DEADAIR OK - \d+ connections .* \| keepalive=\d+;;~:;0\n$/);
  });
});
