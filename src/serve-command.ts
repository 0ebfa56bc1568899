/** How `deadair serve` is called, and the hidden `role` by which it starts its parts. */
import { Command } from 'commander';
import { type Invocation, repeated } from './invocation.ts';

const NOTES = `
Starts with nothing set up: without --redis (or DEADAIR_REDIS, REDIS_URL) it
runs a Redis of its own. Anything but loopback needs tokens (DEADAIR_TOKEN,
DEADAIR_TOKEN_READ, …_SUBMIT, …_WORKER; each also as …_FILE) and TLS, or
--insecure-http. Every flag may come from the environment: --job-memory as
DEADAIR_JOB_MEMORY.

Exit status: 0 stopped · 2 usage · 3 not listening ·
5 no Redis, no store, data directory in use

Examples:
  deadair serve
  deadair serve --watch eth0 --inbox /var/spool/captures
  DEADAIR_TOKEN_FILE=admin.token deadair serve --listen 0.0.0.0:8686 \\
      --tls-cert cert.pem --tls-key key.pem`;

export function serveCommand({ terminal, signal, done }: Invocation): Command {
  return new Command('serve')
    .description('the service: API, dashboard, analysis of submitted captures, webhooks')
    .option('--listen <address>', 'address and port (default: 127.0.0.1:8686)')
    .option('--data <dir>', 'data directory (default: $XDG_DATA_HOME/deadair)')
    .option('--redis <url>', 'redis://, rediss://, unix:/…, redis+cluster:// (default: its own)')
    .option('--only <parts>', 'of api, reporter, webhooks, worker; separated by commas')
    .option('--watch <interface>', 'capture on it as well (repeatable)', repeated)
    .option('--inbox <dir>', 'analyse the captures that are rotated into it (repeatable)', repeated)
    .option('--inbox-rest <duration>', 'a file there is finished after so long (default: 10s)')
    .option('--jobs <n>', 'analyses at once (default: by cores)')
    .option('--job-memory <size>', 'memory of one analysis (default: a quarter, 4GiB at most)')
    .option('--max-upload <size>', 'largest capture (default: 2GiB)')
    .option('--keep-findings <duration>', 'how long findings are kept (default: 180d)')
    .option('--keep-packets <duration>', "and findings' packets (default: 30d)")
    .option(
      '--keep-jobs <duration>',
      'and captures and reports of jobs that are over (default: 30d)',
    )
    .option('--store-size <size>', 'the store deletes its oldest beyond it (default: 10GiB)')
    .option('--webhook-allow <cidr>', 'private addresses webhooks may go to (repeatable)', repeated)
    .option('--name <host>', 'a name of this service, beside localhost (repeatable)', repeated)
    .option('--names <file>', 'names of addresses, in the form of /etc/hosts')
    .option('--tls-cert <file>', 'certificate, PEM')
    .option('--tls-key <file>', 'its key, PEM')
    .option('--insecure-http', 'allow plain HTTP on other addresses than loopback')
    .addHelpText('after', NOTES)
    .action(async (flags: Record<string, unknown>) => {
      const { serve } = await import('./serve.ts');
      done(await serve(flags, terminal, signal));
    });
}

/** For processes that deadair itself starts. */
export function roleCommand({ done }: Invocation): Command {
  return new Command('role').argument('<name>').action(async (name: string) => {
    const { runRole } = await import('./serve-role.ts');
    await runRole(name);
    done(0);
  });
}
