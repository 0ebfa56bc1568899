/** How `deadair backup` is called. */
import { Command } from 'commander';
import type { Invocation } from './invocation.ts';

const NOTES = `
The copy is one file: to go back to it, stop the service and put it in the place
of deadair.db (and delete deadair.db-wal and deadair.db-shm). Captures and
reports lie beside the store as files; copy those yourself.

Exit status: 0 copied · 2 usage · 3 not written`;

export function backupCommand({ terminal, done }: Invocation): Command {
  return new Command('backup')
    .description("copy a service's store to a file, also while it runs")
    .argument('<file>', 'a name that does not exist yet')
    .option('--data <dir>', 'data directory (default: $XDG_DATA_HOME/deadair)')
    .addHelpText('after', NOTES)
    .action(async (file: string, flags: Record<string, unknown>) => {
      const { backup } = await import('./backup.ts');
      done(await backup(file, flags, terminal));
    });
}
