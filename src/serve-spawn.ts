/**
 * Processes of the service are the same executable with a hidden sub-command, `deadair role NAME`, and an IPC channel.
 *
 * They die with their parent, whatever happens to it: the kernel kills them (`setpriv --pdeathsig`), and where that
 * program is missing the closed channel ends them. They stay in the parent's process group.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { packageRoot } from './base/root.ts';

let guard: boolean | null = null;

/** util-linux has it from 2.33 on. */
function canGuard(): boolean {
  if (guard !== null) return guard;
  try {
    execFileSync('setpriv', ['--pdeathsig', 'KILL', 'true'], { stdio: 'ignore', timeout: 10_000 });
    guard = true;
  } catch {
    guard = false;
  }
  return guard;
}

/** Program and arguments that run Node with `args`, tied to this process's life. */
export function guardedCommand(args: readonly string[]): [string, string[]] {
  if (!canGuard()) return [process.execPath, [...args]];
  return ['setpriv', ['--pdeathsig', 'KILL', '--', process.execPath, ...args]];
}

/** `nodeFlags`: for the child's Node. Its output goes where ours goes. */
export function spawnRole(role: string, nodeFlags: readonly string[] = []): ChildProcess {
  const script = join(packageRoot(), 'bin', 'deadair');
  const [program, args] = guardedCommand([...nodeFlags, script, 'role', role]);
  return spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
}
