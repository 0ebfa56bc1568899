/** What lies in packaging/: made of names that the code exports, flags that commands have, files that exist. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { Producer } from '../src/queue/producer.ts';
import { parseRedisUrl } from '../src/queue/redis-url.ts';
import { accept } from '../src/report/intake/accept.ts';
import { recordHeartbeat } from '../src/report/store/agents.ts';
import { queueMetrics } from '../src/serve-metrics.ts';
import { webhookMetrics } from '../src/webhook/metrics.ts';
import { said } from './kit/command.ts';
import { withService } from './kit/service.ts';
import { aBatch, aFinding, aPath } from './kit/store.ts';
import { withFolder } from './kit/temporary.ts';
import { haveRedis, NO_REDIS, withRedis } from './queue/redis.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const file = (name: string): string => readFileSync(`${ROOT}packaging/${name}`, 'utf8');

/** Name → the names of its labels, as /metrics shows them. */
type Exported = ReadonlyMap<string, ReadonlySet<string>>;

function exportedIn(text: string): Exported {
  const all = new Map<string, Set<string>>();
  for (const [, name = '', labels = ''] of text.matchAll(/^([a-z_]+)(?:\{(.*)\})? \S+$/gm)) {
    const known = all.get(name) ?? new Set();
    for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) known.add(label);
    all.set(name, known);
  }
  return all;
}

async function everything(redis: string): Promise<string> {
  const producer = new Producer(parseRedisUrl(redis));
  const queues = await queueMetrics(producer);
  await producer.close();
  return withService({}, async (service) => {
    const { db } = service;
    accept(db, aBatch({ findings: [aFinding('f_1')], paths: [aPath('p_1')] }), Date.now());
    const interfaces = [{ name: 'in0', up: true, packets: 1, drops: 0 }];
    const beat = { agent: 'gw1', host: 'gateway', at: new Date().toISOString(), interfaces };
    recordHeartbeat(db, { ...beat, blindSeconds: 0, spoolBytes: 0, findings: 0 }, Date.now());
    await service.get('/healthz');
    const own = await (await service.get('/metrics')).text();
    return `${own}\n${queues}\n${await webhookMetrics(db, Date.now())}`;
  });
}

/** Ours in an expression, each with the labels that are asked of it. */
function used(expression: string): { name: string; labels: string[] }[] {
  const found = expression.matchAll(/\b(deadair_[a-z_]+)(?:\{([^}]*)\})?/g);
  return [...found].map(([, name = '', selector = '']) => ({
    name,
    labels: [...selector.matchAll(/(\w+)\s*(?:=~|=|!=)/g)].map(([, label = '']) => label),
  }));
}

/** `by (…)` of an expression that has one of our metrics alone. */
const groupedBy = (expression: string): string[] =>
  [...expression.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(/,\s*/));

interface Rules {
  readonly groups: { readonly rules: { alert: string; expr: string; annotations: object }[] }[];
}
interface Dashboard {
  readonly panels: {
    title: string;
    targets: { expr: string }[];
    gridPos: Record<string, number>;
  }[];
}

const rules = (parse(file('prometheus-rules.yml')) as Rules).groups.flatMap((group) => group.rules);
const dashboard = JSON.parse(file('grafana-dashboard.json')) as Dashboard;
const expressions = [
  ...rules.map(({ alert, expr }) => [alert, expr] as const),
  ...dashboard.panels.flatMap(({ title, targets }) =>
    targets.map(({ expr }) => [title, expr] as const),
  ),
];

describe.skipIf(!haveRedis)('what Prometheus and Grafana ask for (needs redis-server)', () => {
  let exported: Exported = new Map();
  beforeAll(async () => {
    expect(haveRedis, NO_REDIS).toBe(true);
    exported = await withFolder((folder) =>
      withRedis(folder, async ({ url }) => exportedIn(await everything(url))),
    );
  });

  test.each(expressions)('%s: every metric and label is exported', (_, expression) => {
    const names = used(expression);
    if (!expression.startsWith('up{')) expect(names).not.toEqual([]);
    for (const { name, labels } of names) {
      expect(exported.has(name), name).toBe(true);
      const there = exported.get(name) ?? new Set();
      const wanted = [...labels, ...groupedBy(expression)];
      expect(wanted.filter((label) => !there.has(label))).toEqual([]);
    }
  });

  test('what must wake somebody has a rule', () => {
    const asked = new Set(rules.flatMap(({ expr }) => used(expr)).map(({ name }) => name));
    for (const name of [
      'findings',
      'agent_up',
      'agent_dropped_packets',
      'redis_up',
      'queue_jobs',
    ]) {
      expect(asked.has(`deadair_${name}`), name).toBe(true);
    }
  });
});

test('no two panels of the dashboard overlap, none sticks out', () => {
  const cells = new Set<string>();
  for (const { title, gridPos } of dashboard.panels) {
    const { x = 0, y = 0, w = 0, h = 0 } = gridPos;
    expect(x + w).toBeLessThanOrEqual(24);
    for (let column = x; column < x + w; column++) {
      for (let row = y; row < y + h; row++) {
        expect(cells.has(`${column} ${row}`), title).toBe(false);
        cells.add(`${column} ${row}`);
      }
    }
  }
});

/** Flags of `deadair COMMAND` in a line of a file. */
const flagsIn = (text: string): string[] => text.match(/--[a-z][a-z-]+/g) ?? [];

interface Compose {
  readonly services: Record<string, { command?: string; environment?: Record<string, string> }>;
}

describe('Dockerfile and compose file', () => {
  const compose = parse(file('compose.yml'), { merge: true }) as Compose;

  test.each(['deadair', 'worker'])('the flags of service %s exist', async (service) => {
    const [command = '', ...words] = compose.services[service]?.command?.split(' ') ?? [];
    const { out } = await said([command, '--help']);
    const missing = flagsIn(words.join(' ')).filter((flag) => !out.includes(flag));
    expect(missing).toEqual([]);
  });

  test('the image has the file by which the package finds its folder', () => {
    const marker = /existsSync\(join\(folder, '([^']+)'\)\)/.exec(
      readFileSync(`${ROOT}src/base/root.ts`, 'utf8'),
    )?.[1];
    const copied = [...file('Dockerfile').matchAll(/^COPY --from=build (.*) \S+$/gm)];
    expect(copied.flatMap(([, from = '']) => from.split(' '))).toContain(
      `/deadair/${String(marker)}`,
    );
  });

  test('what is copied from the tree is there, and not ignored', () => {
    const ignored = file('Dockerfile.dockerignore');
    const own = [...file('Dockerfile').matchAll(/^COPY (?!--from)(.*) \S+$/gm)];
    const sources = own.flatMap(([, list = '']) => list.split(' ')).filter((path) => path !== '.');
    expect(sources.length).toBeGreaterThan(0);
    for (const source of sources) {
      expect(existsSync(ROOT + source), source).toBe(true);
      expect(ignored).toContain(`!${source}\n`);
    }
    const kept = [...ignored.matchAll(/^!(.*)$/gm)].map(([, path = '']) => path);
    expect(kept.filter((path) => !existsSync(ROOT + path))).toEqual([]);
  });

  test('it builds with the packages that npm run setup installs', () => {
    const setup = readFileSync(`${ROOT}scripts/setup.sh`, 'utf8');
    const listed = /run_time_packages=\(([^)]*)\)/.exec(setup)?.[1]?.split(' ') ?? [];
    const missing = listed.filter((name) => !file('Dockerfile').includes(name));
    expect(missing).toEqual([]);
  });
});

const hasSystemd = spawnSync('systemd-analyze', ['--version'], { stdio: 'ignore' }).status === 0;

describe('deadair-serve.service', () => {
  const unit = file('deadair-serve.service');

  test('the flags of its command exist', async () => {
    const { out } = await said(['serve', '--help']);
    const line = /^ExecStart=(.*)$/m.exec(unit)?.[1] ?? '';
    expect(flagsIn(line)).toContain('--data');
    expect(flagsIn(line).filter((flag) => !out.includes(flag))).toEqual([]);
  });

  test.skipIf(!hasSystemd)('systemd finds nothing wrong in it (needs systemd-analyze)', () => {
    const path = `${ROOT}packaging/deadair-serve.service`;
    const { stderr } = spawnSync('systemd-analyze', ['verify', path], { encoding: 'utf8' });
    expect(stderr).not.toMatch(/deadair-serve\.service/);
  });
});
