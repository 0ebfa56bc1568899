/**
 * The command line: arguments in, one command, an exit status out.
 *
 * Only what a command needs is loaded for it: a small file must not cost more than Node's own
 * start.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError, Option } from 'commander';
import { AppError, EXIT } from './base/errors.ts';
import { packageRoot } from './base/root.ts';
import { checkCommand } from './check-command.ts';
import { doctorCommand } from './doctor-command.ts';
import { INTERRUPTED, tellFailure } from './failure.ts';
import { processTerminal, type Terminal } from './terminal.ts';

/** Promised by the contract, not built yet: they say so instead of looking like a typing error. */
const LATER = ['watch', 'serve', 'work', 'submit', 'dead'];

/** A flag that may be given more than once. */
const repeated = (
  value: string,
  before: readonly string[] | undefined,
): readonly string[] | undefined => [...(before ?? []), value];

function version(): string {
  const manifest = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as {
    version: string;
  };
  return manifest.version;
}

const READ_NOTES = `
A silence is a stretch of an established TCP connection without a packet, --shortest or longer.
Every flag but the output formats may come from the environment: --max-flows as DEADAIR_MAX_FLOWS.

Exit status: 0 analysed · 1 findings, with --fail-on-findings · 2 usage · 3 input unreadable ·
4 no permission · 5 not set up (the native part is missing) · 70 a bug · 130 stopped

Examples:
  deadair read trouble.pcap
  deadair read --json --shortest 5s day1.pcapng day2.pcapng.gz
  deadair read --together inside.pcap outside.pcap
  ssh gateway tcpdump -w - tcp | deadair read -`;

function readCommand(
  terminal: Terminal,
  signal: AbortSignal,
  done: (status: number) => void,
): Command {
  return new Command('read')
    .description('find connections that died while silent in capture files')
    .argument(
      '<file...>',
      'pcap or pcapng, also .gz or .zst; "-" is stdin; several make one time line',
    )
    .option('--json', 'the whole report as one JSON document (see `deadair schema report`)')
    .option('--ndjson', 'every finding as one line of JSON')
    .option('--csv', 'every finding as one line of CSV')
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
    .option('--carve <dir>', "write each finding's packets to a pcap file in this folder")
    .option('--headers-only', 'carve without payload')
    .option(
      '--anonymize [=keyfile]',
      'replace every address, keeping common prefixes (key: 32 bytes, or 64 hex digits)',
    )
    .option('--fail-on-findings', 'exit with 1 when something was found')
    .option('--quiet', 'no progress and no notes on stderr')
    .option('--no-color', 'no colour (as does NO_COLOR in the environment)')
    .addOption(new Option('--html <file>').hideHelp())
    .addOption(new Option('--config <file>').hideHelp())
    .addHelpText('after', READ_NOTES)
    .action(async (files: string[], flags: Record<string, unknown>) => {
      const { read } = await import('./read.ts');
      done(await read(files, flags, terminal, signal));
    });
}

const COMPARE_NOTES = `
BEFORE and AFTER are each a report made by \`deadair read --json\`, or a capture, which is analysed first.
Worse means kills that BEFORE does not explain: a shorter timeout, kills where there were none, after
silences that were spared before, or significantly more an hour.

Exit status: 0 compared · 1 something got worse, with --fail-on-findings · 2 usage ·
3 input unreadable · 4 no permission · 5 not set up · 70 a bug · 130 stopped

Examples:
  deadair compare monday.json tuesday.pcap
  deadair compare --fail-on-findings --json before.json after.json`;

function compareCommand(
  terminal: Terminal,
  signal: AbortSignal,
  done: (status: number) => void,
): Command {
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
    .addHelpText('after', COMPARE_NOTES)
    .action(async (before: string, after: string, flags: Record<string, unknown>) => {
      const { compare } = await import('./compare.ts');
      done(await compare({ before, after }, flags, terminal, signal));
    });
}

function schemaSubcommand(terminal: Terminal, done: (status: number) => void): Command {
  return new Command('schema')
    .description('print the JSON Schema of a document')
    .argument('<document>', 'report, compare or doctor')
    .action(async (what: string) => {
      const { schemaCommand } = await import('./schema-command.ts');
      done(await schemaCommand(what, terminal));
    });
}

function program(terminal: Terminal, signal: AbortSignal, done: (status: number) => void): Command {
  const output = { writeOut: (text: string) => void terminal.out(text), writeErr: () => {} };
  const root = new Command('deadair')
    .description('Finds TCP connections that die while they are silent, and what killed them.')
    .version(version(), '--version')
    .helpCommand(false)
    .addCommand(readCommand(terminal, signal, done))
    .addCommand(compareCommand(terminal, signal, done))
    .addCommand(doctorCommand(terminal, done))
    .addCommand(checkCommand(terminal, signal, done))
    .addCommand(schemaSubcommand(terminal, done));
  for (const command of [root, ...root.commands]) {
    command.exitOverride().configureOutput(output).helpOption('--help', 'show this help');
  }
  return root;
}

function refuseLater(name: string | undefined): void {
  if (name === undefined || !LATER.includes(name)) return;
  throw new AppError(
    'E_USAGE',
    `\`deadair ${name}\` is not in this version`,
    'see `deadair --help` for what is',
  );
}

/** A bare --anonymize must not swallow the file behind it: its key stands behind "=" or nowhere. */
function withOwnValue(argv: readonly string[]): string[] {
  const end = argv.indexOf('--');
  return argv.map((word, i) =>
    word === '--anonymize' && (end < 0 || i < end) ? '--anonymize=' : word,
  );
}

/**
 * Commander's own complaint as one of ours; null when it only wanted to show help or the version.
 */
function usageError(thrown: CommanderError, argv: readonly string[]): AppError | null {
  if (thrown.exitCode === 0) return null;
  const command = ['read', 'compare', 'doctor', 'check', 'schema'].includes(argv[0] ?? '')
    ? ` ${argv[0]}`
    : '';
  const what =
    thrown.code === 'commander.help' ? 'no command given' : thrown.message.replace(/^error: /, '');
  return new AppError('E_USAGE', what.replaceAll('\n', ' '), `see \`deadair${command} --help\``);
}

/** Runs one command and answers its exit status. */
export async function run(
  argv: readonly string[],
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  let status: number = EXIT.ok;
  try {
    refuseLater(argv[0]);
    await program(terminal, signal, (answer) => (status = answer)).parseAsync(withOwnValue(argv), {
      from: 'user',
    });
  } catch (thrown) {
    const error = thrown instanceof CommanderError ? usageError(thrown, argv) : thrown;
    if (argv[0] === 'check') {
      const { unknown } = await import('./check.ts');
      return unknown(error, terminal);
    }
    if (error !== null) status = tellFailure(error, terminal);
  }
  return status;
}

/** Chosen: a shard that waits in a read of a pipe does not hear of it. */
const PATIENCE_MS = 1000;

/** Ctrl-C stops the analysis at its next slice; a second one does not wait for that. */
function interruptible(): AbortSignal {
  const stop = new AbortController();
  process.on('SIGINT', () => {
    if (stop.signal.aborted) process.exit(INTERRUPTED);
    stop.abort();
    setTimeout(() => process.exit(INTERRUPTED), PATIENCE_MS).unref();
  });
  return stop.signal;
}

export async function main(argv: readonly string[]): Promise<void> {
  process.exitCode = await run(argv, processTerminal(), interruptible());
}
