/** How `deadair dead` is called. */
import { Command } from 'commander';
import type { Invocation } from './invocation.ts';

const NOTES = `
Examples:
  deadair dead
  deadair dead --redrive captures/j_0123456789abcdef0123
  deadair dead --redrive all`;

export function deadCommand({ terminal, done }: Invocation): Command {
  return new Command('dead')
    .description('what the queues of a service gave up on: list it, put it back')
    .option('--server <url>', 'the service (default: http://127.0.0.1:8686)')
    .option('--token-file <file>', 'holds the token, where the service wants one')
    .option('--redrive <letter>', 'put QUEUE/ID back on its queue, or all of them')
    .option('--json', 'the list as JSON')
    .addHelpText('after', NOTES)
    .action(async (flags: Record<string, unknown>) => {
      const { dead } = await import('./dead.ts');
      done(await dead(flags, terminal));
    });
}
