/** How `deadair watch` is called. */
import { Command } from 'commander';
import { type Invocation, repeated } from './invocation.ts';

const NOTES = `
A finding is told when it happens, and again with a higher update when more is
known of it. SIGUSR1 prints the report so far; Ctrl-C or SIGTERM ends with the
whole report. Packets that the kernel had no room for are counted, and a silence
across such a moment is never called a kill. Every flag but the output formats
may come from the environment: --max-flows as DEADAIR_MAX_FLOWS.

Exit status: 0 watched · 2 usage · 3 no such interface · 4 may not capture ·
5 not set up · 70 a bug

Examples:
  deadair watch -i in0 -i out0
  deadair watch -i any --ndjson --for 1h
  deadair watch -i eth0 --carve /var/tmp/kills --report /var/tmp/kills.json`;

export function watchCommand({ terminal, signal, done }: Invocation): Command {
  return new Command('watch')
    .description('find connections that die while silent, as it happens, on live interfaces')
    .option('-i, --interface <name>', 'interface to watch, or "any" (repeatable)', repeated)
    .option('--list', 'show the interfaces of this machine')
    .option('--json', 'the whole report at the end as one JSON document')
    .option('--ndjson', 'every finding as one line of JSON, as it happens')
    .option('--shortest <duration>', 'shortest silence to look at (default: 20s)')
    .option('--filter <expression>', 'watch only packets that match (pcap-filter(7))')
    .option('--workers <n>', 'threads that share the packets of each interface (default: 1)')
    .option('--buffer <size>', "the kernel's ring for each interface (default: 64MiB)")
    .option('--max-flows <n>', 'connections remembered at once (default: 2097152)')
    .option('--max-findings <n>', 'findings listed in a report (default: 10000)')
    .option('--for <duration>', 'end after this time')
    .option('--until-findings <n>', 'end after so many findings')
    .option(
      '--report <file>',
      'keep a report in this file (JSON; .html: a page), whole at every moment',
    )
    .option('--report-every <duration>', 'how often it is written (default: 1m)')
    .option('--carve <dir>', "write each finding's packets to a pcapng file in this folder")
    .option('--carve-ring <size>', 'recent headers kept in memory for that (default: 64MiB)')
    .option(
      '--to <url>',
      'hand findings to the queue of this Redis (redis://, rediss://, a socket)',
    )
    .option('--spool <dir>', 'where they wait for it (default: below the state directory)')
    .option('--spool-size <size>', 'how much may wait there')
    .option('--conntrack', 'take what the kernel of this gateway forgets as evidence')
    .option('--user <name>', 'become this user, with nothing left but the right to capture')
    .option('--what-if <duration>', 'keepalive time to judge in reports (repeatable)', repeated)
    .option('--quiet', 'no status line and no notes on stderr')
    .option('--no-color', 'no colour (as does NO_COLOR in the environment)')
    .addHelpText('after', NOTES)
    .action(async (flags: Record<string, unknown>) => {
      const { watch } = await import('./watch.ts');
      done(await watch(flags, terminal, signal));
    });
}
