/** The spool: what was appended is there after a kill, in its order, within its bounds. */
import { spawn } from 'node:child_process';
import { appendFileSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { NO_LOG } from '../../src/base/log.ts';
import { Spool, type SpoolRecord } from '../../src/queue/spool.ts';
import type { Position } from '../../src/queue/spool-files.ts';
import { withFolder } from '../kit/temporary.ts';

const START: Position = { segment: 0, offset: 0 };
const finding = (n: number, padding = 0): SpoolRecord => ({
  kind: 'finding',
  value: { id: `f_${n}`, update: 0, pad: 'x'.repeat(padding) },
});
const numbers = (records: readonly SpoolRecord[]): number[] =>
  records.map(({ value }) => Number((value as { id: string }).id.slice(2)));

function all(spool: Spool, from = START): number[] {
  const found: number[] = [];
  let at = from;
  for (let got = spool.read(at, 4096); got.records.length > 0; got = spool.read(at, 4096)) {
    found.push(...numbers(got.records));
    at = got.until;
  }
  return found;
}

const segments = (folder: string): string[] =>
  readdirSync(folder).filter((name) => name.endsWith('.spool'));

describe('the spool', () => {
  test('gives back what it was given, in order, also to the next process', () =>
    withFolder(async (folder) => {
      const spool = new Spool(folder, NO_LOG);
      for (let n = 1; n <= 300; n++) spool.append(finding(n));
      await spool.flushed();
      const expected = Array.from({ length: 300 }, (_, i) => i + 1);
      expect(all(spool)).toEqual(expected);
      await spool.close();
      const again = new Spool(folder, NO_LOG);
      expect(all(again)).toEqual(expected);
      await again.close();
    }));

  test('what is appended while a group is being written is neither lost nor doubled', () =>
    withFolder(async (folder) => {
      const spool = new Spool(folder, NO_LOG);
      for (let n = 1; n <= 200; n++) {
        spool.append(finding(n));
        if (n % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      await spool.flushed();
      expect(all(spool)).toEqual(Array.from({ length: 200 }, (_, i) => i + 1));
      await spool.close();
    }));

  test('how far it was passed on is remembered, and segments that are done are deleted', () =>
    withFolder(async (folder) => {
      const spool = new Spool(folder, NO_LOG);
      for (let n = 1; n <= 24; n++) {
        spool.append(finding(n, 400_000));
        await spool.flushed();
      }
      expect(segments(folder).length).toBeGreaterThan(1);
      const first = spool.read(START, 1);
      spool.pass(first.until);
      await spool.close();
      const again = new Spool(folder, NO_LOG);
      expect(again.passedOn).toEqual(first.until);
      expect(all(again, again.passedOn)[0]).toBe(2);
      let at = again.passedOn;
      for (let got = again.read(at, 1); got.records.length > 0; got = again.read(at, 1))
        at = got.until;
      again.pass(at);
      expect(segments(folder)).toEqual([]);
      expect(again.bytes).toBe(0);
      await again.close();
    }));

  test('a record that a power cut tore off is dropped, those before it are kept, and it goes on', () =>
    withFolder(async (folder) => {
      const spool = new Spool(folder, NO_LOG);
      for (let n = 1; n <= 3; n++) spool.append(finding(n));
      await spool.flushed();
      await spool.close();
      const path = join(folder, segments(folder)[0] ?? '');
      appendFileSync(path, Buffer.from([200, 0, 0, 0, 1, 2, 3, 4, 5]));
      const again = new Spool(folder, NO_LOG);
      again.append(finding(4));
      await again.flushed();
      expect(all(again)).toEqual([1, 2, 3, 4]);
      await again.close();
    }));

  test('a segment that rotted on the disk costs its rest, not the segments behind it', () =>
    withFolder(async (folder) => {
      const spool = new Spool(folder, NO_LOG);
      for (let n = 1; n <= 12; n++) {
        spool.append(finding(n, 400_000));
        await spool.flushed();
      }
      await spool.close();
      const [first = ''] = segments(folder).sort();
      const path = join(folder, first);
      const bytes = readFileSync(path);
      bytes[bytes.length - 20] = (bytes.at(-20) ?? 0) ^ 0xff;
      writeFileSync(path, bytes);
      const again = new Spool(folder, NO_LOG);
      const found = all(again);
      expect(found.at(-1)).toBe(12);
      expect(found).toHaveLength(11);
      await again.close();
    }));

  test('full, it refuses packets first, then paths, findings last, and counts each', () =>
    withFolder(async (folder) => {
      const spool = new Spool(folder, NO_LOG, 100_000);
      const fill = async (kind: SpoolRecord['kind']): Promise<number> => {
        let taken = 0;
        while (spool.append({ kind, value: { pad: 'x'.repeat(1000) } })) taken++;
        await spool.flushed();
        return taken;
      };
      expect(await fill('evidence')).toBeGreaterThan(60);
      expect(await fill('path')).toBeGreaterThan(8);
      expect(await fill('finding')).toBeGreaterThan(8);
      expect(spool.refused).toEqual({ evidence: 1, path: 1, finding: 1 });
      const bytes = segments(folder).map((name) => statSync(join(folder, name)).size);
      expect(bytes.reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(100_000);
      await spool.close();
    }));

  test('two agents do not share a spool', () =>
    withFolder(async (folder) => {
      const spool = new Spool(folder, NO_LOG);
      expect(() => new Spool(folder, NO_LOG)).toThrow(
        expect.objectContaining({ code: 'E_DATA_LOCKED' }),
      );
      await spool.close();
    }));

  test('what it said to be on the disk is there after a SIGKILL', () =>
    withFolder(async (folder) => {
      const child = spawn(process.execPath, ['test/queue/spooling-process.js', folder], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let said = '';
      await new Promise<void>((resolve) => {
        child.stdout?.on('data', (text: Buffer) => {
          said += text.toString();
          if (said.split('\n').length > 20) resolve();
        });
      });
      child.kill('SIGKILL');
      await new Promise((resolve) => child.once('exit', resolve));
      const promised = Number(said.trimEnd().split('\n').at(-1));
      const spool = new Spool(folder, NO_LOG);
      const found = all(spool);
      expect(promised).toBeGreaterThan(10);
      expect(found.length).toBeGreaterThanOrEqual(promised);
      expect(found).toEqual(found.map((_, i) => i + 1));
      await spool.close();
    }));
});
