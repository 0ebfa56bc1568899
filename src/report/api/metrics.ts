/**
 * What Prometheus reads. Gauges and counters of the store are asked for when somebody scrapes, and kept for ten seconds;
 * what there may be millions of is counted as it changes.
 */
import type { FastifyInstance } from 'fastify';
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { listAgents } from '../store/agents.ts';
import type { Database } from '../store/database.ts';
import { lastSeq } from '../store/events.ts';
import { countJobs, JOB_STATES } from '../store/jobs.ts';
import { BOUNDS } from '../store/migrations/0005-tallies.ts';
import { silenceCounts, type SilenceCount, tallyOutcomes, tallyPaths } from '../store/tallies.ts';
import type { ApiContext } from './context.ts';
import { PLAIN, problems } from './schemas.ts';

const KEPT_MS = 10_000;

const schema = {
  tags: ['operations'],
  operationId: 'getMetrics',
  summary: 'Prometheus text format',
  response: {
    200: { description: 'metrics', content: { 'text/plain': { schema: { type: 'string' } } } },
    ...problems(...PLAIN),
  },
};

export interface ApiCounters {
  cspReports: number;
  eventListeners: number;
}

function storeGauges(registers: Registry[]) {
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name: `deadair_${name}`, help, labelNames, registers });
  return {
    jobs: gauge('jobs', 'jobs in the store by state', ['state']),
    findings: gauge('findings', 'findings in the store', ['verdict', 'signature']),
    silences: gauge('silences', 'silences of all captures and agents by outcome', ['outcome']),
    paths: gauge('paths', 'paths by what is known of their timeout', ['status']),
    up: gauge('agent_up', '1 while its heartbeat comes', ['agent', 'host']),
    beat: gauge('agent_last_heartbeat_seconds', 'seconds since its last heartbeat', ['agent']),
    packets: gauge('agent_packets', 'packets since its start', ['agent', 'interface']),
    drops: gauge('agent_dropped_packets', 'packets lost since its start', ['agent', 'interface']),
    blind: gauge('agent_blind_seconds', 'seconds in which it saw nothing', ['agent']),
    spool: gauge('agent_spool_bytes', 'findings that wait for the queue', ['agent']),
    seq: gauge('events_last_seq', 'number of the last event'),
  };
}

type Gauges = ReturnType<typeof storeGauges>;

function setAgents(gauges: Gauges, db: Database, now: number): void {
  for (const { id: agent, host, silent, lastAt, ...rest } of listAgents(db)) {
    gauges.up.set({ agent, host }, silent ? 0 : 1);
    gauges.beat.set({ agent }, (now - Date.parse(lastAt)) / 1000);
    gauges.blind.set({ agent }, rest.blindSeconds);
    gauges.spool.set({ agent }, rest.spoolBytes);
    for (const { name, packets, drops } of rest.interfaces) {
      gauges.packets.set({ agent, interface: name }, packets);
      gauges.drops.set({ agent, interface: name }, drops);
    }
  }
}

function setJobs(gauges: Gauges, db: Database): void {
  for (const state of JOB_STATES) gauges.jobs.set({ state }, 0);
  for (const { state, n } of countJobs(db)) gauges.jobs.set({ state }, n);
}

function setPaths(gauges: Gauges, db: Database): void {
  for (const [outcome, n] of Object.entries(tallyOutcomes(db))) gauges.silences.set({ outcome }, n);
  for (const { status, n } of tallyPaths(db)) gauges.paths.set({ status }, n);
}

const HISTOGRAM = 'deadair_kill_silence_seconds';

/** Written out by hand: prom-client observes one value at a time, and there may be millions. */
export function silenceHistogram(counts: readonly SilenceCount[]): string {
  const lines = [
    `# HELP ${HISTOGRAM} silences before deaths by verdict`,
    `# TYPE ${HISTOGRAM} histogram`,
  ];
  for (const verdict of new Set(counts.map((count) => count.verdict))) {
    const own = counts.filter((count) => count.verdict === verdict);
    const upTo = (bucket: number) =>
      own.reduce((sum, count) => sum + (count.bucket <= bucket ? count.n : 0), 0);
    const label = `verdict="${verdict}"`;
    const bounds = BOUNDS.map(
      (bound, i) => `${HISTOGRAM}_bucket{${label},le="${bound}"} ${upTo(i)}`,
    );
    const total = upTo(BOUNDS.length);
    const sum = own.reduce((seconds, count) => seconds + count.sum, 0);
    lines.push(...bounds, `${HISTOGRAM}_bucket{${label},le="+Inf"} ${total}`);
    lines.push(`${HISTOGRAM}_sum{${label}} ${sum}`, `${HISTOGRAM}_count{${label}} ${total}`);
  }
  return `${lines.join('\n')}\n`;
}

async function storeMetrics({ db, clock }: ApiContext): Promise<string> {
  const registry = new Registry();
  const gauges = storeGauges([registry]);
  setJobs(gauges, db);
  setPaths(gauges, db);
  setAgents(gauges, db, clock());
  const counts = silenceCounts(db);
  for (const { verdict, signature, n } of counts) gauges.findings.inc({ verdict, signature }, n);
  gauges.seq.set(lastSeq(db));
  return (await registry.metrics()) + silenceHistogram(counts);
}

export function metricRoutes(
  app: FastifyInstance,
  context: ApiContext,
  counters: ApiCounters,
): void {
  const own = new Registry();
  collectDefaultMetrics({ register: own, prefix: 'deadair_' });
  const requests = new Counter({
    name: 'deadair_http_requests_total',
    help: 'requests by route and status',
    labelNames: ['method', 'route', 'status'],
    registers: [own],
  });
  const gauge = (name: string, help: string, value: () => number) =>
    new Gauge({
      name,
      help,
      registers: [own],
      collect() {
        this.set(value());
      },
    });
  gauge('deadair_csp_reports', 'policy reports of browsers', () => counters.cspReports);
  gauge('deadair_event_listeners', 'who follows events now', () => counters.eventListeners);
  gauge('deadair_auth_failures', 'wrong tokens since the start', () => context.failures.total);
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    requests.inc({ method: request.method, route, status: String(reply.statusCode) });
  });
  let kept = { at: Number.NEGATIVE_INFINITY, text: '' };
  app.get('/metrics', { schema }, async (_request, reply) => {
    if (context.clock() - kept.at >= KEPT_MS) {
      kept = { at: context.clock(), text: await storeMetrics(context) };
    }
    const parts = [kept.text, await own.metrics(), await context.moreMetrics()];
    return reply.type('text/plain; version=0.0.4; charset=utf-8').send(`${parts.join('\n')}\n`);
  });
}
