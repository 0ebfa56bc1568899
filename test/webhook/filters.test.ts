/** Who hears of what: filters, verdicts that want asking for, muted paths, grouped alerts. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { FindingReport } from '../../src/report/schema.ts';
import type { Happening } from '../../src/report/store/events.ts';
import { deleteWebhook } from '../../src/report/store/webhooks.ts';
import { QUIET_MS, RESEND_MS } from '../../src/webhook/alert.ts';
import type { Alert, Notice } from '../../src/webhook/notice.ts';
import { patchWebhook } from '../../src/webhook/registry.ts';
import type { NewWebhook } from '../../src/webhook/subscription.ts';
import { type Bench, withBench } from './bench.ts';
import { created, type Kills, labKills, manyOf } from './kills.ts';

let lab: Kills;
let finding: FindingReport;
beforeAll(async () => {
  lab = await labKills();
  finding = lab.findings[0] as FindingReport;
});

const URL = 'http://127.0.0.1:9/hook';

/** Types of what would be delivered to a subscription after these events. */
async function heard(
  wanted: Partial<NewWebhook>,
  ...happenings: readonly Happening[]
): Promise<readonly string[]> {
  return withBench(async (bench) => {
    const { webhook } = await bench.subscribe({ url: URL, ...wanted });
    bench.happen(...happenings);
    await bench.settle();
    return bench
      .deliveries(webhook.id)
      .map(({ type }) => type)
      .sort((a, b) => (a < b ? -1 : 1));
  });
}

const changed = (change: Partial<FindingReport>): Happening => created({ ...finding, ...change });
const updated = (change: Partial<FindingReport>): Happening => ({
  ...changed({ update: 1, ...change }),
  type: 'finding.updated',
});

describe('filters', () => {
  test('a subscription hears of the events that it names and of no other', async () => {
    const job: Happening = { type: 'job.failed', subject: 'j_1', data: { id: 'j_1' } };
    const silent: Happening = { type: 'agent.silent', subject: 'gw', data: { agent: 'gw' } };
    expect(await heard({ events: ['job.failed'] }, created(finding), job, silent)).toEqual([
      'job.failed',
    ]);
    expect(await heard({}, created(finding), job, silent)).toEqual(['finding.created']);
  });

  test('who is told of a silent agent by an alert is told of its return; a chat only where it asked', async () => {
    const silent: Happening = { type: 'agent.silent', subject: 'gw', data: { agent: 'gw' } };
    const back: Happening = { type: 'agent.back', subject: 'gw', data: { agent: 'gw' } };
    const both = ['agent.back', 'agent.silent'];
    const events: NewWebhook['events'] = ['agent.silent'];
    expect(await heard({ events, format: 'alertmanager' }, silent, back)).toEqual(both);
    expect(await heard({ events, format: 'pagerduty', routingKey: 'k' }, silent, back)).toEqual(
      both,
    );
    expect(await heard({ events, format: 'slack' }, silent, back)).toEqual(['agent.silent']);
    expect(await heard({ events: ['agent.silent', 'agent.back'] }, silent, back)).toEqual(both);
    expect(await heard({ format: 'alertmanager' }, silent, back)).toEqual([]);
  });

  test('an endpoint’s own timer and a restart raise no webhook unless they are asked for', async () => {
    const timer = changed({ verdict: 'endpoint-timer' });
    const burst = changed({ id: 'f_b', verdict: 'burst' });
    expect(await heard({}, timer, burst)).toEqual([]);
    const asked = { filter: { verdicts: ['endpoint-timer' as const] } };
    expect(
      await heard(asked, timer, burst, created(lab.findings[1] as FindingReport)),
    ).toHaveLength(1);
  });

  test.each<[string, NewWebhook['filter'], Partial<FindingReport>, number]>([
    ['confidence below the least', { minConfidence: 0.8 }, { confidence: 0.79 }, 0],
    ['confidence at the least', { minConfidence: 0.8 }, { confidence: 0.8 }, 1],
    ['another path', { paths: ['p_x'] }, {}, 0],
    ['the path', { paths: ['p_x'] }, { path: 'p_x' }, 1],
    ['no path', { paths: ['p_x'] }, { path: null }, 0],
    ['another signature', { signatures: ['blackhole'] }, {}, 0],
    ['the signature', { signatures: ['late-reset'] }, {}, 1],
  ])('%s', async (_, filter, change, count) => {
    expect(
      await heard({ ...(filter === undefined ? {} : { filter }) }, changed(change)),
    ).toHaveLength(count);
  });

  test('a finding that becomes worth telling by an update is told then, once', async () => {
    const filter = { minConfidence: 0.8 };
    const grown = [
      changed({ confidence: 0.4 }),
      updated({ confidence: 0.9 }),
      updated({ update: 2, confidence: 0.95 }),
    ];
    expect(await heard({ filter }, ...grown)).toEqual(['finding.created']);
    expect(await heard({ filter, group: 'path' }, ...grown)).toEqual(['alert.firing']);
  });

  test('updates of a finding are each told to whoever asks for them', async () => {
    const events: NewWebhook['events'] = ['finding.created', 'finding.updated'];
    const all = [created(finding), updated({}), updated({ update: 2 }), updated({ update: 2 })];
    expect(await heard({ events }, ...all)).toEqual([
      'finding.created',
      'finding.updated',
      'finding.updated',
    ]);
  });

  test('a subscription hears nothing of what was before it, or while it was paused', () =>
    withBench(async (bench) => {
      bench.happen(created(finding));
      const { webhook } = await bench.subscribe({ url: URL });
      await bench.settle();
      expect(bench.deliveries(webhook.id)).toEqual([]);
      await patchWebhook(bench, webhook.id, { state: 'paused' });
      bench.happen(created(lab.findings[1] as FindingReport));
      await bench.settle();
      await patchWebhook(bench, webhook.id, { state: 'active' });
      bench.happen(created(lab.findings[2] as FindingReport));
      await bench.settle();
      expect(bench.deliveries(webhook.id)).toHaveLength(1);
    }));
});

const mute = (bench: Bench, path: string, untilMs: number): void => {
  bench.db.run(
    `INSERT INTO paths (id, responder_port, status, killed, survived, created_at, changed_at, muted_until, body)
     VALUES (?, 27017, 'estimated', 1, 1, 0, 0, ?, '{}')`,
    path,
    untilMs,
  );
};

describe('a muted path', () => {
  test('raises no webhook until the mute is over', () =>
    withBench(async (bench) => {
      const { webhook } = await bench.subscribe({
        url: URL,
        events: ['finding.created', 'path.changed'],
      });
      mute(bench, finding.path ?? '', bench.clockMs + 1000);
      const moved: Happening = {
        type: 'path.changed',
        subject: finding.path ?? '',
        data: lab.path,
      };
      bench.happen(created(finding), moved);
      await bench.settle();
      expect(bench.deliveries(webhook.id)).toEqual([]);
      bench.clockMs += 1000;
      bench.happen(created(lab.findings[1] as FindingReport));
      await bench.settle();
      expect(bench.deliveries(webhook.id)).toHaveLength(1);
    }));
});

const alertsOf = (bench: Bench, webhook: string): readonly Alert[] =>
  bench.deliveries(webhook).map(({ notice }) => (notice as Notice).data as unknown as Alert);

async function pass(bench: Bench, ms: number, stepMs: number): Promise<void> {
  for (let left = ms; left > 0; left -= stepMs) {
    bench.clockMs += Math.min(stepMs, left);
    await bench.settle();
  }
}

describe('grouped by path', () => {
  test('ten thousand kills are one alert with a count, updates, then resolved', () =>
    withBench(async (bench) => {
      const { webhook } = await bench.subscribe({ url: URL, group: 'path', throttleSeconds: 60 });
      const kills = manyOf(finding, 10_000);
      bench.happen(...kills.slice(0, 500));
      await bench.settle();
      for (let from = 500; from < kills.length; from += 1900) {
        bench.clockMs += 25_000;
        bench.happen(...kills.slice(from, from + 1900));
        await bench.settle();
      }
      await pass(bench, QUIET_MS + 60_000, 10_000);
      const alerts = alertsOf(bench, webhook.id);
      // The update goes out while the outbox is being read: 500 + 2 · 1900 + the next 500.
      expect(alerts.map(({ kills: count }) => count)).toEqual([500, 4800, 10_000, 10_000]);
      expect(alerts.map(({ status }) => status)).toEqual([
        'firing',
        'firing',
        'firing',
        'resolved',
      ]);
      expect(bench.deliveries(webhook.id).map(({ type }) => type)).toEqual([
        'alert.firing',
        'alert.updated',
        'alert.updated',
        'alert.resolved',
      ]);
      const last = alerts.at(-1);
      const quiet = Date.parse(last?.resolvedAt ?? '') - Date.parse(last?.lastKillAt ?? '');
      expect(quiet).toBeGreaterThanOrEqual(QUIET_MS);
      expect(quiet).toBeLessThan(QUIET_MS + 20_000);
    }));

  test('two paths are two alerts, and an alert that was resolved begins anew with the next kill', () =>
    withBench(async (bench) => {
      const { webhook } = await bench.subscribe({ url: URL, group: 'path' });
      bench.happen(created(finding), changed({ id: 'f_other', path: 'p_other' }));
      await bench.settle();
      const paths = alertsOf(bench, webhook.id).map(({ path }) => path);
      expect(new Set(paths)).toEqual(new Set([finding.path, 'p_other']));
      await pass(bench, QUIET_MS, 60_000);
      bench.happen(changed({ id: 'f_again' }));
      await bench.settle();
      const types = bench.deliveries(webhook.id).map(({ type }) => type);
      expect(types.filter((type) => type === 'alert.firing')).toHaveLength(3);
      expect(types.filter((type) => type === 'alert.resolved')).toHaveLength(2);
      expect(new Set(bench.deliveries(webhook.id).map(({ id }) => id)).size).toBe(5);
    }));

  test('a finding that is seen again is no second kill', () =>
    withBench(async (bench) => {
      const { webhook } = await bench.subscribe({ url: URL, group: 'path', throttleSeconds: 1 });
      bench.happen(created(finding), created(finding));
      await bench.settle();
      bench.clockMs += 2000;
      bench.happen(created(finding));
      await bench.settle();
      expect(alertsOf(bench, webhook.id).map(({ kills }) => kills)).toEqual([1]);
    }));

  test('Alertmanager is told again every minute while it fires, with endsAt when it is over', () =>
    withBench(async (bench) => {
      const { webhook } = await bench.subscribe({ url: URL, format: 'alertmanager' });
      bench.happen(created(finding));
      await bench.settle();
      await pass(bench, QUIET_MS + RESEND_MS, 10_000);
      const alerts = alertsOf(bench, webhook.id);
      expect(alerts).toHaveLength(16);
      expect(alerts.filter(({ resolvedAt }) => resolvedAt !== null)).toEqual([alerts.at(-1)]);
    }));

  test('a message that was not delivered is superseded by the next about the same path', () =>
    withBench(async (bench) => {
      const { webhook } = await bench.subscribe({ url: URL, format: 'alertmanager' });
      bench.happen(created(finding));
      await bench.settle();
      await pass(bench, 3 * RESEND_MS, RESEND_MS);
      const states = bench.deliveries(webhook.id).map(({ state }) => state);
      expect(states).toEqual(['superseded', 'superseded', 'superseded', 'pending']);
      const [first] = bench.deliveries(webhook.id);
      expect(await bench.sender.send(first?.id ?? '', false)).toEqual({ kind: 'over' });
    }));

  test('an alert whose path is muted says nothing more until it is resolved', () =>
    withBench(async (bench) => {
      const { webhook } = await bench.subscribe({ url: URL, group: 'path', throttleSeconds: 1 });
      bench.happen(...manyOf(finding, 2));
      await bench.settle();
      bench.happen(...manyOf(finding, 5).slice(2));
      mute(bench, finding.path ?? '', bench.clockMs + 3_600_000);
      await bench.settle();
      await pass(bench, QUIET_MS + 60_000, 10_000);
      expect(bench.deliveries(webhook.id).map(({ type }) => type)).toEqual([
        'alert.firing',
        'alert.resolved',
      ]);
    }));

  test('what is known of the idle timeout goes along', () =>
    withBench(async (bench) => {
      const { webhook } = await bench.subscribe({ url: URL, group: 'path' });
      mute(bench, finding.path ?? '', 0);
      bench.db.run('UPDATE paths SET body = ?', JSON.stringify(lab.path));
      bench.happen(created(finding));
      await bench.settle();
      expect(alertsOf(bench, webhook.id)[0]?.timeout).toEqual(lab.path.timeout);
    }));

  test('a subscription that is deleted takes its alerts and deliveries along', () =>
    withBench(async (bench) => {
      const { webhook } = await bench.subscribe({ url: URL, group: 'path' });
      bench.happen(created(finding));
      await bench.settle();
      deleteWebhook(bench.db, webhook.id);
      await pass(bench, QUIET_MS, 60_000);
      for (const table of ['deliveries', 'webhook_alerts', 'webhook_kills']) {
        expect(bench.db.all(`SELECT * FROM ${table}`)).toEqual([]);
      }
    }));
});
