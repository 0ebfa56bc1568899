/** How `deadair submit` is called. */
import { Command } from 'commander';
import type { Invocation } from './invocation.ts';

const NOTES = `
The service keeps the capture, analyses it in its turn and keeps the report; the
job's address is printed. With --wait the report is printed as \`deadair read\`
prints it. FILE may be "-", for stdin.

Exit status: 0 submitted (with --wait: analysed) ·
1 findings, with --fail-on-findings · 2 usage ·
3 unreadable, refused by the service, or not analysable · 4 no permission ·
5 no service · 130 stopped

Examples:
  deadair submit --wait trouble.pcap
  deadair submit --server https://deadair.example --token-file t day.pcapng.gz`;

export function submitCommand({ terminal, signal, done }: Invocation): Command {
  return new Command('submit')
    .description('send a capture to a running service')
    .argument('<file>', 'a capture, or "-" for stdin')
    .option('--server <url>', 'the service (default: http://127.0.0.1:8686)')
    .option('--token-file <file>', 'holds the token, where the service wants one')
    .option('--shortest <duration>', 'shortest silence to look at (default: 20s)')
    .option('--filter <expression>', 'look only at packets that match (pcap-filter(7))')
    .option('--wait', 'wait for the analysis and print its report')
    .option('--json', 'the job, or with --wait its report, as one JSON document')
    .option('--fail-on-findings', 'with --wait: exit with 1 when something was found')
    .option('--quiet', 'no progress on stderr')
    .option('--no-color', 'no colour (as does NO_COLOR in the environment)')
    .action(async (file: string, flags: Record<string, unknown>) => {
      const { submit } = await import('./submit.ts');
      done(await submit(file, flags, terminal, signal));
    })
    .addHelpText('after', NOTES);
}
