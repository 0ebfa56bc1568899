/**
 * Hosts made bad on purpose, as boxes on the way of others: their connection table, their cards.
 */
import { describe, expect, test } from 'vitest';
import type { MadeUp } from './made-up.ts';
import { ids, LOG, surveyed } from './surveyed.ts';

describe('the connection table', () => {
  const conntrack = (values: Readonly<Record<string, number>>, statistics = ''): MadeUp => {
    const all = { count: 10, max: 1000, tcp_timeout_established: 432_000, tcp_loose: 1, ...values };
    const sysctls = Object.entries(all).map(([name, value]) => [
      `/proc/sys/net/netfilter/nf_conntrack_${name}`,
      `${value}\n`,
    ]);
    const stat = statistics === '' ? {} : { '/proc/self/net/stat/nf_conntrack': statistics };
    return { files: { ...Object.fromEntries(sysctls), ...stat }, programs: LOG };
  };

  test.each([
    [799, [], null],
    [800, ['conntrack-nearly-full'], 'warning'],
    [950, ['conntrack-nearly-full'], 'critical'],
  ])('%i of 1000 entries: %j', async (count, expected, severity) => {
    const found = await surveyed(conntrack({ count }));
    expect(ids(found)).toEqual(expected);
    expect(found.findings[0]?.severity ?? null).toBe(severity);
  });

  test('drops of all processors are added, hexadecimal', async () => {
    const statistics =
      'entries  drop early_drop\n00000010 0000000a 00000001\n00000010 00000006 00000000\n';
    const found = await surveyed(conntrack({}, statistics));
    expect(found.findings).toMatchObject([
      { id: 'conntrack-dropped', what: expect.stringMatching(/^16 packets .* 1 connection /) },
    ]);
  });

  test('a short timeout makes this host the box, while it keeps connections', async () => {
    expect(ids(await surveyed(conntrack({ tcp_timeout_established: 900 })))).toEqual([
      'conntrack-timeout-short',
    ]);
    expect(ids(await surveyed(conntrack({ tcp_timeout_established: 900, count: 0 })))).toEqual([]);
    expect(ids(await surveyed(conntrack({ tcp_timeout_established: 7440 })))).toEqual([]);
  });

  test('tcp_loose 0 is worth a note', async () => {
    expect((await surveyed(conntrack({ tcp_loose: 0 }))).findings).toMatchObject([
      { id: 'conntrack-loose-off', severity: 'note' },
    ]);
  });
});

describe('network cards', () => {
  const HEAD = 'Inter-|   Receive\n face |bytes packets\n';
  const card = (receive: string, send: string, missed = 0): MadeUp => ({
    files: {
      '/proc/self/net/dev': `${HEAD}    lo: 0 5 0 9999 0 0 0 0 0 5 0 9999 0 0 0 0\n  eth0: 0 ${receive} 0 0 0 0 ${send} 0 0 0 0\n`,
      '/sys/class/net/eth0/statistics/rx_missed_errors': `${missed}\n`,
    },
    programs: LOG,
  });

  test('a few losses among a million are nothing', async () => {
    expect(ids(await surveyed(card('1000000 5 90 5', '1000000 0 90')))).toEqual([]);
  });

  test('packets that the ring lost are told apart from those dropped on the way up', async () => {
    const ring = await surveyed(card('1000000 0 5000 0', '1000000 0 0', 5000));
    expect(ids(ring)).toEqual(['interface-ring-full']);
    expect(ring.interfaces.all).toMatchObject([{ ringDropped: 5000, receiveDropped: 0 }]);
    expect(ids(await surveyed(card('1000000 0 5000 0', '1000000 0 0')))).toEqual([
      'interface-drops',
    ]);
    expect(ids(await surveyed(card('1000000 0 0 0', '1000000 0 5000')))).toEqual([
      'interface-drops',
    ]);
    expect(ids(await surveyed(card('1000000 0 0 5000', '1000000 0 0')))).toEqual([
      'interface-ring-full',
    ]);
  });

  test('a ring that can be larger is to be made as large as the card takes', async () => {
    const made = card('1000000 0 0 5000', '1000000 0 0');
    const sizes = { receive: 256, receiveMost: 8192, send: 256, sendMost: 8192 };
    const counters = { rx_no_buffer_count: 5000, rx_missed_errors: 0, rx_packets: 1_000_000 };
    const small = await surveyed({ ...made, rings: { eth0: { sizes, counters } } });
    expect(small.interfaces.all).toMatchObject([
      { rings: { sizes, losses: { rx_no_buffer_count: 5000 } } },
    ]);
    expect(small.findings[0]?.cure.map(({ text }) => text)).toEqual([
      'ethtool -G eth0 rx 8192',
      'now 256, at most 8192',
      'the driver counts rx_no_buffer_count 5,000',
    ]);
    const full = { eth0: { sizes: { ...sizes, receive: 8192 }, counters: {} } };
    expect((await surveyed({ ...made, rings: full })).findings[0]?.cure).toEqual([
      { kind: 'note', text: expect.stringMatching(/^the ring is as large as it can be \(8192\)/) },
    ]);
  });

  test('damaged frames point to the cable', async () => {
    expect(ids(await surveyed(card('1000000 5000 0 0', '1000000 0 0')))).toEqual([
      'interface-errors',
    ]);
  });

  test('a full queue of a processor, hexadecimal', async () => {
    const made = card('1000000 0 0 0', '1000000 0 0');
    const softnet = { '/proc/self/net/softnet_stat': '000f4240 00001000 00000000\n' };
    const found = await surveyed({ ...made, files: { ...made.files, ...softnet } });
    expect(found.findings).toMatchObject([
      { id: 'backlog-drops', what: expect.stringContaining('4,096 packets') },
    ]);
  });
});
