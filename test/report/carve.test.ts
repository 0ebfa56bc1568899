import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Analysis } from '../../src/report/analysis.ts';
import { maskWith } from '../../src/report/anonymize/mask.ts';
import { carveFindings, type CarveOptions } from '../../src/report/carve/carve.ts';
import { CarveSink } from '../../src/report/carve/sink.ts';
import { EXIT } from '../../src/base/errors.ts';
import { ROOT } from '../house/tree.ts';
import { analyseFiles, pictureFile } from '../kit/analyse.ts';
import { labFile } from '../kit/lab.ts';
import { opened, together } from '../kit/scenes.ts';
import { readCapture } from '../kit/read-capture.ts';
import { withFile, withFolder } from '../kit/temporary.ts';
import { addressBytes } from '../kit/wire.ts';

const INSIDE = labFile('reject', 'inside.pcap');
const KEY = Uint8Array.from({ length: 32 }, (_, i) => i);

const reject = (): Promise<Analysis> => analyseFiles([INSIDE], { shortestSeconds: 1 });

const options = (folder: string, changes: Partial<CarveOptions> = {}): CarveOptions => ({
  folder,
  paths: [INSIDE],
  filter: null,
  maxFindings: 100,
  headersOnly: false,
  mask: null,
  signal: new AbortController().signal,
  ...changes,
});

describe('carving', () => {
  test('each finding gets a file of its own, in which the same finding is found again', () =>
    withFolder(async (folder) => {
      const found = await reject();
      const carved = await carveFindings(found, options(folder));
      expect(carved).toEqual({ findings: 16, files: 16, frames: 240 });
      for (const { id } of found.findings) {
        const again = await analyseFiles([join(folder, `${id}.pcap`)], { shortestSeconds: 1 });
        expect(again.findings.map((finding) => finding.id)).toEqual([id]);
      }
    }));

  test('headers are enough for that', () =>
    withFolder(async (folder) => {
      const found = await reject();
      await carveFindings(found, options(folder, { headersOnly: true }));
      const [first] = found.findings;
      const path = join(folder, `${first?.id}.pcap`);
      const records = readCapture(readFileSync(path));
      expect(Math.max(...records.map(({ bytes }) => bytes.length))).toBeLessThanOrEqual(
        14 + 20 + 60,
      );
      expect(Math.max(...records.map(({ onWire }) => onWire))).toBeGreaterThan(300);
      const again = await analyseFiles([path], { shortestSeconds: 1 });
      expect(again.findings.map(({ id }) => id)).toEqual([first?.id]);
    }));

  test('anonymised files hold no true address and tell the same story', () =>
    withFolder(async (folder) => {
      const found = await reject();
      const mask = maskWith(KEY);
      await carveFindings(found, options(folder, { mask }));
      const addresses = ['192.168.77.2', '198.51.100.9'].map(addressBytes);
      for (const { id, silenceNs, signature } of found.findings) {
        const path = join(folder, `${mask.id(id)}.pcap`);
        const bytes = readFileSync(path);
        expect(addresses.some((address) => bytes.includes(address))).toBe(false);
        const again = await analyseFiles([path], { shortestSeconds: 1 });
        expect(again.findings).toMatchObject([{ signature, silenceNs }]);
      }
    }));

  test.each([4, 6] as const)(
    'an ICMP error about the connection comes along, masked (IPv%i)',
    (ip) => {
      const picture = `
        0.000  client > server  SYN
        0.020  server > client  SYN ACK
        0.021  client > server  ACK
        0.022  client > server  PSH ACK  100 bytes
        0.042  server > client  ACK
      350.042  client > server  PSH ACK   20 bytes
      350.043  gateway > client  ICMP ${ip === 4 ? '3/1' : '1/3'} quotes client > server
      350.044  server > client  RST  ttl 63  stateless
    `;
      const pcap = pictureFile(picture, { ip, vlan: 7 });
      return withFile('picture.pcap', pcap, (path) =>
        withFolder(async (folder) => {
          const found = await analyseFiles([path]);
          const mask = maskWith(KEY);
          await carveFindings(found, options(folder, { paths: [path], mask }));
          const [id = ''] = found.findings.map((finding) => mask.id(finding.id));
          const packets = readCapture(readFileSync(join(folder, `${id}.pcap`))).map(
            ({ bytes }) => bytes,
          );
          const isIcmp = (bytes: Uint8Array) => (ip === 4 ? bytes[9] === 1 : bytes[6] === 58);
          expect(packets).toHaveLength(8);
          expect(packets.filter(isIcmp)).toHaveLength(1);
          const [record] = found.findings.map((finding) => finding.record);
          for (const address of [record?.originatorAddress ?? '', record?.responderAddress ?? '']) {
            for (const bytes of packets)
              expect(Buffer.from(bytes).includes(addressBytes(address))).toBe(false);
          }
        }),
      );
    },
  );

  test('only the findings that the report lists', () =>
    withFolder(async (folder) => {
      await carveFindings(await reject(), options(folder, { maxFindings: 3 }));
      expect(readdirSync(folder)).toHaveLength(3);
    }));

  test('of connections that followed one another on the same ports each gets its own packets', () =>
    withFolder(async (folder) => {
      const lives = [0, 100, 200, 300].map(
        (from) => `${opened(from)}
          ${from + 60}.000  client > server  PSH ACK  20 bytes
          ${from + 60}.001  server > client  stateless  ttl 63`,
      );
      await withFile('lives.pcap', pictureFile(together(...lives)), async (path) => {
        const found = await analyseFiles([path]);
        await carveFindings(found, options(folder, { paths: [path] }));
        expect(found.findings).toHaveLength(4);
        for (const [life, { id }] of found.findings.entries()) {
          const times = readCapture(readFileSync(join(folder, `${id}.pcap`))).map(
            ({ atNs }) => atNs,
          );
          expect(times).toHaveLength(9);
          expect(Number((times[8] ?? 0n) - (times[0] ?? 0n)) / 1e9).toBeCloseTo(60, 0);
          expect(found.findings[life]?.record.flowStartedAtNs).toBe(times[0]);
        }
      });
    }));
});

describe('the folder', () => {
  const packet = { atNs: 1n, linkType: 1, bytes: Uint8Array.of(1, 2, 3), wireBytes: 3 };

  test('a symbolic link under a file’s name is replaced, not followed', () =>
    withFolder(async (folder) => {
      const victim = join(folder, 'victim');
      writeFileSync(victim, 'precious');
      const out = join(folder, 'out');
      mkdirSync(out);
      symlinkSync(victim, join(out, 'f_1.pcap'));
      const sink = new CarveSink(out);
      sink.write('f_1', packet);
      expect(sink.finish()).toBe(1);
      expect(readFileSync(victim, 'utf8')).toBe('precious');
      expect(readCapture(readFileSync(join(out, 'f_1.pcap')))).toHaveLength(1);
    }));

  test('one link type a file', () =>
    withFolder(async (folder) => {
      const sink = new CarveSink(folder);
      sink.write('f_1', packet);
      sink.write('f_1', { ...packet, linkType: 113 });
      sink.write('f_1', packet);
      expect(sink.finish()).toBe(2);
      expect(readCapture(readFileSync(join(folder, 'f_1.pcap')))).toHaveLength(2);
      expect(readCapture(readFileSync(join(folder, 'f_1.LINUX_SLL.pcap')))).toHaveLength(1);
    }));

  test('nothing half done is left behind', () =>
    withFolder(async (folder) => {
      const sink = new CarveSink(folder);
      const megabyte = new Uint8Array(200_000);
      for (let i = 0; i < 100; i++) sink.write('f_1', { ...packet, bytes: megabyte });
      expect(readdirSync(folder)).toHaveLength(1);
      sink.abandon();
      expect(readdirSync(folder)).toEqual([]);
    }));

  test('is made with its parents', () =>
    withFolder(async (folder) => {
      const out = join(folder, 'a', 'b', 'c/');
      const sink = new CarveSink(out);
      sink.write('f_1', packet);
      expect(sink.finish()).toBe(1);
      expect(readdirSync(join(folder, 'a', 'b', 'c'))).toEqual(['f_1.pcap']);
    }));

  /** In a process of its own: what never ends must not take the tests along. */
  test('one below /proc is refused, and soon', () => {
    const args = ['read', '--quiet', '--carve', '/proc/foo/bar', INSIDE];
    const { status, stderr } = spawnSync('bin/deadair', args, {
      cwd: ROOT,
      encoding: 'utf8',
      timeout: 20_000,
    });
    expect(stderr).toContain('cannot write into /proc/foo/bar: ENOENT');
    expect(status).toBe(EXIT.input);
  });

  test('a place that cannot be written costs no analysis', () =>
    withFolder((folder) => {
      const file = join(folder, 'file');
      writeFileSync(file, '');
      for (const place of [
        ['--html', join(folder, 'missing', 'page.html')],
        ['--carve', file],
        ['--carve', join(file, 'below')],
      ]) {
        const args = ['read', ...place, INSIDE];
        const { status, stdout, stderr } = spawnSync('bin/deadair', args, {
          cwd: ROOT,
          encoding: 'utf8',
        });
        expect(stderr).toMatch(/^deadair: cannot write .*: (ENOENT|ENOTDIR) \(E_OUTPUT\)/);
        expect([stdout, status]).toEqual(['', EXIT.input]);
      }
      return Promise.resolve();
    }));

  test('one that cannot be made is an operator’s mistake', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'file');
      writeFileSync(file, '');
      expect(() => new CarveSink(join(file, 'out'))).toThrow(/cannot write into/);
      expect(existsSync(join(file, 'out'))).toBe(false);
    }));
});
