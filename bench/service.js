#!/usr/bin/env node
/**
 * What the service does in a second: jobs (upload to report, small captures) with one and with two analyses at once, and
 * findings through queue, reporter and store; then how long the API's lists take over those. Real processes, a private
 * Redis, a store on this disk.
 *
 *   node bench/service.js [JOBS] [FINDINGS]
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Producer } from '../dist/src/queue/producer.js';
import { parseRedisUrl } from '../dist/src/queue/redis-url.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const capture = readFileSync(join(root, 'test/captures/lab/dnat/inside.pcap'));
const [jobs = 60, findings = 20_000] = process.argv.slice(2).map(Number);
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function until(holds) {
  while (!(await holds().catch(() => false))) await sleep(150);
}

async function withService(flags, use) {
  const folder = mkdtempSync(join(tmpdir(), 'deadair-bench-'));
  const port = 20_000 + Math.floor(Math.random() * 20_000);
  const base = `http://127.0.0.1:${port}`;
  const args = ['serve', '--data', folder, '--listen', `127.0.0.1:${port}`, ...flags];
  const env = { ...process.env, DEADAIR_REDIS: '', REDIS_URL: '', DEADAIR_LOG_LEVEL: 'error' };
  const child = spawn(process.execPath, [join(root, 'bin/deadair'), ...args], {
    stdio: ['ignore', 'ignore', 'ignore'],
    env,
  });
  try {
    const began = performance.now();
    await until(async () => (await fetch(`${base}/readyz`)).status === 200);
    return await use({ base, folder, readyMs: performance.now() - began });
  } finally {
    child.kill('SIGTERM');
    await once(child, 'exit');
    rmSync(folder, { recursive: true, force: true });
  }
}

const post = (base) =>
  fetch(`${base}/api/v1/captures?shortest=1s`, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream' },
    body: capture,
  });

async function doneJobs(base) {
  const { items } = await (await fetch(`${base}/api/v1/jobs?state=completed&limit=1000`)).json();
  return items.length;
}

async function jobsPerSecond(atOnce) {
  return withService(['--jobs', String(atOnce)], async ({ base, readyMs }) => {
    await post(base);
    await until(async () => (await doneJobs(base)) === 1);
    const began = performance.now();
    for (let n = 0; n < jobs; n++) await post(base);
    await until(async () => (await doneJobs(base)) === jobs + 1);
    return { readyMs, rate: (jobs * 1000) / (performance.now() - began) };
  });
}

function labFindings() {
  const file = join(root, 'test/captures/lab/dnat/inside.pcap');
  const args = [join(root, 'bin/deadair'), 'read', '--json', '--shortest', '1s', file];
  return JSON.parse(execFileSync(process.execPath, args).toString()).findings;
}

/** Another death: of the same sequence numbers they would all be twins, each with the ones before it. */
const anotherOf = (finding, n) => ({
  ...finding,
  id: `f_bench${n}`,
  flow: { ...finding.flow, sequence: `s_${n.toString(16).padStart(16, '0')}` },
});

/** The lab's finding as many deaths: what a flood looks like to the reporter. */
async function findingsPerSecond() {
  return withService(['--only', 'api,reporter'], async ({ base, folder }) => {
    const [text] = labFindings();
    const producer = new Producer(parseRedisUrl(`unix:${folder}/redis/redis.sock`));
    const began = performance.now();
    for (let at = 0; at < findings; at += 200) {
      const id = `bench.${at}`;
      const list = Array.from({ length: 200 }, (_, i) => anotherOf(text, at + i));
      const from = { kind: 'agent', agent: 'a_bench', host: 'bench' };
      const sentAt = new Date().toISOString();
      const payload = { v: 1, id, from, sentAt, findings: list, paths: [], evidence: [] };
      await producer.add('findings', [{ id, payload }]);
    }
    await until(async () => {
      const { waiting, active, delayed } = (await producer.depths()).findings;
      return waiting + active + delayed === 0;
    });
    const seconds = (performance.now() - began) / 1000;
    await producer.close();
    const { items } = await (await fetch(`${base}/api/v1/findings?limit=1`)).json();
    if (items.length === 0) throw new Error('nothing was stored');
    return { rate: findings / seconds, lists: await timedLists(base, items[0]) };
  });
}

/** Median and slowest of so many, in milliseconds, of the first page of each list. */
const ASKED = 21;

async function timedLists(base, { path, verdict, signature, flow }) {
  const { address, port } = flow.originator;
  const queries = {
    '': 'all',
    [`verdict=${verdict}`]: 'verdict',
    [`signature=${signature}`]: 'signature',
    [`path=${encodeURIComponent(path)}`]: 'path',
    [`address=${encodeURIComponent(address)}`]: 'address',
    [`port=${port}`]: 'port',
    'acknowledged=false': 'acknowledged',
    'since=2020-01-01T00:00:00Z': 'since',
  };
  const rows = [];
  for (const [query, name] of Object.entries(queries)) {
    const times = [];
    for (let n = 0; n < ASKED; n++) {
      const began = performance.now();
      const answer = await fetch(`${base}/api/v1/findings?limit=100&${query}`);
      await answer.arrayBuffer();
      if (answer.status !== 200) throw new Error(`${query}: ${answer.status}`);
      times.push(performance.now() - began);
    }
    times.sort((a, b) => a - b);
    rows.push(`${name} ${times[ASKED >> 1].toFixed(0)}/${times.at(-1).toFixed(0)}`);
  }
  return rows;
}

if (jobs > 0) {
  const one = await jobsPerSecond(1);
  const two = await jobsPerSecond(2);
  process.stdout.write(`ready after ${Math.round(one.readyMs)} ms\n`);
  process.stdout.write(
    `jobs a second: ${one.rate.toFixed(1)} one at once, ${two.rate.toFixed(1)} two\n`,
  );
}
const { rate, lists } = await findingsPerSecond();
process.stdout.write(`findings a second: ${Math.round(rate)}\n`);
process.stdout.write(
  `a page of 100 of ${findings}, ms, median/slowest of ${ASKED}: ${lists.join(', ')}\n`,
);
