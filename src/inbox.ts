/**
 * `serve --inbox DIR`: rotated captures become jobs when they are finished, each once, also over restarts.
 *
 * What was taken is written down in the same transaction as its job, under the file's identity (device, inode, size,
 * time of change). The file itself stays as it is: who rotates also removes. What is no capture is written down with
 * the reason, so that it is neither asked for again nor forgotten.
 */
import { realpathSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from './base/errors.ts';
import { filesIn, finished, type InboxFile } from './inbox-scan.ts';

/** Chosen: a recorder flushes more often than that, a rotation is rarer. */
export const REST_MS = 10_000;
const LOOK_MS = 2_000;

export interface InboxLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface InboxOptions {
  readonly folders: readonly string[];
  readonly restMs?: number;
  readonly lookMs?: number;
  readonly isTaken: (key: string) => boolean;
  /** Makes the job and writes the key down, both or neither. */
  readonly take: (file: InboxFile) => Promise<void>;
  /** Writes down that a file will never be taken, and why. */
  readonly refuse: (file: InboxFile, why: AppError) => void;
  readonly log: InboxLog;
  readonly signal: AbortSignal;
}

/** The folder itself may be a link; E_INPUT_MISSING when it is not there at the start. */
export function inboxFolder(folder: string): string {
  try {
    return realpathSync(folder);
  } catch (cause) {
    throw new AppError(
      'E_INPUT_MISSING',
      `the inbox ${folder} is not there`,
      'make the folder first, or check its name',
      cause,
    );
  }
}

/** What the file is at fault for is final; all else (a full disk, a busy store) passes and is tried again. */
const isFinal = (thrown: unknown): thrown is AppError =>
  thrown instanceof AppError && /^E_INPUT_[A-Z]/.test(thrown.code);

async function offer(file: InboxFile, { take, refuse, log }: InboxOptions): Promise<void> {
  const { name, bytes } = file;
  try {
    await take(file);
    log.info({ name, bytes }, 'inbox took a capture');
  } catch (thrown) {
    const problem = thrown instanceof Error ? thrown.message : String(thrown);
    if (isFinal(thrown)) refuse(file, thrown);
    log.warn({ name, bytes, problem, again: !isFinal(thrown) }, 'inbox could not take a file');
  }
}

async function look(folder: string, options: InboxOptions): Promise<void> {
  const fresh = filesIn(folder).filter(({ key }) => !options.isTaken(key));
  for (const file of finished(fresh, options.restMs ?? REST_MS, Date.now())) {
    if (options.signal.aborted) return;
    await offer(file, options);
  }
}

/** Runs until the signal; a folder that vanishes is asked for again, with one line in the log a change. */
export async function watchInbox(options: InboxOptions): Promise<void> {
  const { folders, signal, log, lookMs = LOOK_MS } = options;
  const away = new Set<string>();
  while (!signal.aborted) {
    for (const folder of folders) {
      try {
        await look(folder, options);
        if (away.delete(folder)) log.info({ folder }, 'inbox is there again');
      } catch (thrown) {
        if (!away.has(folder))
          log.warn({ folder, problem: String(thrown) }, 'inbox cannot be read');
        away.add(folder);
      }
    }
    await sleep(lookMs, undefined, { signal }).catch(() => {});
  }
}
