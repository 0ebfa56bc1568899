import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Value } from 'typebox/value';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../src/base/root.ts';
import { KINDS } from '../src/host/finding.ts';
import { type DoctorDocument, DoctorSchema } from '../src/host/schema.ts';
import { madeUpFolder, processFiles, tcpTable } from './host/made-up.ts';
import { pairOfNamespaces, whyNot } from './host/namespaces.ts';
import { deadair } from './kit/analyse.ts';
import { said } from './kit/command.ts';
import { labFile } from './kit/lab.ts';
import { withFolder } from './kit/temporary.ts';

const HOSTILE = '\u001b[2Jmongod';

function sickHost(): string {
  const made = processFiles([{ pid: 812, name: HOSTILE, uid: 999, sockets: [7001] }]);
  const sockets = [
    { local: '10.0.0.2:40000', remote: '198.51.100.9:27017', inode: 7001, uid: 999 },
  ];
  return madeUpFolder({
    links: made.links,
    files: {
      ...made.files,
      '/proc/self/net/tcp': tcpTable(sockets),
      '/proc/sys/net/ipv4/tcp_keepalive_time': '7200\n',
    },
  });
}

const doctor = (...args: readonly string[]) => said(['doctor', ...args]);

async function document(...args: readonly string[]): Promise<DoctorDocument> {
  const { status, out } = await doctor('--json', ...args);
  expect(status).toBe(0);
  const parsed = JSON.parse(out) as DoctorDocument;
  expect([...Value.Errors(DoctorSchema, parsed)]).toEqual([]);
  return parsed;
}

describe('deadair doctor', () => {
  test('tells what is wrong, why, and the line that cures it', async () => {
    const { out } = await doctor('--proc-root', sickHost(), '--timeout', '350s');
    expect(out).toContain('made-up (Linux 6.1.0): 2 warnings.');
    expect(out).toContain('Held against an idle timeout of 350 s (--timeout).');
    expect(out).toMatch(/^ {2}cure {4}sysctl -w net\.ipv4\.tcp_keepalive_time=175$/m);
    expect(out).toMatch(/^ {2}source {2}https:/m);
    expect(out).toContain('What could not be seen');
  });

  test('fits a terminal of 80 columns, but for lines that are to be copied', async () => {
    const { out } = await said(['doctor', '--proc-root', sickHost(), '--no-color'], {
      columns: 80,
    });
    const wide = out.split('\n').filter((line) => line.length > 80);
    expect(wide.filter((line) => !/SO_KEEPALIVE 1, TCP_KEEPIDLE|https:/.test(line))).toEqual([]);
  });

  test('the name of a program does nothing to the terminal', async () => {
    const root = sickHost();
    const { out } = await doctor('--proc-root', root);
    expect(out).toContain('\\x1b[2Jmongod');
    expect(out).not.toContain('\u001b');
    expect((await doctor('--json', '--proc-root', root)).out).not.toContain('\u001b');
  });

  test('told no timeout, it says which one it assumes', async () => {
    const root = sickHost();
    expect((await doctor('--proc-root', root)).out).toContain('No idle timeout was given');
    expect((await document('--proc-root', root)).timeout).toEqual({
      seconds: 240,
      from: 'assumed',
      paths: [],
    });
  });

  test('takes the timeouts of a report, path by path', () =>
    withFolder(async (folder) => {
      const report = join(folder, 'report.json');
      const read = ['read', '--json', '--shortest', '1s', labFile('reject', 'inside.pcap')];
      writeFileSync(report, (await said(read)).out);
      const found = await document('--proc-root', sickHost(), '--report', report);
      expect(found.timeout).toMatchObject({
        from: 'report',
        paths: [{ network: '198.51.100.9/32', port: 27017 }],
      });
      expect(found.timeout.seconds).toBeGreaterThan(4);
      expect(found.timeout.seconds).toBeLessThan(7);
      expect(found.sockets).toMatchObject({ judged: 1, elsewhere: 0, none: 1 });
    }));

  test('names every unprotected connection with its process', async () => {
    const { sockets } = await document('--proc-root', sickHost());
    expect(sockets.unprotected).toMatchObject([
      { remote: { address: '198.51.100.9', port: 27017 }, keepalive: 'none', pid: 812 },
    ]);
  });

  test('--fail-on-findings fails for a warning, not for a note', async () => {
    expect((await doctor('--fail-on-findings', '--proc-root', sickHost())).status).toBe(1);
    const note = madeUpFolder({ files: { '/proc/sys/net/ipv4/tcp_retries2': '15\n' } });
    expect((await doctor('--fail-on-findings', '--proc-root', note)).status).toBe(0);
  });

  test.each([
    [['--timeout', 'soon'], 2, 'E_DURATION'],
    [['--timeout', '1s', '--report', 'x'], 2, 'E_USAGE'],
    [['--frobnicate'], 2, 'E_USAGE'],
    [['--report', '/nowhere/report.json'], 3, 'E_INPUT_MISSING'],
    [['--report', join(packageRoot(), 'package.json')], 3, 'E_INPUT_FORMAT'],
  ])('%j exits with %i and says why', async (args, status, code) => {
    expect(await doctor(...args)).toMatchObject({
      status,
      out: '',
      err: expect.stringContaining(`(${code})`),
    });
  });

  test('schema doctor prints the schema that its document keeps to', async () => {
    const schema: unknown = JSON.parse((await said(['schema', 'doctor'])).out);
    expect(schema).toEqual(JSON.parse(JSON.stringify(DoctorSchema)));
  });

  test('every finding it can make is in docs/doctor.md, and no other', () => {
    const text = readFileSync(join(packageRoot(), 'docs', 'doctor.md'), 'utf8');
    const rows = [...text.matchAll(/^\| `([a-z-]+)` \|.*\| (?:critical|warning|note) \|$/gm)].map(
      ([, id = '']) => id,
    );
    expect(new Set(rows)).toEqual(new Set(Object.keys(KINDS)));
    expect(rows).toHaveLength(Object.keys(KINDS).length);
  });
});

const factsOf = ({ namespaces, notSeen }: DoctorDocument) => ({
  keepalive: namespaces[0]?.keepalive ?? null,
  needs: notSeen.map(({ needs }) => needs),
});

describe('this machine', () => {
  test('asks the sockets themselves: 7100 s are late for a box of 7100 s, though less is left', async (ctx) => {
    const reason = whyNot();
    ctx.skip(reason !== null, reason ?? '');
    const { client } = await pairOfNamespaces();
    const { sockets } = await document('--timeout', '7100s');
    const late = sockets.unprotected.filter(
      ({ pid, keepalive }) => pid === client && keepalive === 'late',
    );
    expect(late).toMatchObject([{ idleSeconds: 7100, timeoutSeconds: 7100 }]);
    expect(late[0]?.remainingSeconds).toBeLessThan(7100);
  });

  test('is looked at by the executable, whoever runs it', async () => {
    const { exit, stdout, stderr } = await deadair(['doctor', '--json']);
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    expect([...Value.Errors(DoctorSchema, JSON.parse(stdout))]).toEqual([]);
  });

  test('looks for a user without rights too, and says which rights would show more', async (ctx) => {
    const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups'];
    const command = join(packageRoot(), 'bin', 'deadair');
    const reaches = spawnSync('setpriv', [...nobody, command, '--version']).status === 0;
    ctx.skip(!reaches, 'a plain user cannot be made here, or does not reach this checkout');
    const asked = [...nobody, command, 'doctor', '--json'];
    const { status, stdout } = spawnSync('setpriv', asked, { encoding: 'utf8' });
    const { keepalive, needs } = factsOf(JSON.parse(stdout) as DoctorDocument);
    expect(status).toBe(0);
    expect(keepalive?.timeSeconds).toBeGreaterThan(0);
    expect(needs).toContain('CAP_SYS_PTRACE');
  });

  test('with containers made bad on purpose: their sysctls, sockets and table', async (ctx) => {
    const reason = whyNot();
    ctx.skip(reason !== null, reason ?? '');
    const { server, client } = await pairOfNamespaces();
    const { namespaces, sockets, findings } = await document('--timeout', '350s');
    const namespaceOf = (pid: number) => namespaces.find((each) => each.pid === pid);
    expect(namespaceOf(client)).toMatchObject({ isOwn: false, keepalive: { timeSeconds: 7100 } });
    expect(namespaceOf(server)).toMatchObject({
      keepalive: { timeSeconds: 100 },
      conntrack: { entries: 3, establishedSeconds: 900 },
    });
    const programOf = (pid: number) => sockets.programs.find(({ pids }) => pids.includes(pid));
    expect(programOf(client)).toMatchObject({
      connections: { none: 1, late: 1, armed: 1, unknown: 0 },
      peers: [{ where: 'to 10.77.0.1:27017', connections: 3 }],
    });
    expect(programOf(server)).toMatchObject({ peers: [{ where: 'on port 27017' }] });
    expect(sockets.exact).toBeGreaterThanOrEqual(6);
    const late = findings.filter(({ id }) => id === 'keepalive-time-late').flatMap(({ at }) => at);
    expect(late).toContain(namespaceOf(client)?.name);
    expect(late).not.toContain(namespaceOf(server)?.name);
    const boxes = findings.filter(({ id }) => id === 'conntrack-timeout-short');
    const short = boxes.find(({ at }) => at.includes(namespaceOf(server)?.name ?? ''));
    expect(short).toMatchObject({ at: [namespaceOf(server)?.name] });
    expect(short?.cure[0]?.text).toMatch(new RegExp(`^nsenter -t ${server} -n sysctl -w `));
  });
});
