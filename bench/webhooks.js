/**
 * Detection to webhook: from a finding's row in the store to the request at the endpoint, through outbox, queue (a real Redis)
 * and sender, each finding a delivery of its own. `node bench/webhooks.js [rates…]`; findings a second, five seconds each;
 * `drain` instead of a rate: 10 000 at once, so what the sender does at most, and its processor time for each.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { NO_LOG } from '../dist/src/base/log.js';
import { openPrivateRedis } from '../dist/src/queue/private-redis.js';
import { openDatabase } from '../dist/src/report/store/database.js';
import { appendEvent } from '../dist/src/report/store/events.js';
import { reachableWith } from '../dist/src/webhook/guard/addresses.js';
import { makeWebhook } from '../dist/src/webhook/registry.js';
import { sealOf } from '../dist/src/webhook/seal.js';

const SECONDS = 5;
const BATCH_MS = 100;
const DRAINED = 10_000;
const wanted = process.argv.slice(2);

const folder = mkdtempSync(join(tmpdir(), 'deadair-bench-webhooks-'));
const db = openDatabase(folder);
const redis = await openPrivateRedis(join(folder, 'redis'), NO_LOG);

const arrivedAt = new Map();
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (part) => (body += part));
  request.on('end', () => {
    const { id } = JSON.parse(body).data;
    if (!arrivedAt.has(id)) arrivedAt.set(id, performance.now());
    response.writeHead(204).end();
  });
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

const registry = { db, seal: sealOf(folder), reach: reachableWith(['127.0.0.1/32']) };
const url = `http://127.0.0.1:${server.address().port}/`;
await makeWebhook(registry, { url, events: ['finding.created'] });

const sender = join(import.meta.dirname, '../test/webhook/sending-process.js');
const process_ = spawn(process.execPath, [sender, folder, redis.target.shown], {
  stdio: 'inherit',
});

/** As large as a real one: about 2 kB. */
const finding = (id) => ({
  id,
  verdict: 'box-timeout',
  confidence: 0.9,
  summary: 'x'.repeat(2000),
});

const quantile = (sorted, share) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];

/** The first delivery waits for the sender's own start. */
async function warmUp() {
  appendEvent(
    db,
    { type: 'finding.created', subject: 'f_warm', data: finding('f_warm') },
    Date.now(),
  );
  while (!arrivedAt.has('f_warm')) await sleep(20);
}

const happen = (ids) =>
  db.transaction(() => {
    for (const id of ids) {
      appendEvent(db, { type: 'finding.created', subject: id, data: finding(id) }, Date.now());
    }
  });

async function untilArrived(ids) {
  const deadline = performance.now() + 120_000;
  while (ids.some((id) => !arrivedAt.has(id))) {
    if (performance.now() > deadline) throw new Error('not all arrived within two minutes');
    await sleep(50);
  }
}

/** proc_pid_stat(5), fields 14 and 15, in ticks of 10 ms. */
function processorSeconds() {
  const stat = readFileSync(`/proc/${process_.pid}/stat`, 'latin1').split(') ')[1].split(' ');
  return (Number(stat[11]) + Number(stat[12])) / 100;
}

async function drain() {
  const ids = Array.from({ length: DRAINED }, (_, i) => `f_drain_${i}`);
  const [at, cpu] = [performance.now(), processorSeconds()];
  happen(ids);
  await untilArrived(ids);
  const seconds = Math.max(...ids.map((id) => arrivedAt.get(id) - at)) / 1000;
  const each = ((processorSeconds() - cpu) * 1000) / DRAINED;
  process.stdout.write(
    `${DRAINED} at once: ${Math.round(DRAINED / seconds)} deliveries/s, ` +
      `${each.toFixed(2)} ms of the sender's processor time each\n`,
  );
}

async function measure(rate) {
  const sentAt = new Map();
  const each = Math.max(1, Math.round((rate * BATCH_MS) / 1000));
  const pause = (each * 1000) / rate;
  for (let batch = 0; sentAt.size < rate * SECONDS; batch++) {
    const ids = Array.from({ length: each }, (_, i) => `f_${rate}_${batch}_${i}`);
    happen(ids);
    for (const id of ids) sentAt.set(id, performance.now());
    await sleep(pause);
  }
  await untilArrived([...sentAt.keys()]);
  const waits = [...sentAt].map(([id, at]) => arrivedAt.get(id) - at).sort((a, b) => a - b);
  const [p50, p99] = [quantile(waits, 0.5), quantile(waits, 0.99)].map(Math.round);
  process.stdout.write(
    `${rate} findings/s: ${waits.length} delivered, p50 ${p50} ms, p99 ${p99} ms\n`,
  );
}

try {
  await warmUp();
  for (const rate of wanted.length === 0 ? [10, 100, 1000, 'drain'] : wanted) {
    if (rate === 'drain') await drain();
    else await measure(Number(rate));
  }
} finally {
  process_.kill();
  server.close();
  db.close();
  await redis.stop();
  rmSync(folder, { recursive: true, force: true });
}
