/** `deadair backup FILE`: a copy of the store, also while `serve` runs. */
import { resolve } from 'node:path';
import { Settings } from './config.ts';
import { backUp } from './report/store/backup.ts';
import { visible } from './report/visible.ts';
import { defaultData } from './serve-settings.ts';
import type { Terminal } from './terminal.ts';

type Flags = Readonly<Record<string, unknown>>;

export async function backup(file: string, flags: Flags, terminal: Terminal): Promise<number> {
  const settings = new Settings(flags, terminal.env);
  const data = resolve(settings.text('data') ?? defaultData(terminal.env));
  const findings = backUp(data, resolve(file));
  await terminal.out(`${findings} findings are in ${visible(file)}\n`);
  return 0;
}
