/** Drops to the user of argv[2], keeping the capabilities of argv[3…], and prints what every thread may do then. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { accountOf, dropTo, may } from '../../../dist/src/host/privileges.js';
import { ConntrackListener } from '../../../dist/src/host/conntrack-events.js';

const FIELDS = [
  'Uid',
  'Gid',
  'Groups',
  'CapInh',
  'CapPrm',
  'CapEff',
  'CapBnd',
  'CapAmb',
  'NoNewPrivs',
];

const status = (text) =>
  Object.fromEntries(
    FIELDS.map((name) => [name, new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(text)?.[1]?.trim()]),
  );

const threads = () =>
  readdirSync('/proc/self/task').map((id) => ({
    id: Number(id),
    ...status(readFileSync(`/proc/self/task/${id}/status`, 'utf8')),
  }));

const attempt = (act) => {
  try {
    act();
    return 'done';
  } catch (error) {
    return error.code ?? String(error);
  }
};

const [user, ...keep] = process.argv.slice(2);
// A thread from before, as libuv's and V8's are.
const before = new Worker('setInterval(() => {}, 1000)', { eval: true });
await new Promise((online) => before.once('online', online));
const old = new Set(readdirSync('/proc/self/task').map(Number));

try {
  dropTo(accountOf(user), keep);
} catch (error) {
  console.error(error.code, error.message);
  process.exit(1);
}

const after = new Worker('setInterval(() => {}, 1000)', { eval: true });
await new Promise((online) => after.once('online', online));
console.log(
  JSON.stringify({
    main: process.pid,
    old: threads().filter(({ id }) => old.has(id)),
    fresh: threads().filter(({ id }) => !old.has(id)),
    child: status(spawnSync('cat', ['/proc/self/status'], { encoding: 'utf8' }).stdout),
    mayRaw: may('CAP_NET_RAW'),
    root: attempt(() => process.setuid(0)),
    shadow: attempt(() => readFileSync('/etc/shadow')),
    conntrack: attempt(() => new ConntrackListener().close()),
  }),
);
process.exit(0);
