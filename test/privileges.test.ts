/** What a process may still do after `--user`, looked up where the kernel keeps it. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { AppError } from '../src/base/errors.ts';
import { packageRoot } from '../src/base/root.ts';
import { accountOf } from '../src/host/privileges.ts';

interface Task {
  readonly id: number;
  readonly Uid: string;
  readonly Gid: string;
  readonly Groups: string;
  readonly CapInh: string;
  readonly CapPrm: string;
  readonly CapEff: string;
  readonly CapBnd: string;
  readonly CapAmb: string;
  readonly NoNewPrivs: string;
}

interface Left {
  readonly main: number;
  readonly old: readonly Task[];
  readonly fresh: readonly Task[];
  readonly child: Task;
  readonly mayRaw: boolean;
  readonly root: string;
  readonly shadow: string;
  readonly conntrack: string;
}

const PROGRAM = join(packageRoot(), 'test', 'lab', 'programs', 'drop.js');

function ran(words: readonly string[]): Promise<{ out: string; err: string }> {
  return new Promise((resolve) => {
    const [program = '', ...rest] = words;
    execFile(program, rest, (_, out, err) => resolve({ out, err }));
  });
}

async function dropped(user: string, ...keep: readonly string[]): Promise<Left> {
  const { out, err } = await ran([process.execPath, PROGRAM, user, ...keep]);
  if (out === '') throw new Error(err);
  return JSON.parse(out) as Left;
}

const bit = (number: number): string => (1n << BigInt(number)).toString(16).padStart(16, '0');
const NONE = bit(64).slice(1).padStart(16, '0');
const RAW = bit(13);
const NOBODY = 65_534;
const four = (id: number): string => Array.from({ length: 4 }, () => String(id)).join('\t');

const isRoot = process.getuid?.() === 0;

describe.skipIf(!isRoot)('--user, started as root (needs root)', () => {
  test('the thread that drops keeps CAP_NET_RAW alone, and nothing can be gained', async () => {
    const { old, main, mayRaw } = await dropped('nobody', 'CAP_NET_RAW');
    expect(mayRaw).toBe(true);
    expect(old.find(({ id }) => id === main)).toMatchObject({
      Uid: four(NOBODY),
      Gid: four(NOBODY),
      CapPrm: RAW,
      CapEff: RAW,
      CapBnd: RAW,
      CapInh: NONE,
      CapAmb: NONE,
      NoNewPrivs: '1',
    });
  });

  test('no other thread is left with root or a capability', async () => {
    const { old, main } = await dropped('nobody', 'CAP_NET_RAW');
    const others = old.filter(({ id }) => id !== main);
    expect(others.length).toBeGreaterThan(4);
    for (const one of others)
      expect(one).toMatchObject({ Uid: four(NOBODY), CapPrm: NONE, CapEff: NONE, CapAmb: NONE });
  });

  test('a worker started afterwards may open interfaces again; a program may nothing', async () => {
    const { fresh, child } = await dropped('nobody', 'CAP_NET_RAW');
    expect(fresh.length).toBeGreaterThan(0);
    for (const one of fresh) expect(one).toMatchObject({ CapEff: RAW, NoNewPrivs: '1' });
    expect(child).toMatchObject({ Uid: four(NOBODY), CapPrm: NONE, CapEff: NONE, NoNewPrivs: '1' });
  });

  test('root, its files and conntrack are out of reach', async () => {
    const { root, shadow, conntrack } = await dropped('nobody', 'CAP_NET_RAW');
    expect([root, shadow, conntrack]).toEqual(['EPERM', 'EACCES', 'E_CONNTRACK_DENIED']);
  });

  test('with nothing to keep nothing is left', async () => {
    const { old, mayRaw } = await dropped('nobody');
    expect(mayRaw).toBe(false);
    for (const one of old) expect(one).toMatchObject({ CapPrm: NONE, CapEff: NONE });
  });

  test('a user without root is told what --user needs', async () => {
    const words = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'];
    const { out, err } = await ran([...words, process.execPath, PROGRAM, '1', 'CAP_NET_RAW']);
    expect(out).toBe('');
    expect(err).toMatch(/^E_PRIVILEGES setgroups: Operation not permitted/);
  });
});

describe('who --user names', () => {
  test('a name has its own groups; a number needs no entry', () => {
    expect(accountOf('root')).toMatchObject({ user: 0, group: 0 });
    expect(accountOf('54321')).toEqual({
      name: '54321',
      user: 54_321,
      group: 54_321,
      groups: [54_321],
    });
  });

  test('an unknown name is an error with a hint, not root', () => {
    const unknown = (): unknown => accountOf('no-such-user-here');
    expect(unknown).toThrow(AppError);
    expect(unknown).toThrow(/there is no user no-such-user-here/);
  });
});
