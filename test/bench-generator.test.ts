/**
 * The bench believes its generator: so what a trace claims to hold is checked against tshark.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const KINDS = [
  'small',
  'full',
  'many',
  'flood-syn',
  'flood-ack',
  'ipv6',
  'vxlan',
  'pcapng',
  'open',
];
const folder = mkdtempSync(join(tmpdir(), 'deadair-bench-'));
const generator = join(folder, 'generate');
const hasTshark = spawnSync('tshark', ['--version']).status === 0;

interface Truth {
  readonly packets: number;
  readonly tcpPackets: number;
  readonly bytes: number;
  readonly connections: number;
  readonly floodTuples: number;
  readonly kills: Readonly<Record<string, number>>;
  readonly resets: { readonly total: number };
  readonly silences: {
    readonly survived: number;
    readonly killed: number;
    readonly closed: number;
  };
}

function generate(
  kind: string,
  seed = 1,
  name = `${kind}-${seed}`,
): { path: string; truth: Truth } {
  const path = join(folder, name);
  const words = ['--kind', kind, '--packets', '20000', '--seed', String(seed), '--out', path];
  execFileSync(generator, words);
  return { path, truth: JSON.parse(readFileSync(`${path}.json`, 'utf8')) as Truth };
}

const print = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

/** tshark's view: an array of fields a frame; of several layers the innermost value. */
function frames(path: string, fields: readonly string[], filter = ''): string[][] {
  const words = ['-n', '-r', path, '-Y', filter, '-o', 'ip.check_checksum:TRUE'];
  words.push('-o', 'tcp.check_checksum:TRUE', '-T', 'fields', '-E', 'occurrence=l');
  words.push(...fields.flatMap((field) => ['-e', field]));
  const run = spawnSync('tshark', words, { encoding: 'utf8', maxBuffer: 1 << 28 });
  expect(run.status).toBe(0);
  return run.stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split('\t'));
}

interface Step {
  readonly at: number;
  readonly reset: boolean;
  readonly payload: number;
  readonly fin: boolean;
  readonly again: boolean;
}

/** How tshark's frames of one connection end: a second, plainer opinion than the tracker's. */
function endings(path: string): Record<string, number> {
  const flows = new Map<string, Step[]>();
  const fields = [
    'tcp.stream',
    'frame.time_epoch',
    'tcp.flags.reset',
    'tcp.len',
    'tcp.flags.fin',
    'tcp.analysis.retransmission',
  ];
  for (const [stream = '', at, reset, payload, fin, again] of frames(path, fields, 'tcp')) {
    const flow = flows.get(stream) ?? [];
    flows.set(stream, flow);
    flow.push({
      at: Number(at),
      reset: reset === '1',
      payload: Number(payload),
      fin: fin === '1',
      again: again !== '',
    });
  }
  const counts = { 'late-reset': 0, 'keepalive-reset': 0, 'expiry-reset': 0, blackhole: 0 };
  for (const flow of flows.values()) {
    if (flow.some(({ fin }) => fin)) continue;
    const [before, trigger, last] = flow.slice(-3);
    if (flow.slice(-5).every(({ again }) => again)) counts.blackhole += 1;
    if (!before || !trigger || !last?.reset) continue;
    if (last.at - trigger.at >= 20) counts['expiry-reset'] += 1;
    else if (trigger.at - before.at >= 20)
      counts[trigger.payload > 0 ? 'late-reset' : 'keepalive-reset'] += 1;
  }
  return counts;
}

beforeAll(() => {
  const source = join(import.meta.dirname, '..', 'bench', 'generate.cc');
  execFileSync('g++', ['-std=c++20', '-O2', '-o', generator, source]);
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(!hasTshark)('tshark finds what the sidecar says (needs tshark)', () => {
  test.each(KINDS)('%s', { timeout: 60_000 }, (kind) => {
    const { path, truth } = generate(kind);
    const fields = [
      'tcp.stream',
      'tcp.flags.reset',
      'ip.checksum.status',
      'tcp.checksum.status',
      'frame.time_epoch',
    ];
    const seen = frames(path, fields);
    const tcp = seen.filter(([stream]) => stream !== '');
    const times = seen.map((frame) => Number(frame[4]));

    expect(seen.length).toBe(truth.packets);
    expect(tcp.length).toBe(truth.tcpPackets);
    expect(new Set(tcp.map(([stream]) => stream)).size).toBe(truth.connections + truth.floodTuples);
    expect(tcp.filter(([, reset]) => reset === '1').length).toBe(truth.resets.total);
    expect(tcp.filter(([, , ip, checksum]) => ip === '0' || checksum !== '1')).toEqual([]);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(readFileSync(path).length).toBe(truth.bytes);
  });

  test('connections end as the sidecar counts them', { timeout: 60_000 }, () => {
    const { path, truth } = generate('small', 7);
    expect(endings(path)).toEqual(truth.kills);
    expect(truth.silences.killed).toBe(
      Object.values(truth.kills).reduce((sum, count) => sum + count, 0),
    );
    expect(truth.silences.survived).toBeGreaterThan(100);
  });

  test('no packet is one that tshark would not understand', { timeout: 60_000 }, () => {
    const { path } = generate('small', 3);
    const odd =
      'tcp.analysis.lost_segment || tcp.analysis.ack_lost_segment || tcp.analysis.out_of_order';
    expect(frames(path, ['frame.number'], odd)).toEqual([]);
  });
});

test('the same seed gives the same bytes, another seed others', () => {
  for (const kind of KINDS) {
    const first = print(generate(kind, 5).path);
    expect(print(generate(kind, 5, 'again').path), kind).toBe(first);
    expect(print(generate(kind, 6).path), kind).not.toBe(first);
  }
});
