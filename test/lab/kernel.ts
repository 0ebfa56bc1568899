/** The lab's gateway recorded, with its own kernel as a witness beside the recording. */
import { join } from 'node:path';
import type { ChildProcess } from 'node:child_process';
import type { ConntrackSettings } from '../../src/host/conntrack-events.ts';
import { type RowEnd, RowEnds } from '../../src/host/row-ends.ts';
import { analyse } from '../../src/pipeline.ts';
import { report } from '../../src/report/document.ts';
import { type Kernel, withKernel } from '../../src/report/kernel/witness.ts';
import { ended, printed, start } from './namespaces.ts';
import type { Recorder } from './recorders.ts';

interface Heard {
  readonly settings: ConntrackSettings;
  readonly sinceNs: string;
  readonly overruns: number;
  readonly ends: readonly (Omit<RowEnd, 'atNs'> & { readonly atNs: string })[];
}

const PROGRAM = join(import.meta.dirname, 'programs', 'conntrack.js');

export interface Listening {
  /** Ends it, and gives what it heard. */
  readonly stop: () => Promise<Heard>;
  readonly child: ChildProcess;
}

export async function listen(namespace: string, bufferBytes?: number): Promise<Listening> {
  const words = [PROGRAM, ...(bufferBytes === undefined ? [] : [String(bufferBytes)])];
  const child = start(namespace, [process.execPath, ...words]);
  await printed(child, /up\n/);
  const stop = (): Promise<Heard> => {
    let text = '';
    child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()));
    return new Promise((resolve) => {
      child.once('close', () => resolve(JSON.parse(text) as Heard));
      child.stdin?.end();
    });
  };
  return { stop, child };
}

export function kernelOf({ settings, sinceNs, overruns, ends }: Heard): Kernel {
  const known = new RowEnds();
  for (const end of ends) known.add({ ...end, atNs: BigInt(end.atNs) });
  return { settings, ends: known, overruns, sinceNs: BigInt(sinceNs) };
}

/** The inside alone, so that nothing but the kernel proves what the box did. */
export const recordInsideWithKernel: Recorder = {
  name: 'inside, recorded, and conntrack',
  begin: async (gateway, folder) => {
    const file = join(folder, 'inside.pcap');
    const { stop } = await listen(gateway);
    const child = start(gateway, ['tcpdump', '-i', 'in0', '-U', '-s', '160', '-w', file]);
    await printed(child, /listening on/);
    return async () => {
      await ended(child, 'SIGINT');
      const heard = await stop();
      const found = await analyse({ paths: [file], shortestNs: 1_000_000_000n, workers: 0 });
      return report(withKernel(found, kernelOf(heard)), 10_000);
    };
  },
};
