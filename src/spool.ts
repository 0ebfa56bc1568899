/**
 * Stdin in a file of its own, for a command that has to read it twice. Bounded: a pipe may never
 * end.
 */
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from './base/errors.ts';
import { Interrupted } from './failure.ts';

/** Chosen: fits the temporary folder of most machines. */
export const SPOOL_BYTES = 2 ** 30;

export interface Spool {
  readonly path: string;
  remove(): void;
}

const tooLong = (most: number): AppError =>
  new AppError(
    'E_CARVE_STREAM',
    `stdin is longer than the ${most} bytes that are kept for carving`,
    'write the capture to a file first, then read that with --carve',
  );

async function fill(
  descriptor: number,
  input: AsyncIterable<Uint8Array>,
  most: number,
  signal: AbortSignal,
): Promise<void> {
  let written = 0;
  for await (const chunk of input) {
    if (signal.aborted) throw new Interrupted('stopped');
    written += chunk.length;
    if (written > most) throw tooLong(most);
    for (let at = 0; at < chunk.length; ) at += writeSync(descriptor, chunk, at);
  }
}

export async function spoolStdin(
  signal: AbortSignal,
  input: AsyncIterable<Uint8Array> = process.stdin,
  most = SPOOL_BYTES,
): Promise<Spool> {
  const folder = mkdtempSync(join(tmpdir(), 'deadair-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  const path = join(folder, 'stdin');
  const descriptor = openSync(path, 'wx', 0o600);
  try {
    await fill(descriptor, input, most, signal);
    return { path, remove };
  } catch (thrown) {
    remove();
    throw thrown;
  } finally {
    closeSync(descriptor);
  }
}
