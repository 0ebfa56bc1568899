/** Hosts made bad on purpose, as endpoints: the doctor finds that one thing, and nothing else. */
import { describe, expect, test } from 'vitest';
import type { IdleTimeout } from '../../src/host/idle-timeout.ts';
import { type MadeUp, processFiles, tcpTable } from './made-up.ts';
import { ids, LOG, surveyed } from './surveyed.ts';

describe('a healthy host', () => {
  test('has nothing said about it, and nothing is hidden', async () => {
    const { findings, notSeen } = await surveyed({ programs: LOG });
    expect({ findings, notSeen }).toEqual({ findings: [], notSeen: [] });
  });

  test('whose kernel log may not be read says which right would show it', async () => {
    const { notSeen } = await surveyed({});
    expect(notSeen).toMatchObject([{ needs: expect.stringContaining('CAP_SYSLOG') }]);
  });
});

describe('keepalive sysctls', () => {
  const time = (seconds: number): MadeUp => ({
    files: { '/proc/sys/net/ipv4/tcp_keepalive_time': `${seconds}\n` },
    programs: LOG,
  });

  test('7200 s come too late for a box that waits 350 s', async () => {
    const { findings } = await surveyed(time(7200));
    expect(findings).toMatchObject([
      {
        id: 'keepalive-time-late',
        severity: 'warning',
        at: ['this host'],
        what: expect.stringContaining('7200 s'),
      },
    ]);
    expect(findings[0]?.cure[0]).toEqual({
      kind: 'set',
      text: 'sysctl -w net.ipv4.tcp_keepalive_time=175',
    });
  });

  test('as late as the box waits is too late, a second and an interval before is not', async () => {
    expect(ids(await surveyed(time(350)))).toEqual(['keepalive-time-late']);
    expect(ids(await surveyed(time(339)))).toEqual([]);
  });

  test('in time, but a lost probe is not made up for', async () => {
    expect(ids(await surveyed(time(345)))).toEqual(['keepalive-margin']);
  });

  test('15 retransmissions hang for a quarter of an hour', async () => {
    const files = { '/proc/sys/net/ipv4/tcp_retries2': '15\n' };
    expect(ids(await surveyed({ files, programs: LOG }))).toEqual(['retries-long']);
  });
});

describe('sockets', () => {
  const REMOTE = '198.51.100.9:27017';
  const host = (...sockets: Parameters<typeof tcpTable>[0]): MadeUp => {
    const made = processFiles([
      { pid: 812, name: 'mongod', uid: 999, sockets: [7001, 7002, 7003] },
    ]);
    const files = { ...made.files, '/proc/self/net/tcp': tcpTable(sockets) };
    return { ...made, files, programs: LOG };
  };

  test('one without SO_KEEPALIVE is found with its program and its peer', async () => {
    const found = await surveyed(
      host({ local: '10.0.0.2:40000', remote: REMOTE, inode: 7001, uid: 999 }),
    );
    expect(found.findings).toMatchObject([
      { id: 'socket-without-keepalive', at: ['mongod (pid 812): 1'] },
    ]);
    expect(found.programs).toMatchObject([
      { name: 'mongod', pids: [812], connections: { none: 1 }, peers: [{ where: `to ${REMOTE}` }] },
    ]);
    expect(found.findings[0]?.cure.some(({ text }) => text.startsWith('MongoDB'))).toBe(true);
  });

  test('more time left than the box waits proves a late probe, less proves nothing', async () => {
    const found = await surveyed(
      host(
        { local: '10.0.0.2:40000', remote: REMOTE, inode: 7001, timer: 350.01 },
        { local: '10.0.0.2:40001', remote: REMOTE, inode: 7002, timer: 350 },
      ),
    );
    expect(ids(found)).toEqual(['socket-keepalive-late']);
    expect(found.programs).toMatchObject([{ connections: { late: 1, armed: 1, none: 0 } }]);
  });

  test('a busy socket is unknown, neither good nor bad', async () => {
    const found = await surveyed(host({ local: '10.0.0.2:40000', remote: REMOTE, timer: 'busy' }));
    expect(ids(found)).toEqual([]);
    expect(found.programs).toMatchObject([{ connections: { unknown: 1, none: 0 } }]);
  });

  test('connections that stay on the machine cross no box', async () => {
    const found = await surveyed(
      host(
        { local: '127.0.0.1:40000', remote: '127.0.0.1:5432' },
        { local: '10.0.0.2:40000', remote: '10.0.0.2:5432' },
        { local: '10.0.0.2:5432', remote: '10.0.0.2:40000' },
      ),
    );
    expect(ids(found)).toEqual([]);
    expect(found.connections).toMatchObject({ judged: [], local: 3 });
  });

  test('a server is told by its listening port, whoever connects', async () => {
    const found = await surveyed(
      host(
        { local: '0.0.0.0:27017', state: 'listen' },
        { local: '10.0.0.2:27017', remote: '203.0.113.5:51000', inode: 7001 },
        { local: '10.0.0.2:27017', remote: '203.0.113.6:51000', inode: 7002 },
      ),
    );
    expect(found.programs).toMatchObject([{ peers: [{ where: 'on port 27017', connections: 2 }] }]);
  });

  test('against a report only the connections of its paths are judged, each against its own', async () => {
    const idle: IdleTimeout = {
      seconds: 90,
      from: 'report',
      paths: [
        { network: '198.51.100.0/24', port: 27017, seconds: 90 },
        { network: '203.0.113.7/32', port: 5432, seconds: 900 },
      ],
    };
    const found = await surveyed(
      host(
        { local: '10.0.0.2:40000', remote: REMOTE, timer: 100 },
        { local: '10.0.0.2:40001', remote: '203.0.113.7:5432', timer: 100 },
        { local: '10.0.0.2:40002', remote: '203.0.113.8:5432' },
      ),
      idle,
    );
    expect(found.connections).toMatchObject({
      judged: [{ keepalive: 'late' }, { keepalive: 'armed' }],
      elsewhere: 1,
    });
  });

  test('a socket whose owner may not be seen is counted under its user', async () => {
    const found = await surveyed(
      host({ local: '10.0.0.2:40000', remote: REMOTE, inode: 1, uid: 33 }),
    );
    expect(found.findings).toMatchObject([{ at: ['a process of user 33: 1'] }]);
  });
});

test('a /proc that hides the processes of others is said to', async () => {
  const own = processFiles([{ pid: 4711, name: 'node', uid: 1000 }]);
  const { notSeen } = await surveyed({ ...own, programs: LOG });
  expect(notSeen).toMatchObject([{ what: expect.stringContaining('hidepid') }]);
});

describe('another network namespace', () => {
  const container = 'c0ffee'.padEnd(64, '0');
  const made = processFiles([
    { pid: 1, name: 'init' },
    {
      pid: 500,
      name: 'redis-server',
      namespace: 'net:[2]',
      cgroup: `0::/docker/${container}\n`,
      sockets: [9],
    },
  ]);
  const table = {
    '/proc/500/net/tcp': tcpTable([
      { local: '172.17.0.2:6379', remote: '10.9.9.9:4000', inode: 9 },
    ]),
  };
  const entered = (args: readonly string[]): string =>
    args
      .filter((arg) => arg.startsWith('/proc/sys/net/ipv4/'))
      .map((path) => `${path}:${path.endsWith('_time') ? 7200 : 10}`)
      .join('\n');
  const files = { ...made.files, ...table };

  test('is found with its own late sysctls, and the cure enters it', async () => {
    const found = await surveyed({ ...made, files, programs: { ...LOG, nsenter: entered } });
    expect(ids(found)).toEqual(['keepalive-time-late', 'socket-without-keepalive']);
    expect(found.findings[0]).toMatchObject({
      at: ['container c0ffee000000, redis-server (pid 500)'],
      what: expect.stringContaining('this host itself has 60 s'),
    });
    expect(found.findings[0]?.cure[0]?.text).toBe(
      'nsenter -t 500 -n sysctl -w net.ipv4.tcp_keepalive_time=175',
    );
  });

  test('that may not be entered is named with the right that it takes; its sockets still count', async () => {
    const found = await surveyed({ ...made, files, programs: LOG });
    expect(ids(found)).toEqual(['socket-without-keepalive']);
    // Nor may its program be traced: the socket was judged by its timer.
    expect(found.notSeen.map(({ needs }) => needs)).toEqual([
      'CAP_SYS_PTRACE, and Linux 5.6',
      expect.stringContaining('CAP_SYS_ADMIN'),
    ]);
  });
});

test('the gravest finding comes first', async () => {
  const files = {
    '/proc/sys/net/ipv4/tcp_keepalive_time': '7200\n',
    '/proc/sys/net/ipv4/tcp_retries2': '15\n',
    '/proc/loadavg': '0.1 0.1 0.1 1/99999 4711\n',
  };
  const { findings } = await surveyed({ files, programs: LOG });
  expect(findings.map(({ severity }) => severity)).toEqual([
    'critical',
    'critical',
    'warning',
    'note',
  ]);
});
