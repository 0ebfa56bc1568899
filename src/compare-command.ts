/** How `deadair compare` is called. */
import { Command } from 'commander';
import type { Invocation } from './invocation.ts';

const NOTES = `
BEFORE and AFTER are each a report made by \`deadair read --json\`, or a capture,
which is analysed first. Worse means kills that BEFORE does not explain: a
shorter timeout, kills where there were none, after silences that were spared
before, or significantly more an hour.

Exit status: 0 compared · 1 something got worse, with --fail-on-findings ·
2 usage · 3 input unreadable · 4 no permission · 5 not set up · 70 a bug ·
130 stopped

Examples:
  deadair compare monday.json tuesday.pcap
  deadair compare --fail-on-findings --json before.json after.json`;

export function compareCommand({ terminal, signal, done }: Invocation): Command {
  return new Command('compare')
    .description(
      'what changed between two reports or captures: timeouts, what is fixed, what is new',
    )
    .argument('<before>', 'a report (JSON) or a capture')
    .argument('<after>', 'the same, later')
    .option('--json', 'one JSON document (see `deadair schema compare`)')
    .option('--shortest <duration>', 'of captures: shortest silence to look at (default: 20s)')
    .option('--filter <expression>', 'of captures: read only packets that match')
    .option('--workers <n>', 'of captures: threads')
    .option('--max-flows <n>', 'of captures: connections remembered at once')
    .option('--fail-on-findings', 'exit with 1 when something got worse')
    .option('--quiet', 'no progress on stderr')
    .option('--no-color', 'no colour (as does NO_COLOR in the environment)')
    .addHelpText('after', NOTES)
    .action(async (before: string, after: string, flags: Record<string, unknown>) => {
      const { compare } = await import('./compare.ts');
      done(await compare({ before, after }, flags, terminal, signal));
    });
}
