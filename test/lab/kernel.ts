/** Listening to the connection table of the lab's gateway. */
import { join } from 'node:path';
import type { ChildProcess } from 'node:child_process';
import type { ConntrackSettings } from '../../src/host/conntrack-events.ts';
import type { RowEnd } from '../../src/host/row-ends.ts';
import { printed, start } from './namespaces.ts';

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
