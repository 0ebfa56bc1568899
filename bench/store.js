#!/usr/bin/env node
/**
 * node bench/store.js [findings]: how long the store takes for a batch, and for the first and a deep page of every list the
 * API offers, at 100 000 findings. Times are medians of nine, in milliseconds, of the compiled code in dist/.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { accept } from '../dist/src/report/intake/accept.js';
import { keyRange } from '../dist/src/report/store/address-key.js';
import { openDatabase } from '../dist/src/report/store/database.js';
import { listFindings } from '../dist/src/report/store/findings.js';
import { parseCursor } from '../dist/src/report/store/page.js';
import { silenceCounts } from '../dist/src/report/store/tallies.js';

const root = join(import.meta.dirname, '..');
const TOTAL = Number(process.argv[2] ?? 100_000);
const BATCH = 500;

/** A real finding, varied: 200 paths, 5 000 clients, 200 servers. */
function sample() {
  const capture = join(root, 'test', 'captures', 'lab', 'dnat-90', 'inside.pcap');
  const json = execFileSync(join(root, 'bin', 'deadair'), ['read', '--json', capture]);
  return JSON.parse(json.toString()).findings[0];
}

const address = (i, base) => `10.${base + ((i >> 16) & 63)}.${(i >> 8) & 255}.${i & 255}`;

function varied(base, i) {
  const at = new Date(Date.UTC(2026, 0, 1) + i * 1000).toISOString();
  return {
    ...base,
    id: `f_${i.toString(16).padStart(16, '0')}`,
    path: `p_${i % 200}`,
    verdict: i % 10 === 0 ? 'endpoint-timer' : base.verdict,
    flow: {
      ...base.flow,
      sequence: `s_${i}`,
      originator: { address: address(i % 5000, 0), port: 1024 + (i % 60_000) },
      responder: { address: address(i % 200, 128), port: [443, 5432, 27_017][i % 3] },
    },
    ending: { ...base.ending, at },
  };
}

const median = (times) => [...times].sort((a, b) => a - b)[times.length >> 1];

function timed(work) {
  const times = Array.from({ length: 9 }, () => {
    const before = performance.now();
    work();
    return performance.now() - before;
  });
  return `${median(times).toFixed(2)} ms`;
}

function fill(db, base) {
  const before = performance.now();
  for (let from = 0; from < TOTAL; from += BATCH) {
    const findings = Array.from({ length: Math.min(BATCH, TOTAL - from) }, (_, k) =>
      varied(base, from + k),
    );
    const batch = { v: 1, id: `b_${from}`, from: { kind: 'agent', agent: 'bench', host: 'bench' } };
    accept(
      db,
      { ...batch, sentAt: '2026-01-01T00:00:00Z', findings, paths: [], evidence: [] },
      Date.now(),
    );
  }
  return TOTAL / ((performance.now() - before) / 1000);
}

const LISTS = {
  everything: {},
  'a path': { path: 'p_7' },
  'a verdict': { verdict: 'endpoint-timer' },
  'a signature': { signature: 'late-reset' },
  'an address': { address: keyRange('10.128.0.7') },
  'a block of half of them': { address: keyRange('10.0.0.0/9') },
  'a port': { port: 443 },
  'an hour': { since: Date.UTC(2026, 0, 1, 5), until: Date.UTC(2026, 0, 1, 6) },
  'path, verdict and port': { path: 'p_10', verdict: 'endpoint-timer', port: 443 },
};

/** Some twenty pages further on, where there are so many. */
function deep(db, filter) {
  let after = null;
  for (let i = 0; i < 20; i++) {
    const { next } = listFindings(db, filter, { limit: 100, after });
    if (next === null) break;
    after = parseCursor(next);
  }
  return after;
}

const folder = mkdtempSync(join(tmpdir(), 'deadair-bench-'));
const db = openDatabase(folder);
try {
  const rate = fill(db, sample());
  console.log(
    `${TOTAL} findings, ${BATCH} a batch: ${Math.round(rate)} findings/s, each batch on the disk`,
  );
  for (const [name, filter] of Object.entries(LISTS)) {
    const first = timed(() => listFindings(db, filter, { limit: 100, after: null }));
    const after = deep(db, filter);
    const later = timed(() => listFindings(db, filter, { limit: 100, after }));
    console.log(`${name}: first page ${first}, a deep one ${later}`);
  }
  console.log(`metrics: ${timed(() => silenceCounts(db))}`);
  console.log(
    readFileSync('/proc/loadavg', 'utf8')
      .split(' ')
      .slice(0, 1)
      .map((load) => `load ${load}`)[0],
  );
} finally {
  db.close();
  rmSync(folder, { recursive: true, force: true });
}
