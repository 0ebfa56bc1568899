/** Hosts whose trouble looks like the network's: memory nodes, limits, hung tasks. */
import { describe, expect, test } from 'vitest';
import { type MadeUp, processFiles } from './made-up.ts';
import { ids, LOG, surveyed } from './surveyed.ts';

describe('memory nodes', () => {
  const nodes = (online: string, maps: string, mode = 0): MadeUp => {
    const made = processFiles([{ pid: 812, name: 'mongod', uid: 999 }]);
    const files = {
      ...made.files,
      '/proc/812/numa_maps': maps,
      '/proc/sys/vm/zone_reclaim_mode': `${mode}\n`,
      '/sys/devices/system/node/online': `${online}\n`,
    };
    return { ...made, files, programs: LOG };
  };
  const NEAR = '55d0 default file=/usr/bin/mongod mapped=2 N0=2\n55d1 default heap anon=5 N0=5\n';
  const SPREAD = NEAR.replaceAll('default', 'interleave:0-1');

  test('a mongod that was not started under interleave, on two nodes', async () => {
    const found = await surveyed(nodes('0-1', NEAR));
    expect(found.findings).toMatchObject([
      { id: 'numa-not-interleaved', at: ['mongod (pid 812)'] },
    ]);
  });

  test('under interleave, or on one node, there is nothing to say', async () => {
    expect(ids(await surveyed(nodes('0-1', SPREAD)))).toEqual([]);
    expect(ids(await surveyed(nodes('0', NEAR, 1)))).toEqual([]);
  });

  test('zone_reclaim_mode other than 0', async () => {
    expect(ids(await surveyed(nodes('0,2', SPREAD, 1)))).toEqual(['zone-reclaim']);
  });
});

describe('limits', () => {
  test('threads near kernel.threads-max, before "Cannot allocate memory"', async () => {
    const files = {
      '/proc/loadavg': '0.1 0.1 0.1 1/96000 4711\n',
      '/proc/sys/kernel/pid_max': '4194304\n',
    };
    expect((await surveyed({ files, programs: LOG })).findings).toMatchObject([
      {
        id: 'threads-near-limit',
        severity: 'critical',
        what: expect.stringContaining('threads-max'),
      },
    ]);
  });

  test('a user near RLIMIT_NPROC; root is exempt', async () => {
    const processes = [
      { pid: 10, name: 'java', uid: 1000, threads: 900, limit: 4096 },
      { pid: 11, name: 'java', uid: 1000, threads: 100, limit: 1024 },
      { pid: 12, name: 'root', uid: 0, threads: 5000, limit: 1024 },
    ];
    expect((await surveyed({ ...processFiles(processes), programs: LOG })).findings).toMatchObject([
      { id: 'nproc-near-limit', what: expect.stringContaining('user 1000 has 1,000 threads') },
    ]);
  });

  test.each([
    ['0::/system.slice/mongod.service\n', '/sys/fs/cgroup/system.slice/mongod.service'],
    ['8:pids:/m.service\n0::/\n', '/sys/fs/cgroup/pids/m.service'],
  ])('a control group near pids.max, and one that refused: %j', async (cgroup, folder) => {
    const made = processFiles([{ pid: 10, name: 'mongod', uid: 999, cgroup }]);
    const files = {
      ...made.files,
      [`${folder}/pids.current`]: '99\n',
      [`${folder}/pids.max`]: '100\n',
      [`${folder}/pids.events`]: 'max 7\n',
    };
    const found = await surveyed({ ...made, files, programs: LOG });
    expect(ids(found)).toEqual(['pids-near-limit', 'pids-limit-hit']);
    expect(found.findings[1]?.what).toContain('refused 7 times');
  });

  test('strict overcommit near its limit', async () => {
    const files = {
      '/proc/sys/vm/overcommit_memory': '2\n',
      '/proc/meminfo': 'CommitLimit:    1000 kB\nCommitted_AS:     990 kB\n',
    };
    expect(ids(await surveyed({ files, programs: LOG }))).toEqual(['memory-commit-near-limit']);
  });
});

describe('the kernel log', () => {
  const log = (...lines: readonly string[]): MadeUp => ({
    programs: { dmesg: () => lines.join('\n') },
  });

  test('hung tasks, with who hung', async () => {
    const found = await surveyed(
      log(
        '[ 363.1] INFO: task mongod:812 blocked for more than 120 seconds.',
        '[ 363.2]       Not tainted 3.2.0-4-amd64',
        '[ 483.1] INFO: task mongod:812 blocked for more than 120 seconds.',
      ),
    );
    expect(found.findings).toMatchObject([
      {
        id: 'hung-tasks',
        severity: 'critical',
        at: ['mongod:812'],
        what: expect.stringContaining('2 reports'),
      },
    ]);
  });

  test('a full table, a refused fork, a killed process', async () => {
    const found = await surveyed(
      log(
        '[1.0] nf_conntrack: nf_conntrack: table full, dropping packet',
        '[2.0] cgroup: fork rejected by pids controller in /system.slice/m.service',
        '[3.0] Out of memory: Killed process 812 (mongod) total-vm:1kB',
      ),
    );
    expect(ids(found)).toEqual(['conntrack-full-logged', 'fork-rejected-logged', 'oom-killed']);
  });

  test('the journal answers where dmesg may not', async () => {
    const journalctl = () =>
      'Jan 01 host kernel: INFO: task a:1 blocked for more than 241 seconds.\n';
    expect(ids(await surveyed({ programs: { journalctl } }))).toEqual(['hung-tasks']);
  });
});
