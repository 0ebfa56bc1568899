import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type LogFile, readLog } from '../../../src/report/log/read-log.ts';
import { ERRORS_AT_MOST, LogScan } from '../../../src/report/log/scan.ts';
import { withFile, withFolder } from '../../kit/temporary.ts';

const LINE = '2014-11-14 12:52:00.356 reset by peer 10.0.0.5:27017';

const readBytes = (bytes: Uint8Array | string): Promise<LogFile> =>
  withFile('app.log', typeof bytes === 'string' ? Buffer.from(bytes) : bytes, (path) =>
    readLog(path),
  );

const errorsIn = ({ scan }: LogFile) => scan.errors.map(({ line, error }) => [line, error]);

describe('a log file', () => {
  test('is read line by line, whatever ends its lines', async () => {
    const log = await readBytes(`quiet\n${LINE}\r\nquiet\n\n${LINE} ETIMEDOUT`);
    expect(log).toMatchObject({ complete: true, scan: { lines: 5 } });
    expect(errorsIn(log)).toEqual([
      [2, 'ECONNRESET'],
      [5, 'ECONNRESET'],
      [5, 'ETIMEDOUT'],
    ]);
    expect(log.scan.errors[0]?.text).toBe(LINE);
  });

  test('may be empty', async () => {
    expect(await readBytes('')).toMatchObject({ complete: true, scan: { lines: 0, errors: [] } });
  });

  test('may be packed with gzip; one that is cut off gives what it held', async () => {
    const noise = Array.from({ length: 20_000 }, (_, i) => `${i} ${Math.sin(i)}`).join('\n');
    const packed = gzipSync(`${LINE}\n${noise}\n${LINE}\n`);
    const whole = await readBytes(packed);
    expect(whole).toMatchObject({ complete: true, scan: { lines: 20_002 } });
    expect(errorsIn(whole)).toHaveLength(2);
    const cut = await readBytes(packed.subarray(0, packed.length / 2));
    expect(cut.complete).toBe(false);
    expect(errorsIn(cut)).toEqual([[1, 'ECONNRESET']]);
  });

  test('may be cut and spliced as a pipe likes: lines stay whole', async () => {
    const long = 'x'.repeat(70_000);
    const log = await readBytes(`${long}\n${LINE}\n${long}${LINE}\n${LINE}\n`);
    expect(errorsIn(log)).toEqual([
      [2, 'ECONNRESET'],
      [4, 'ECONNRESET'],
    ]);
  });

  test('may be full of junk', async () => {
    const junk = Buffer.from(Array.from({ length: 50_000 }, (_, i) => (i * 7919) % 256));
    const log = await readBytes(Buffer.concat([junk, Buffer.from(`\n${LINE}\n`), junk]));
    expect(log.scan.errors.map(({ text }) => text)).toEqual([LINE]);
  });

  test('that is none is an error with a code', () =>
    withFolder(async (folder) => {
      await expect(readLog(join(folder, 'gone'))).rejects.toMatchObject({
        code: 'E_INPUT_MISSING',
      });
      await expect(readLog(folder)).rejects.toMatchObject({ code: 'E_INPUT_IS_DIRECTORY' });
    }));

  test('is left when somebody stops', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'app.log');
      writeFileSync(path, `${LINE}\n`.repeat(1000));
      await expect(readLog(path, AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop');
    }));

  test('never throws on bytes at random, plain or half unpacked', async () => {
    const bytes = fc.uint8Array({ maxLength: 600 });
    await fc.assert(
      fc.asyncProperty(bytes, fc.boolean(), async (body, packed) => {
        const damaged = packed ? Buffer.concat([Buffer.from([0x1f, 0x8b]), body]) : body;
        expect((await readBytes(damaged)).scan.errors.length).toBeLessThan(600);
      }),
      { numRuns: 200 },
    );
  });
});

const scanned = (...lines: readonly string[]): LogScan => {
  const scan = new LogScan();
  for (const line of lines) scan.take(line);
  return scan;
};

describe('the errors kept of a log', () => {
  test('a stack trace belongs to the line above it, and is one error', () => {
    const scan = scanned(
      '2014-11-14 12:52:00,356 ERROR pool: java.net.SocketException: Connection reset 10.0.0.5:1',
      '\tat java.net.SocketInputStream.read(SocketInputStream.java:210)',
      'Caused by: java.net.SocketException: Connection reset',
      'Caused by: java.net.SocketTimeoutException: Read timed out',
    );
    expect(scan.errors.map(({ line, error }) => [line, error])).toEqual([
      [1, 'ECONNRESET'],
      [4, 'ETIMEDOUT'],
    ]);
    expect(scan.errors[1]?.endpoints).toEqual([{ address: '10.0.0.5', port: 1 }]);
  });

  test('one without any time is counted, not kept', () => {
    const far = Array.from({ length: 200 }, () => 'at some.where(Else.java:1)');
    const scan = scanned('2014-11-14 12:52:00 hello', ...far, 'Connection reset');
    expect(scan).toMatchObject({ errors: [], untimed: 1 });
  });

  test('steer no terminal, and are cut', () => {
    const [error] = scanned(`${LINE} \u001b[2J\u202e${'x'.repeat(5000)}`).errors;
    expect(error?.text).toContain('\\x1b[2J\\u{202e}');
    expect(error?.text).toMatch(/^[\x20-\x7e]+…$/);
    expect(error?.text.length).toBeLessThan(310);
  });

  test('are so many at most; the rest is counted', () => {
    const scan = new LogScan();
    for (let i = 0; i < ERRORS_AT_MOST + 10; i++) scan.take(LINE);
    expect(scan.errors).toHaveLength(ERRORS_AT_MOST);
    expect(scan.overflow).toBe(10);
  });
});
