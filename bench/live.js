/**
 * npm run bench -- --only live: `deadair watch`, `tcpdump -w /dev/null` and the live path of `cap`, each alone on a veth
 * pair of the bench's own while tcpreplay sends as fast as it can.
 *
 * CPU is that of the whole process while packets come: the start of Node is not a rate, and is in no contender. What is
 * measured is a day's middle with a smaller table: before it, another trace of short connections fills the table of connections to its ceiling
 * (a lower one than the default, so that it takes seconds), whereupon no memory is touched for the first time and each new
 * connection pushes out an old one. The trace lasts twenty seconds and more, so that what goes on in the background after
 * a start (compilation, collection of what it left) weighs as little as it does in a day. What the kernel does for the
 * sender is nobody's. Lost: sent less delivered, of both.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bench } from './compile.js';
import { deadairPath } from './contenders.js';
import { commit, machine, versions } from './machine.js';
import { makeTrace, warm } from './traces.js';

const [WATCHED, FAR] = ['watched', 'far'].map((end) => `deadairbench-${process.pid}-${end}`);
const ip = (...words) => execFileSync('ip', words, { stdio: ['ignore', 'ignore', 'pipe'] });
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Connections remembered: what the first trace fills. */
const CEILING = 131_072;
const CEILED = ['--max-flows', String(CEILING)];

export const CONTENDERS = [
  {
    name: 'tcpdump -w /dev/null',
    command: ['tcpdump', '-i', 'w0', '-s', '256', '-B', '65536', '-w', '/dev/null'],
    ready: /listening on/,
    delivered: (_, err) => Number(/(\d+) packets captured/.exec(err)?.[1]),
  },
  {
    name: 'deadair watch',
    command: [deadairPath, 'watch', '-i', 'w0', '--json', ...CEILED],
    ready: /watching/,
    delivered: (out) => JSON.parse(out).sources[0].packets,
  },
  {
    name: 'deadair watch --workers 2',
    command: [deadairPath, 'watch', '-i', 'w0', '--json', '--workers', '2', ...CEILED],
    ready: /watching/,
    delivered: (out) => JSON.parse(out).sources[0].packets,
  },
  {
    name: 'cap',
    command: [process.execPath, join(bench, 'live-cap.cjs'), 'w0'],
    ready: /listening/,
    delivered: (out) => JSON.parse(out).packets,
  },
];

/** Why nothing can be measured here, or null. */
function whyNot() {
  if (process.getuid() !== 0) return 'network namespaces need root';
  const missing = ['ip', 'tcpreplay', 'tcpdump'].filter(
    (program) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0,
  );
  return missing.length === 0 ? null : `missing: ${missing.join(', ')}`;
}

function layCable() {
  ip('netns', 'add', WATCHED);
  ip('netns', 'add', FAR);
  for (const end of [WATCHED, FAR])
    ip('netns', 'exec', end, 'sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=1');
  ip('link', 'add', 'w0', 'netns', WATCHED, 'type', 'veth', 'peer', 'name', 's0', 'netns', FAR);
  ip('-n', WATCHED, 'link', 'set', 'w0', 'up');
  ip('-n', FAR, 'link', 'set', 's0', 'up');
}

function removeCable() {
  for (const end of [WATCHED, FAR]) spawnSync('ip', ['netns', 'delete', end]);
}

/** Seconds of all threads so far, to the nanosecond (the first figure of schedstat). */
function cpuOf(pid) {
  const threads = readdirSync(`/proc/${pid}/task`);
  const ns = threads.map((thread) => {
    return Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
  });
  return ns.reduce((sum, one) => sum + one, 0) / 1e9;
}

const residentMiB = (pid) =>
  Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;

function send(path) {
  const words = ['-i', 's0', '--topspeed', '--preload-pcap', path];
  const sender = spawn('ip', ['netns', 'exec', FAR, 'tcpreplay', ...words]);
  let text = '';
  sender.stdout.on('data', (chunk) => (text += chunk));
  return new Promise((resolve) => {
    sender.once('close', () => resolve(Number(/Successful packets:\s+(\d+)/.exec(text)[1])));
  });
}

async function play({ command, ready, delivered }, filling, path) {
  const child = spawn('ip', ['netns', 'exec', WATCHED, ...command]);
  const [out, err] = [[], []];
  child.stdout.on('data', (chunk) => out.push(chunk));
  await new Promise((resolve, reject) => {
    child.once('close', () => reject(new Error(Buffer.concat(err).toString())));
    child.stderr.on('data', (chunk) => {
      err.push(chunk);
      if (ready.test(chunk)) resolve();
    });
  });
  const before = await send(filling);
  await sleep(1000);
  const [cpu, begun] = [cpuOf(child.pid), performance.now()];
  const sent = await send(path);
  const seconds = (performance.now() - begun) / 1000;
  await sleep(300);
  const cost = { cpu: cpuOf(child.pid) - cpu, rssMiB: residentMiB(child.pid) };
  child.kill('SIGINT');
  await new Promise((resolve) => child.once('close', resolve));
  const got = delivered(Buffer.concat(out).toString(), Buffer.concat(err).toString());
  return { sent, seconds, lost: before + sent - got, ...cost };
}

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

function summary(name, runs) {
  const of = (field) => median(runs.map((run) => run[field]));
  const micros = median(runs.map(({ cpu, sent }) => (cpu / sent) * 1e6));
  const rate = median(runs.map(({ sent, seconds }) => sent / seconds));
  return {
    name,
    rate,
    micros,
    rssMiB: of('rssMiB'),
    lost: Math.max(...runs.map((run) => run.lost)),
  };
}

function render(rows, asked) {
  const reference = rows[0].micros;
  const line = ({ name, rate, micros, rssMiB, lost }) =>
    `| ${name} | ${(rate / 1000).toFixed(0)} | ${micros.toFixed(3)} | ${(micros / reference).toFixed(2)} | ${rssMiB.toFixed(0)} | ${lost} |`;
  return [
    '# Live bench results',
    '',
    `Commit ${commit()}. Command: \`${['npm run bench --', ...asked.words].join(' ')}\`.`,
    `${machine()}. ${versions()}.`,
    '',
    'Medians of rounds in turn; lost is the worst round. The bar: nothing lost where',
    '`tcpdump -w /dev/null` loses nothing, at no more than 1.5 times its CPU. Measured with `--max-flows',
    `${CEILING}\` and the table of connections at that ceiling, filled by another trace: bench/live.js.`,
    '',
    '| contender | k packets/s sent | CPU µs a packet | of tcpdump | peak MiB | lost |',
    '|---|--:|--:|--:|--:|--:|',
    ...rows.map(line),
    '',
  ].join('\n');
}

/** The table, or a sentence that says why there is none. */
export async function measureLive(asked, note) {
  const problem = whyNot();
  if (problem !== null) return `live: not measured, ${problem}\n`;
  const trace = makeTrace({
    kind: 'small',
    packets: asked.quick ? 500_000 : 6_000_000,
    seed: asked.seed,
  });
  const filling = makeTrace({ kind: 'many', packets: CEILING * 12, seed: asked.seed + 1 });
  for (const one of [trace, filling]) warm(one);
  const runs = new Map(CONTENDERS.map(({ name }) => [name, []]));
  layCable();
  try {
    for (let round = 0; round < Math.min(asked.rounds, 3); round++) {
      for (const contender of CONTENDERS) {
        note(`live: ${contender.name}, round ${round + 1}`);
        runs.get(contender.name).push(await play(contender, filling.path, trace.path));
      }
    }
  } finally {
    removeCable();
  }
  const text = render(
    [...runs].map(([name, list]) => summary(name, list)),
    asked,
  );
  if (!asked['no-write']) writeFileSync(join(bench, 'results-live.md'), text);
  return text;
}
