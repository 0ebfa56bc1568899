/** Starts kit/native-child.js: the addon over damaged captures, in a process that may die. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/base/root.ts';
import { withFolder } from './temporary.ts';

export interface Outcome {
  readonly length?: number;
  readonly frames: number;
  readonly complete: boolean;
  readonly code: string | null;
  /** the fates of its packets add up to its frames */
  readonly addsUp: boolean;
}

export interface Outcomes {
  readonly outcomes: readonly Outcome[];
  readonly slowestMs: number;
  readonly rssMiB: number;
}

export type Task =
  | { readonly files: readonly string[] }
  | { readonly cut: string; readonly step: number }
  | { readonly mutate: readonly string[]; readonly from: number; readonly until: number };

export interface Running {
  readonly timeoutMs: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly addon?: string;
}

export const releaseAddon = (): string => join(packageRoot(), 'build', 'Release', 'deadair.node');

const script = join(packageRoot(), 'test', 'kit', 'native-child.js');

function statusOf(folder: string): string {
  try {
    return readFileSync(join(folder, 'status'), 'utf8').split('\n')[0] ?? '';
  } catch {
    return 'before its first run';
  }
}

/** Rejects, naming the run it was in, when the child crashes, hangs or prints to stderr (a sanitizer's report). */
export function inProcess(task: Task, running: Running): Promise<Outcomes> {
  const { timeoutMs, env = {}, addon = releaseAddon() } = running;
  return withFolder(
    (folder) =>
      new Promise((resolve, reject) => {
        const args = [script, addon, folder, JSON.stringify(task)];
        const options = { timeout: timeoutMs, maxBuffer: 1 << 28, env: { ...process.env, ...env } };
        execFile(process.execPath, args, options, (error, stdout, stderr) => {
          if (error === null && stderr === '') resolve(JSON.parse(stdout) as Outcomes);
          else
            reject(
              new Error(
                `in ${statusOf(folder)}: ${error?.signal ?? error?.code}: ${stderr.slice(0, 4000)}`,
              ),
            );
        });
      }),
  );
}
