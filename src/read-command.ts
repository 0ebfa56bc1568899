/** How `deadair read` is called. */
import { Command } from 'commander';
import { type Invocation, repeated } from './invocation.ts';

const NOTES = `
A silence is a stretch of an established TCP connection without a packet,
--shortest or longer. Every flag but the output formats may come from the
environment: --max-flows as DEADAIR_MAX_FLOWS.

"sure" in the text, confidence in JSON: how far the evidence goes, 0 to 100 %.
80 % or more takes proof of who made the reset, the other side of the box, or a
path whose kills clearly begin at one length; a guess stays at 50 % or below
(docs/method.md).

Exit status: 0 analysed · 1 findings, with --fail-on-findings · 2 usage ·
3 input unreadable · 4 no permission ·
5 not set up (the native part is missing) · 70 a bug · 130 stopped

Examples:
  deadair read trouble.pcap
  deadair read --json --shortest 5s day1.pcapng day2.pcapng.gz
  deadair read --together inside.pcap outside.pcap
  ssh gateway tcpdump -w - tcp | deadair read -`;

export function readCommand({ terminal, signal, done }: Invocation): Command {
  return new Command('read')
    .description('find connections that died while silent in capture files')
    .argument(
      '<file...>',
      'pcap or pcapng, also .gz or .zst; "-" is stdin; several make one time line',
    )
    .option('--json', 'the whole report as one JSON document (see `deadair schema report`)')
    .option('--ndjson', 'every finding as one line of JSON')
    .option('--csv', 'every finding as one line of CSV')
    .option('--html <file>', 'write the report as one HTML file that works offline ("-": stdout)')
    .option('--shortest <duration>', 'shortest silence to look at (default: 20s)')
    .option('--together', 'each file is a vantage of its own, as inside and outside of a NAT')
    .option('--filter <expression>', 'read only packets that match, as in tcpdump (pcap-filter(7))')
    .option('--workers <n>', 'threads (default: by file size and cores)')
    .option('--max-flows <n>', 'connections remembered at once (default: 2097152)')
    .option('--max-findings <n>', 'findings listed with --json (default: 10000); totals count all')
    .option(
      '--what-if <duration>',
      'say which kills keepalive of this time would have avoided (repeatable)',
      repeated,
    )
    .option(
      '--log <file>',
      'match the errors in this application log with the findings (repeatable)',
      repeated,
    )
    .option(
      '--log-timezone <zone>',
      'of log lines that name none: Europe/Berlin, +02:00, UTC or local (default: the one that fits)',
    )
    .option('--names <file>', 'names of addresses, in the form of /etc/hosts')
    .option('--carve <dir>', "write each finding's packets to a pcap file in this folder")
    .option('--headers-only', 'carve without payload')
    .option(
      '--anonymize [=keyfile]',
      'replace every address, keeping common prefixes (key: 32 bytes, or 64 hex digits)',
    )
    .option('--fail-on-findings', 'exit with 1 when something was found')
    .option('--quiet', 'no progress and no notes on stderr')
    .option('--no-color', 'no colour (as does NO_COLOR in the environment)')
    .option('--config <file>', 'flags from a JSON file (see `deadair schema config`)')
    .addHelpText('after', NOTES)
    .action(async (files: string[], flags: Record<string, unknown>) => {
      const { read } = await import('./read.ts');
      done(await read(files, flags, terminal, signal));
    });
}
