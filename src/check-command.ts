/** How `deadair check` is called. */
import { Command, Option } from 'commander';
import type { Invocation } from './invocation.ts';

const NOTES = `
kills      connections killed by a box, in an hour of the capture (--report)
timeout    lowest idle timeout that was found, seconds (--report)
drops      packets lost while capturing (--report), else by this host
keepalive  connections of this host that keepalive would not save in time
agents     agents of a service that have fallen silent (--server)

With --server kills are those of the last hour, timeout the lowest of all paths,
drops those of all agents.

A range alerts outside of it, ends excluded: 10 (that is 0 to 10), 10: (10 or
more), ~:10 (10 or less), 10:20. @10:20 alerts inside, ends included.

Exit status: 0 OK · 1 WARNING · 2 CRITICAL ·
3 UNKNOWN (also usage, unreadable, too old, too slow)

Examples:
  deadair check --metric kills --report report.json -w 1 -c 10
  deadair check --metric timeout --report report.json -c 300:
  deadair check --metric keepalive --idle-timeout 350s -w 0
  deadair check --server https://deadair.example --metric agents -c 0`;

export function checkCommand({ terminal, signal, done }: Invocation): Command {
  return new Command('check')
    .description('a Nagios and Icinga check over a report or this host')
    .option('--metric <name>', 'kills, timeout, drops, keepalive or agents')
    .option('-w, --warning <range>', 'alert with WARNING outside of this range')
    .option('-c, --critical <range>', 'alert with CRITICAL outside of this range')
    .option('--report <file>', 'report of `deadair read --json`')
    .option('--max-age <duration>', 'an older report is UNKNOWN (default: 1h)')
    .option('--idle-timeout <duration>', 'for keepalive: idle timeout of the box (default: 240s)')
    .option('-t, --timeout <seconds>', 'give up after so many seconds (default: 10)')
    .option('--server <url>', 'ask a running service instead (token: --token-file, DEADAIR_TOKEN)')
    .option('--token-file <file>', 'holds the token, where the service wants one')
    .addOption(new Option('--proc-root <dir>').hideHelp())
    .addHelpText('after', NOTES)
    .action(async (flags: Record<string, unknown>) => {
      const { check } = await import('./check.ts');
      done(await check(flags, terminal, signal));
    });
}
