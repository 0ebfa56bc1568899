/**
 * The command line: arguments in, one command, an exit status out.
 *
 * Only what a command needs is loaded for it: a small file must not cost more than Node's own
 * start.
 */
import { existsSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { AppError, EXIT } from './base/errors.ts';
import { packageVersion } from './base/root.ts';
import { backupCommand } from './backup-command.ts';
import { checkCommand } from './check-command.ts';
import { compareCommand } from './compare-command.ts';
import { deadCommand } from './dead-command.ts';
import { doctorCommand } from './doctor-command.ts';
import { INTERRUPTED, tellFailure } from './failure.ts';
import type { Invocation } from './invocation.ts';
import { readCommand } from './read-command.ts';
import { schemaCommand } from './schema-command.ts';
import { roleCommand, serveCommand } from './serve-command.ts';
import { submitCommand } from './submit-command.ts';
import { processTerminal, type Terminal } from './terminal.ts';
import { watchCommand } from './watch-command.ts';
import { workCommand } from './work-command.ts';

/** In the order of the help. */
const COMMANDS: Readonly<Record<string, (invocation: Invocation) => Command>> = {
  read: readCommand,
  watch: watchCommand,
  compare: compareCommand,
  serve: serveCommand,
  submit: submitCommand,
  work: workCommand,
  dead: deadCommand,
  backup: backupCommand,
  doctor: doctorCommand,
  check: checkCommand,
  schema: (invocation) => schemaCommand(invocation, () => allCommands(invocation)),
};

/** Without the settings of other commands a config file cannot be judged. */
const allCommands = (invocation: Invocation): readonly Command[] =>
  Object.values(COMMANDS).map((define) => define(invocation));

/** Flags that neither the call nor the environment gives come from the file of --config. */
async function configure(called: Command, invocation: Invocation): Promise<void> {
  const { env } = invocation.terminal;
  if (called.opts()['config'] === undefined && !env['DEADAIR_CONFIG']) return;
  const { applyConfig } = await import('./config-file.ts');
  applyConfig(called, env, () => allCommands(invocation));
}

/** Every command that has settings can take them from a file. */
function configurable(command: Command): void {
  const has = command.options.some(({ long }) => long === '--config');
  if (has || command.options.length === 0) return;
  command.option('--config <file>', 'flags from a JSON file (see `deadair schema config`)');
}

/** What Command.version() does, which wants the number before anybody asks. */
function showVersion(terminal: Terminal): never {
  const version = packageVersion();
  void terminal.out(`${version}\n`);
  throw new CommanderError(EXIT.ok, 'commander.version', version);
}

/** With the one command that is called, or with all of them where none is. */
function program(called: string | undefined, invocation: Invocation): Command {
  const { terminal } = invocation;
  const output = { writeOut: (text: string) => void terminal.out(text), writeErr: () => {} };
  const root = new Command('deadair')
    .description('Finds TCP connections that die while they are silent, and what killed them.')
    .option('-V, --version', 'output the version number')
    .on('option:version', () => showVersion(terminal))
    .helpCommand('help [command]', 'show the help of a command')
    .hook('preAction', (_, action) => configure(action, invocation));
  if (called === 'role') root.addCommand(roleCommand(invocation), { hidden: true });
  const known = called !== undefined && Object.hasOwn(COMMANDS, called);
  for (const name of known ? [called] : Object.keys(COMMANDS)) {
    const define = COMMANDS[name];
    if (define !== undefined) root.addCommand(define(invocation));
  }
  root.commands.forEach(configurable);
  for (const command of [root, ...root.commands]) {
    command.exitOverride().configureOutput(output).helpOption('-h, --help', 'show this help');
  }
  return root;
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
  const command = Object.hasOwn(COMMANDS, argv[0] ?? '') ? ` ${argv[0]}` : '';
  const what =
    thrown.code === 'commander.help' ? helpless(argv) : thrown.message.replace(/^error: /, '');
  const hint = forgotten(argv[0]) ?? `see \`deadair${command} --help\``;
  return new AppError('E_USAGE', what.replaceAll('\n', ' '), hint);
}

/** Commander shows the help of all where there is none of what was asked for. */
const helpless = ([first, second]: readonly string[]): string =>
  first === 'help' ? `unknown command '${second}'` : 'no command given';

/** A file where a command belongs. */
function forgotten(word: string | undefined): string | null {
  if (word === undefined || Object.hasOwn(COMMANDS, word) || word.startsWith('--')) return null;
  return word === '-' || existsSync(word)
    ? `captures are read with \`deadair read ${word}\``
    : null;
}

/** Runs one command and answers its exit status. */
export async function run(
  argv: readonly string[],
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  let status: number = EXIT.ok;
  try {
    const done = (answer: number) => (status = answer);
    await program(argv[0], { terminal, signal, done }).parseAsync(withOwnValue(argv), {
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

/** A live capture is ended by a signal, and has a report to write. */
const LONG_PATIENCE_MS = 10_000;

/** Ctrl-C stops the analysis at its next slice; a second one does not wait for that. */
function interruptible(signals: readonly NodeJS.Signals[], patienceMs: number): AbortSignal {
  const stop = new AbortController();
  const end = () => {
    if (stop.signal.aborted) process.exit(INTERRUPTED);
    stop.abort();
    setTimeout(() => process.exit(INTERRUPTED), patienceMs).unref();
  };
  for (const signal of signals) process.on(signal, end);
  return stop.signal;
}

const untilToldFor = (command: string | undefined): AbortSignal =>
  command === 'watch'
    ? interruptible(['SIGINT', 'SIGTERM'], LONG_PATIENCE_MS)
    : interruptible(['SIGINT'], PATIENCE_MS);

export async function main(argv: readonly string[]): Promise<void> {
  process.exitCode = await run(argv, processTerminal(), untilToldFor(argv[0]));
}
