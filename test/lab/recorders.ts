/**
 * What watches the gateway while a scenario runs, and the report it makes of it. Recordings by tcpdump and dumpcap, read
 * afterwards, are the yardstick: whoever watches live must come to the same.
 */
import { join } from 'node:path';
import { packageRoot } from '../../src/base/root.ts';
import type { report } from '../../src/report/document.ts';
import { ended, output, printed, start } from './namespaces.ts';

export type Report = ReturnType<typeof report>;

/** Ends the recording and gives its report. */
export type Recording = () => Promise<Report>;

export interface Recorder {
  readonly name: string;
  /** Resolves when nothing that comes now can be missed. */
  readonly begin: (gateway: string, folder: string, shortest: string) => Promise<Recording>;
}

const DEADAIR = join(packageRoot(), 'bin', 'deadair');

const read = (file: string, shortest: string): Promise<string> =>
  output(DEADAIR, ['read', '--json', '--quiet', '--shortest', shortest, file]);

/** dumpcap on both interfaces: one pcapng with two capture points. */
export const recordBoth: Recorder = {
  name: 'both interfaces, recorded',
  begin: async (gateway, folder, shortest) => {
    const file = join(folder, 'gateway.pcapng');
    const words = ['dumpcap', '-i', 'in0', '-i', 'out0', '-s', '160', '-w', file];
    const child = start(gateway, words);
    await printed(child, /File: /);
    return async () => {
      await ended(child, 'SIGINT');
      return JSON.parse(await read(file, shortest)) as Report;
    };
  },
};

/** A capture of `any` has the numbers of interfaces, not their names. */
async function named(report: string, gateway: string): Promise<string> {
  const links = await output('ip', ['-n', gateway, '-json', 'link']);
  const names = new Map<string, string>(
    (JSON.parse(links) as readonly { ifindex: number; ifname: string }[]).map(
      ({ ifindex, ifname }) => [`if${ifindex}`, ifname] as const,
    ),
  );
  return report.replaceAll(/\bif\d+\b/g, (number) => names.get(number) ?? number);
}

/** tcpdump on `any`: each packet as often as it passes an interface, with the interface's number. */
export const recordAny: Recorder = {
  name: '`any`, recorded',
  begin: async (gateway, folder, shortest) => {
    const file = join(folder, 'any.pcap');
    const child = start(gateway, ['tcpdump', '-i', 'any', '-U', '-s', '160', '-w', file]);
    await printed(child, /listening on/);
    return async () => {
      await ended(child, 'SIGINT');
      return JSON.parse(await named(await read(file, shortest), gateway)) as Report;
    };
  },
};

/** `deadair watch` itself; what it says at its end is the report. */
function watching(name: string, flags: readonly string[]): Recorder {
  return {
    name,
    begin: async (gateway, _, shortest) => {
      const child = start(gateway, [DEADAIR, 'watch', '--json', '--shortest', shortest, ...flags]);
      let [text, words] = ['', ''];
      child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()));
      child.stderr?.on('data', (chunk: Buffer) => (words += chunk.toString()));
      await printed(child, /watching/);
      return async () => {
        await ended(child, 'SIGINT', 20_000);
        if (text === '') throw new Error(`${name} ended with ${child.exitCode}: ${words}`);
        return JSON.parse(text) as Report;
      };
    },
  };
}

/** Live: what a recording shows, `deadair watch` must have seen. */
export const watchBoth = watching('both interfaces, live', ['-i', 'in0', '-i', 'out0']);
export const watchAny = watching('`any`, live', ['-i', 'any']);
export const watchTwo = watching('two workers, live', [
  '-i',
  'in0',
  '-i',
  'out0',
  '--workers',
  '2',
]);

/** One side and the kernel: what the other side would prove, the connection table does. */
export const watchWithKernel = watching('one side and conntrack, live', [
  '-i',
  'in0',
  '--conntrack',
]);
