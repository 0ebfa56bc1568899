/**
 * The long day of day.test.ts as packets: the bench's generator writes the capture and what is true of it, the real
 * native code reads it. Five boxes, some behind another and some beside each other, stray resets, spared silences, jobs
 * that speak by the clock, a restart and a failover.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../../src/base/root.ts';
import type { Analysis } from '../../src/report/analysis.ts';
import { analyseFiles } from '../kit/analyse.ts';

interface Site {
  readonly port: number;
  /** Seconds; one behind the other, 0 none. */
  readonly boxes: readonly number[];
  readonly restart: number;
  readonly flush: number;
}

interface Truth {
  readonly day: readonly Site[];
  readonly packets: number;
  readonly strays: number;
  readonly kills: Readonly<Record<string, number>>;
  readonly silences: { readonly survived: number; readonly killed: number };
  readonly resets: { readonly total: number };
}

const BEGINS = 1_700_000_000;
const folder = mkdtempSync(join(tmpdir(), 'deadair-day-'));
const capture = join(folder, 'day.pcap');
const sum = (counts: object): number =>
  Object.values(counts).reduce((total: number, count) => total + Number(count), 0);
const bindingOf = ({ boxes }: Site): number => Math.min(...boxes.filter((T) => T > 0));

let truth: Truth;
let one: Analysis;
let two: Analysis;

beforeAll(async () => {
  const generator = join(folder, 'generate');
  const source = join(packageRoot(), 'bench', 'generate.cc');
  execFileSync('g++', ['-std=c++20', '-O1', '-o', generator, source]);
  execFileSync(generator, ['--kind', 'day', '--out', capture]);
  truth = JSON.parse(readFileSync(`${capture}.json`, 'utf8')) as Truth;
  one = await analyseFiles([capture]);
  two = await analyseFiles([capture], { workers: 2 });
}, 180_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const pathTo = (port: number) => one.paths.filter(({ responderPort }) => responderPort === port);

describe('a day of packets', () => {
  test('is read whole: every packet, every reset and every silence is accounted for', () => {
    expect(one.counters.flows.seen).toBeGreaterThan(10_000);
    expect(sum(one.sources[0]?.fates ?? {})).toBe(truth.packets);
    expect(sum(one.resetsByCause)).toBe(truth.resets.total);
    expect(one.silences.survived).toBe(truth.silences.survived);
    const { killed, open, closed, unobserved } = one.silences;
    expect({ closed, unobserved }).toEqual({ closed: 0, unobserved: 0 });
    // Those that the capture's end left in the midst of their retransmissions are open.
    expect(killed).toBeGreaterThan(truth.silences.killed - 20);
    expect(killed).toBeLessThanOrEqual(truth.silences.killed);
    expect(open).toBeGreaterThan(0);
  });

  test('the smallest of the boxes on each way lies in a narrow interval, and no other is named', () => {
    const boxed = truth.day.filter(({ boxes }) => boxes.some((T) => T > 0));
    const bindings = boxed.map(bindingOf).toSorted((a, b) => a - b);
    expect(bindings).toEqual([60, 240, 350, 900, 3600]);
    for (const site of boxed) {
      const [path, ...others] = pathTo(site.port);
      const { status, basis, lowSeconds, highSeconds } = path?.timeout ?? {};
      expect({ port: site.port, others, status, basis }).toEqual({
        port: site.port,
        others: [],
        status: 'estimated',
        basis: 'change-point',
      });
      expect(lowSeconds).toBeLessThanOrEqual(bindingOf(site));
      expect(highSeconds).toBeGreaterThanOrEqual(bindingOf(site));
      expect((highSeconds ?? 0) / (lowSeconds ?? 1)).toBeLessThan(1.05);
      expect(path?.stepsSeconds).toEqual([]);
    }
  });

  test('where no box waits, none is invented', () => {
    const [free] = truth.day.filter(({ boxes }) => boxes.every((T) => T === 0));
    const [path] = pathTo(free?.port ?? 0);
    expect(one.paths).toHaveLength(truth.day.length);
    expect(path).toMatchObject({ significant: false, endpointTimerSeconds: null });
    expect(path?.timeout.status).not.toBe('estimated');
    const blamed = one.findings.filter(
      ({ record, verdict }) => record.responderPort === free?.port && verdict === 'box-timeout',
    );
    expect(blamed.length).toBe(0);
  });

  test('the restart and the failover are bursts, and nothing else is', () => {
    const restarts = truth.day.filter(({ restart }) => restart > 0);
    const flushes = truth.day.filter(({ flush }) => flush > 0);
    const seen = one.bursts.map(({ atNs, reading }) => [Number(atNs) / 1e9 - BEGINS, reading]);
    expect(seen).toEqual([
      [expect.closeTo(restarts[0]?.restart ?? 0, -3), expect.stringContaining('restarted')],
      [
        expect.closeTo(flushes[0]?.flush ?? 0, -3),
        expect.stringContaining('a box on the way forgot'),
      ],
    ]);
    expect(restarts).toMatchObject([{ port: 22 }]);
    expect(seen[0]?.[1]).toContain('198.18.20.1');
  });

  test('what stayed below the timeout is blamed on no box, stray resets included', () => {
    const T = new Map(truth.day.map((site) => [site.port, bindingOf(site)]));
    const wrong = one.findings.filter(
      ({ record, verdict, silenceNs }) =>
        verdict === 'box-timeout' &&
        Number(silenceNs) / 1e9 < 0.97 * (T.get(record.responderPort) ?? 0),
    );
    expect(wrong.length).toBe(0);
    const killed = one.findings.filter(({ verdict }) => verdict === 'box-timeout').length;
    expect(killed).toBeGreaterThan(0.95 * (truth.silences.killed - truth.strays - 300));
  });

  test('two shards say the same as one', () => {
    const plain = (analysis: Analysis) =>
      JSON.stringify(analysis, (key, value: unknown) =>
        key === 'counters' ? undefined : typeof value === 'bigint' ? String(value) : value,
      );
    expect(plain(two)).toBe(plain(one));
  });
});
