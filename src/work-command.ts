/** How `deadair work` is called. */
import { Command } from 'commander';
import type { Invocation } from './invocation.ts';

const NOTES = `
Takes captures off the queue of a service elsewhere, fetches them over its API,
and hands in what they show. It needs the service's Redis and a token of the
role worker. Any number may run, on any machines.

Examples:
  deadair work --server https://deadair.example --token-file worker.token \\
      --redis rediss://r.example`;

export function workCommand({ terminal, signal, done }: Invocation): Command {
  return new Command('work')
    .description('analyse captures for a service on another machine')
    .option('--server <url>', 'the service (default: http://127.0.0.1:8686)')
    .option('--token-file <file>', 'holds the token, where the service wants one')
    .option('--redis <url>', 'the Redis of the service (also DEADAIR_REDIS, REDIS_URL)')
    .option('--shared <dir>', "the service's data directory, where this machine sees it too")
    .option('--work-dir <dir>', 'where captures are put meanwhile (default: the temporary folder)')
    .option('--names <file>', 'names of addresses for reports, in the form of /etc/hosts')
    .option('--jobs <n>', 'analyses at once (default: by cores)')
    .option('--job-memory <size>', 'memory of one analysis (default: a quarter, 4GiB at most)')
    .addHelpText('after', NOTES)
    .action(async (flags: Record<string, unknown>) => {
      const { work } = await import('./work.ts');
      done(await work(flags, terminal, signal));
    });
}
