/** `deadair dead`: what the queues gave up on, and the way back, over the API of the service. */
import { AppError } from './base/errors.ts';
import { Settings } from './config.ts';
import { visible, visibleJson } from './report/visible.ts';
import { type ServiceClient, serviceClient, statusOf } from './service-client.ts';
import type { Terminal } from './terminal.ts';

interface Letter {
  readonly queue: string;
  readonly id: string;
  readonly reason: string;
  readonly failedAt: string;
}

type Flags = Readonly<Record<string, unknown>>;

async function lettersOf(client: ServiceClient): Promise<readonly Letter[]> {
  const answer = (await client.json('/api/v1/dead?limit=1000')) as { items?: readonly Letter[] };
  return answer.items ?? [];
}

async function list(client: ServiceClient, json: boolean, terminal: Terminal): Promise<void> {
  const letters = await lettersOf(client);
  if (json) return terminal.out(`${visibleJson(JSON.stringify(letters, null, 2))}\n`);
  if (letters.length === 0) return terminal.out('no dead letters\n');
  for (const { queue, id, reason, failedAt } of letters)
    await terminal.out(`${visible(failedAt)}  ${visible(`${queue}/${id}`)}  ${visible(reason)}\n`);
}

async function redriveOne(client: ServiceClient, letter: Pick<Letter, 'queue' | 'id'>) {
  const { queue, id } = letter;
  await client.json('/api/v1/dead', { method: 'POST', body: { queue, id } });
}

async function chosen(
  client: ServiceClient,
  which: string,
): Promise<Pick<Letter, 'queue' | 'id'>[]> {
  if (which === 'all') return [...(await lettersOf(client))];
  const [queue = '', ...id] = which.split('/');
  if (id.length > 0) return [{ queue, id: id.join('/') }];
  throw new AppError(
    'E_USAGE',
    `"${which}" is no dead letter`,
    'write QUEUE/ID as `deadair dead` lists it, or all',
  );
}

async function redrive(client: ServiceClient, which: string, terminal: Terminal): Promise<void> {
  let driven = 0;
  for (const letter of await chosen(client, which)) {
    try {
      await redriveOne(client, letter);
      driven++;
    } catch (thrown) {
      // Of all: another may have been quicker.
      if (which !== 'all' || statusOf(thrown) !== 404) throw thrown;
    }
  }
  terminal.err(`deadair: ${driven} back on ${driven === 1 ? 'its queue' : 'their queues'}\n`);
}

export async function dead(flags: Flags, terminal: Terminal): Promise<number> {
  const settings = new Settings(flags, terminal.env);
  const client = serviceClient(settings);
  const which = settings.text('redrive');
  if (which === null) await list(client, settings.on('json'), terminal);
  else await redrive(client, which, terminal);
  return 0;
}
