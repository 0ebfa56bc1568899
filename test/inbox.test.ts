/** Rotated captures in a folder: finished before they are taken, each once, whatever happens to their names. */
import {
  appendFileSync,
  closeSync,
  mkdirSync,
  openSync,
  renameSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { AppError } from '../src/base/errors.ts';
import { inboxFolder, type InboxOptions, watchInbox } from '../src/inbox.ts';
import { type InboxFile, filesIn, finished } from '../src/inbox-scan.ts';
import { openDatabase } from '../src/report/store/database.ts';
import { isInInbox, noteInInbox } from '../src/report/store/inbox.ts';
import { withFolder } from './kit/temporary.ts';

const longAgo = new Date(Date.now() - 60_000);

function put(folder: string, name: string, text = 'packets'): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  utimesSync(path, longAgo, longAgo);
  return path;
}

const names = (files: readonly InboxFile[]) => files.map(({ name }) => name);
const ready = (folder: string) => names(finished(filesIn(folder), 10_000, Date.now()));

test('a capture that rests is finished; one that was written to a moment ago is not', () =>
  withFolder(async (folder) => {
    put(folder, 'old.pcap');
    appendFileSync(put(folder, 'growing.pcap'), 'more');
    expect(names(filesIn(folder)).sort()).toEqual(['growing.pcap', 'old.pcap']);
    expect(ready(folder)).toEqual(['old.pcap']);
  }));

test('a file that a recorder has open for writing is not finished, however long it was quiet', () =>
  withFolder(async (folder) => {
    const real = inboxFolder(folder);
    const path = put(real, 'quiet.pcap');
    const writer = openSync(path, 'a');
    expect(ready(real)).toEqual([]);
    closeSync(writer);
    const reader = openSync(path, 'r');
    expect(ready(real)).toEqual(['quiet.pcap']);
    closeSync(reader);
  }));

test('links, folders, empty files and names of unfinished downloads are left alone', () =>
  withFolder(async (folder) => {
    put(folder, 'real.pcap');
    symlinkSync('/etc/passwd', join(folder, 'link.pcap'));
    mkdirSync(join(folder, 'folder.pcap'));
    for (const name of ['.hidden.pcap', 'a.pcap.part', 'a.pcap.tmp', 'a.pcap~']) put(folder, name);
    put(folder, 'empty.pcap', '');
    expect(ready(folder)).toEqual(['real.pcap']);
  }));

interface Taken {
  readonly names: string[];
  readonly lines: string[];
}

/** Watches until `enough` says so, with a store of its own as `serve` has it. */
async function watched(
  folder: string,
  data: string,
  enough: (taken: Taken, looks: number) => boolean,
  take: (file: InboxFile, taken: Taken) => void = () => {},
): Promise<Taken> {
  const db = openDatabase(data);
  const stop = new AbortController();
  const taken: Taken = { names: [], lines: [] };
  let looks = 0;
  const note = ({ key, name }: InboxFile, job: string | null, problem: string | null) =>
    noteInInbox(db, { key, name, job, problem }, Date.now());
  const options: InboxOptions = {
    folders: [folder],
    restMs: 10_000,
    lookMs: 10,
    isTaken: (key) => {
      if (enough(taken, ++looks)) stop.abort();
      return isInInbox(db, key);
    },
    take: async (file) => {
      take(file, taken);
      note(file, 'j_1', null);
      taken.names.push(file.name);
    },
    refuse: (file, why) => note(file, null, why.code),
    log: {
      info: (_, message) => taken.lines.push(message),
      warn: (_, message) => taken.lines.push(message),
    },
    signal: stop.signal,
  };
  await watchInbox(options);
  db.close();
  return taken;
}

test('each capture is taken once: not again when it is renamed, nor after a restart', () =>
  withFolder(async (root) => {
    const [folder, data] = [join(root, 'inbox'), join(root, 'data')];
    mkdirSync(folder);
    put(folder, 'trace.pcap0');
    put(folder, 'trace.pcap1');
    const first = await watched(folder, data, (_, looks) => looks > 10);
    expect(first.names.sort()).toEqual(['trace.pcap0', 'trace.pcap1']);

    renameSync(join(folder, 'trace.pcap1'), join(folder, 'trace.pcap2'));
    renameSync(join(folder, 'trace.pcap0'), join(folder, 'trace.pcap1'));
    put(folder, 'trace.pcap0', 'a new recording');
    const second = await watched(folder, data, (_, looks) => looks > 10);
    expect(second.names).toEqual(['trace.pcap0']);
  }));

test('what is no capture is refused once, with one line; what fails for now is tried again', () =>
  withFolder(async (root) => {
    const [folder, data] = [join(root, 'inbox'), join(root, 'data')];
    mkdirSync(folder);
    put(folder, 'letter.txt');
    put(folder, 'trace.pcap');
    let full = 2;
    const taken = await watched(
      folder,
      data,
      (_, looks) => looks > 20,
      ({ name }) => {
        if (name === 'letter.txt') throw new AppError('E_INPUT_FORMAT', 'no capture', '');
        if (full-- > 0) throw new Error('ENOSPC');
      },
    );
    expect(taken.names).toEqual(['trace.pcap']);
    expect(taken.lines.filter((line) => /could not/.test(line))).toHaveLength(3);
  }));

test('an inbox that is not there is an error at the start', () => {
  expect(() => inboxFolder('no/such/inbox')).toThrow(/is not there/);
});
