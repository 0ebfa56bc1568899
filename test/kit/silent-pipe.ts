import { execFileSync } from 'node:child_process';
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { withFolder } from './temporary.ts';

/** A pipe that has begun like a capture and then says nothing more, though its writer is there. */
export async function withSilentPipe(use: (path: string) => void | Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', [path]);
    const writer = openSync(path, 'r+');
    try {
      // pcap, microseconds, version 2.4, snaplen 262144, Ethernet; no packet yet
      writeSync(writer, Buffer.from('d4c3b2a1020004000000000000000000000004000100000', 'hex'));
      writeSync(writer, Buffer.from([0]));
      await use(path);
    } finally {
      closeSync(writer);
    }
  });
}
