/** The store's file: rights, layout, several processes at once, and what it does about files that are not its own. */
import { execFile } from 'node:child_process';
import { chmodSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { openDatabase, STORE_FILE } from '../src/report/store/database.ts';
import { MIGRATIONS } from '../src/report/store/migrate.ts';
import { withFolder } from './kit/temporary.ts';

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

test('the data directory and every file of the store belong to their owner alone', () =>
  withFolder(async (folder) => {
    chmodSync(folder, 0o755);
    const db = openDatabase(folder);
    db.run("INSERT INTO sessions VALUES ('x', 'read', 1, 2)");
    expect(modeOf(folder)).toBe('700');
    const files = readdirSync(folder);
    expect(files).toContain(`${STORE_FILE}-wal`);
    expect(files.map((name) => modeOf(join(folder, name)))).toEqual(files.map(() => '600'));
    db.close();
  }));

test('a commit is on the disk, foreign keys hold, and the log is a WAL', () =>
  withFolder(async (folder) => {
    const db = openDatabase(folder);
    expect(db.get('PRAGMA synchronous')).toMatchObject({ synchronous: 2 });
    expect(db.get('PRAGMA journal_mode')).toMatchObject({ journal_mode: 'wal' });
    expect(() => db.run("INSERT INTO evidence VALUES ('f_none', x'00', 1)")).toThrow(/FOREIGN KEY/);
    db.close();
  }));

test('a transaction that fails leaves nothing behind, nested or not', () =>
  withFolder(async (folder) => {
    const db = openDatabase(folder);
    const insert = (key: string) => db.run("INSERT INTO sessions VALUES (?, 'read', 1, 2)", key);
    const fails = () =>
      db.transaction(() => {
        insert('a');
        db.transaction(() => insert('b'));
        throw new Error('no');
      });
    expect(fails).toThrow('no');
    expect(db.all('SELECT * FROM sessions')).toEqual([]);
    db.transaction(() => insert('c'));
    expect(db.all('SELECT token_hash FROM sessions')).toEqual([{ token_hash: 'c' }]);
    db.close();
  }));

test('another connection sees what was committed, and learns that something is new', () =>
  withFolder(async (folder) => {
    const [one, other] = [openDatabase(folder), openDatabase(folder)];
    const before = other.dataVersion();
    expect(other.get('SELECT * FROM sessions')).toBeUndefined();
    one.run("INSERT INTO sessions VALUES ('x', 'read', 1, 2)");
    expect(other.dataVersion()).not.toBe(before);
    expect(other.get('SELECT role FROM sessions')).toMatchObject({ role: 'read' });
    one.close();
    other.close();
  }));

test('six processes that open a new store at once all find it whole', () =>
  withFolder(async (folder) => {
    const script = `
      const { openDatabase } = await import(process.argv[1]);
      const db = openDatabase(process.argv[2]);
      for (let i = 0; i < 20; i++)
        db.transaction(() => db.run("INSERT INTO sessions VALUES (?, 'read', 1, 2)", process.pid + '/' + i));
      process.stdout.write(String(db.get('PRAGMA user_version').user_version));`;
    const module = join(import.meta.dirname, '..', 'dist', 'src', 'report', 'store', 'database.js');
    const args = ['--input-type=module', '-e', script, module, join(folder, 'new')];
    const run = promisify(execFile);
    const said = await Promise.all(Array.from({ length: 6 }, () => run(process.execPath, args)));
    expect(said.map(({ stdout }) => stdout)).toEqual(said.map(() => String(MIGRATIONS.length)));
    const db = openDatabase(join(folder, 'new'));
    expect(db.get('SELECT count(*) AS n FROM sessions')).toMatchObject({ n: 120 });
    db.close();
  }));

test('a store that a later version wrote is refused, not changed', () =>
  withFolder(async (folder) => {
    const db = openDatabase(folder);
    db.script(`PRAGMA user_version = ${MIGRATIONS.length + 1}`);
    db.close();
    expect(() => openDatabase(folder)).toThrow(expect.objectContaining({ code: 'E_STORE_NEWER' }));
  }));

test('a file that is no database is refused with what to do', () =>
  withFolder(async (folder) => {
    writeFileSync(join(folder, STORE_FILE), 'this is no database'.repeat(300));
    expect(() => openDatabase(folder)).toThrow(
      expect.objectContaining({ code: 'E_STORE', hint: expect.stringContaining('backup') }),
    );
  }));

test('a store that is asked after its close says so, and the process lives', () =>
  withFolder(async (folder) => {
    const db = openDatabase(folder);
    db.close();
    db.close();
    for (const ask of [
      () => db.get('SELECT 1'),
      () => db.transaction(() => 1),
      () => db.script(''),
    ]) {
      expect(ask).toThrow('the store is closed');
    }
  }));
