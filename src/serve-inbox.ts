/** The process that looks after `serve --inbox DIR`: finished captures become jobs, each once. See inbox.ts. */
import { createReadStream, rmSync } from 'node:fs';
import { AppError } from './base/errors.ts';
import { openLog } from './base/log.ts';
import { inboxFolder, watchInbox } from './inbox.ts';
import type { InboxFile } from './inbox-scan.ts';
import { Problem } from './report/api/problem.ts';
import { receiveCapture } from './report/api/upload.ts';
import { type Database, openDatabase } from './report/store/database.ts';
import { isInInbox, noteInInbox } from './report/store/inbox.ts';
import { insertJob, newJobId } from './report/store/jobs.ts';
import { captureFile } from './report/store/places.ts';
import type { RoleConfig, Running } from './serve-role.ts';

/** What an upload is refused for, in the words of files. */
function asInputError(thrown: unknown, { path }: InboxFile): unknown {
  if (!(thrown instanceof Problem)) return thrown;
  const code = thrown.slug === 'not-a-capture' ? 'E_INPUT_FORMAT' : 'E_INPUT_IO';
  if (thrown.slug === 'no-space') return new Error(thrown.message);
  return new AppError(code, `${path}: ${thrown.message}`, 'see docs/errors.md', thrown);
}

/** The capture is copied: who rotates may remove the file at any time. */
async function take(file: InboxFile, data: string, db: Database): Promise<void> {
  const id = newJobId();
  const plan = { data, job: id, maxBytes: Number.MAX_SAFE_INTEGER, announced: file.bytes };
  try {
    const uploaded = await receiveCapture(
      plan,
      createReadStream(file.path, { highWaterMark: 2 ** 18 }),
    );
    const now = Date.now();
    const { key, name } = file;
    const taken = db.transaction(() => {
      if (!noteInInbox(db, { key, name, job: id, problem: null }, now)) return false;
      insertJob(db, { id, name, source: 'inbox', settings: {}, ...uploaded }, now);
      return true;
    });
    if (!taken) rmSync(captureFile(data, id), { force: true });
  } catch (thrown) {
    rmSync(captureFile(data, id), { force: true });
    throw asInputError(thrown, file);
  }
}

/** The sweeper (serve-sweeper.ts) puts its jobs on the queue. */
export async function startInbox({ data, inbox, inboxRestMs }: RoleConfig): Promise<Running> {
  const db = openDatabase(data);
  const stop = new AbortController();
  const run = watchInbox({
    folders: inbox.map(inboxFolder),
    ...(inboxRestMs === null ? {} : { restMs: inboxRestMs, lookMs: Math.min(2000, inboxRestMs) }),
    isTaken: (key) => isInInbox(db, key),
    take: (file) => take(file, data, db),
    refuse: ({ key, name }, { code, message }) =>
      void noteInInbox(db, { key, name, job: null, problem: `${code}: ${message}` }, Date.now()),
    log: openLog('inbox'),
    signal: stop.signal,
  });
  return {
    async close() {
      stop.abort();
      await run;
    },
  };
}
