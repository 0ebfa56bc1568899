/** `deadair read --log`: the flags, from the command line to the report. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { deadair } from '../../kit/analyse.ts';
import { labFile } from '../../kit/lab.ts';
import { withFolder } from '../../kit/temporary.ts';

const CAPTURE = labFile('dnat-90', 'inside.pcap');
/** The first two deaths of the capture, as a client in Shanghai would log them; and a stranger. */
const LOG = [
  '2026-11-23 04:13:09,748 ERROR pool-1 192.168.77.2:39628 java.net.SocketException: Connection reset',
  '2026-11-23 04:13:23,419 ERROR pool-2 192.168.77.2:39776 java.net.SocketException: Broken pipe',
  '2026-11-23 04:13:23,500 ERROR pool-3 \u001b[31m203.0.113.5:443 Read timed out',
  '',
].join('\n');

const withLog = <T>(use: (path: string) => Promise<T>): Promise<T> =>
  withFolder((folder) => {
    const path = join(folder, 'app.log');
    writeFileSync(path, LOG);
    return use(path);
  });

interface Found {
  readonly flow: { readonly originator: { readonly port: number } };
  readonly log: readonly { readonly line: number; readonly by: string }[];
}

describe('deadair read --log', () => {
  test('puts the lines beside their findings, and counts the rest', () =>
    withLog(async (path) => {
      const args = ['--log', path, '--log-timezone', 'Asia/Shanghai', '--json', CAPTURE];
      const { stdout, stderr, exit } = await deadair(['read', ...args]);
      expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
      const { findings, logs } = JSON.parse(stdout) as {
        findings: readonly Found[];
        logs: readonly object[];
      };
      expect(logs).toMatchObject([
        { source: path, errors: 3, explained: 2, unexplained: 1, clock: { offsetMinutes: 480 } },
      ]);
      const told = findings.filter(({ log }) => log.length > 0);
      expect(told.map(({ flow, log }) => [flow.originator.port, log[0]?.line])).toEqual([
        [39628, 1],
        [39776, 2],
      ]);
    }));

  test('says in text what it could not explain, and lets nothing steer the terminal', () =>
    withLog(async (path) => {
      const { stdout } = await deadair(['read', '--log', path, '--log', path, CAPTURE]);
      expect(stdout.match(/3 errors in 3 lines: 2 explained/g)).toHaveLength(2);
      expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
        'that is little to go by: give --log-timezone',
      );
      expect(stdout).toContain('\\x1b[31m203.0.113.5:443');
      expect(stdout).not.toContain('\u001b');
    }));

  test.each([
    [['--log', '/nowhere/app.log'], 3, 'E_INPUT_MISSING'],
    [['--log', CAPTURE, '--log-timezone', 'Mars/Olympus'], 2, 'E_USAGE'],
    [['--log-timezone', 'UTC'], 2, 'E_USAGE'],
    [['--log', '/'], 3, 'E_INPUT_IS_DIRECTORY'],
  ])('%j exits with %i before anything is analysed', async (flags, status, code) => {
    const { stdout, stderr, exit } = await deadair(['read', ...flags, CAPTURE]);
    expect({ stdout, exit }).toEqual({ stdout: '', exit: status });
    expect(stderr).toContain(`(${code})`);
  });

  test('takes a capture for a log without harm: there is no error in it', async () => {
    const { stdout, exit } = await deadair(['read', '--log', CAPTURE, CAPTURE]);
    expect(exit).toBe(0);
    expect(stdout).toContain('none with a reset');
  });
});
