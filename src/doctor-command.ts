/** How `deadair doctor` is called. */
import { Command, Option } from 'commander';
import type { Invocation } from './invocation.ts';

const NOTES = `
Reads /proc and /sys, dmesg and, for containers, nsenter. It changes nothing and
works as any user; what this user may not see is listed with the capability that
would show it. Without --timeout and --report all is held against 240 s.

Exit status: 0 looked · 1 a warning or worse, with --fail-on-findings ·
2 usage · 3 report unreadable · 4 no permission to read it · 70 a bug

Examples:
  deadair doctor --timeout 350s
  deadair read --json trouble.pcap > report.json
  sudo deadair doctor --report report.json`;

export function doctorCommand({ terminal, done }: Invocation): Command {
  return new Command('doctor')
    .description('what on this host would let a box kill connections, or looks like it')
    .option('--timeout <duration>', 'idle timeout of the box on the way')
    .option('--report <file>', 'or the report of `deadair read --json`: a timeout for each path')
    .option('--json', 'one JSON document (see `deadair schema doctor`)')
    .option('--fail-on-findings', 'exit with 1 when there is a warning or worse')
    .option('--no-color', 'no colour (as does NO_COLOR in the environment)')
    .addOption(new Option('--proc-root <dir>').hideHelp())
    .addHelpText('after', NOTES)
    .action(async (flags: Record<string, unknown>) => {
      const { doctor } = await import('./doctor.ts');
      done(await doctor(flags, terminal));
    });
}
