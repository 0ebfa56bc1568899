/** What `deadair check --server` measures: the service's own news, over its API (a token of the role read). */
import { AppError } from './base/errors.ts';
import type { Measure } from './check-metric.ts';
import type { ServiceClient } from './service-client.ts';

export const SERVER_METRICS = ['kills', 'timeout', 'drops', 'agents'] as const;
export type ServerMetric = (typeof SERVER_METRICS)[number];

interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

interface Finding {
  readonly id: string;
  readonly sameAs: readonly string[];
}

interface Path {
  readonly responder: { readonly network: string; readonly port: number };
  readonly timeout: {
    readonly estimateSeconds: number | null;
    readonly highSeconds: number | null;
  };
}

interface Agent {
  readonly id: string;
  readonly silent: boolean;
  readonly interfaces: readonly { readonly drops: number }[];
}

const PAGE = 1000;
/** Chosen: whoever has more than so many of something is alarmed already. */
const MOST_PAGES = 20;
const HOUR_MS = 3_600_000;

async function* listed<Item>(
  client: ServiceClient,
  path: string,
  signal: AbortSignal,
): AsyncGenerator<Item> {
  let cursor = '';
  for (let page = 0; page < MOST_PAGES; page++) {
    const query = `limit=${PAGE}${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`;
    const url = `${path}${path.includes('?') ? '&' : '?'}${query}`;
    const { items, next } = (await client.json(url, { signal })) as Page<Item>;
    yield* items;
    if (next === null) return;
    cursor = next;
  }
}

/** A death that was seen on both sides of a box is one kill. */
async function kills(client: ServiceClient, signal: AbortSignal): Promise<Measure> {
  const since = encodeURIComponent(new Date(Date.now() - HOUR_MS).toISOString());
  const counted = new Set<string>();
  let value = 0;
  for (const verdict of ['box-timeout', 'possible-box-timeout']) {
    const path = `/api/v1/findings?since=${since}&verdict=${verdict}`;
    for await (const { id, sameAs } of listed<Finding>(client, path, signal)) {
      if (![id, ...sameAs].some((twin) => counted.has(twin))) value++;
      for (const twin of [id, ...sameAs]) counted.add(twin);
    }
  }
  return { label: 'kills', value, unit: '', says: `${value} kills in the last hour` };
}

const rounded = (value: number): number => Math.round(value * 1000) / 1000;

async function timeout(client: ServiceClient, signal: AbortSignal): Promise<Measure> {
  let lowest: { readonly seconds: number; readonly where: string } | null = null;
  for await (const path of listed<Path>(client, '/api/v1/paths', signal)) {
    const { estimateSeconds, highSeconds } = path.timeout;
    const seconds = estimateSeconds ?? highSeconds;
    if (seconds === null || (lowest !== null && lowest.seconds <= seconds)) continue;
    const { network, port } = path.responder;
    lowest = { seconds: rounded(seconds), where: `${network} port ${port}` };
  }
  if (lowest === null) {
    return { label: 'timeout', value: null, unit: 's', says: 'no idle timeout is known' };
  }
  const says = `lowest idle timeout ${lowest.seconds} s, to ${lowest.where}`;
  return { label: 'timeout', value: lowest.seconds, unit: 's', says };
}

async function agentsOf(client: ServiceClient, signal: AbortSignal): Promise<readonly Agent[]> {
  const { items } = (await client.json('/api/v1/agents', { signal })) as Page<Agent>;
  return items;
}

async function drops(client: ServiceClient, signal: AbortSignal): Promise<Measure> {
  const all = await agentsOf(client, signal);
  const value = all
    .flatMap(({ interfaces }) => interfaces)
    .reduce((sum, each) => sum + each.drops, 0);
  const says = `${value} packets dropped by ${all.length} agents since they began`;
  return { label: 'drops', value, unit: 'c', says };
}

async function agents(client: ServiceClient, signal: AbortSignal): Promise<Measure> {
  const all = await agentsOf(client, signal);
  const silent = all.filter(({ silent: isSilent }) => isSilent).map(({ id }) => id);
  const who = silent.length === 0 ? '' : `: ${silent.slice(0, 3).join(', ')}`;
  const says = `${silent.length} of ${all.length} agents silent${who}`;
  return { label: 'agents', value: silent.length, unit: '', says };
}

const MEASURES: Readonly<
  Record<ServerMetric, (client: ServiceClient, signal: AbortSignal) => Promise<Measure>>
> = { kills, timeout, drops, agents };

/** Throws E_USAGE for a metric that a service does not have, and what the client throws. */
export function serverMeasure(
  metric: string,
  client: ServiceClient,
  signal: AbortSignal,
): Promise<Measure> {
  const known = SERVER_METRICS.find((each) => each === metric);
  if (known !== undefined) return MEASURES[known](client, signal);
  throw new AppError(
    'E_USAGE',
    `--metric ${metric} is about this host, not about a service`,
    `with --server it is one of ${SERVER_METRICS.join(', ')}`,
  );
}
