/**
 * npm run bench: deadair against the programs people use today, on seeded traces.
 *
 * Nothing is remembered from an earlier run: a ratio compares two that read the same file in turn.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { readArguments, USAGE } from './arguments.js';
import { bench, cache } from './compile.js';
import { copy, deadairPath, packages, present, slowPeers, twoCores } from './contenders.js';
import { measureLive } from './live.js';
import { inTurn, measure } from './measure.js';
import { contradictions } from './reports.js';
import { writeResults } from './results.js';
import { isWanted, scenes } from './scenes.js';
import { measureStages } from './stages.js';
import { dropTrace, dropTraces, makeTrace, warm } from './traces.js';
import { verdicts } from './verdicts.js';

/** What the README reads first. */
const LAB_CAPTURE = join(bench, '..', 'test', 'captures', 'lab', 'dnat-90', 'inside.pcap');

const note = (text) => process.stderr.write(`${text}\n`);

async function main() {
  const asked = readArguments(process.argv.slice(2));
  if (asked.help) return console.log(USAGE);
  if (asked.install)
    execFileSync('bash', [join(bench, '..', 'scripts', 'packages.sh'), ...packages], {
      stdio: 'inherit',
    });
  mkdirSync(cache, { recursive: true });
  if (isWanted(asked.only, 'live')) console.log(await measureLive(asked, note));
  if (asked.only?.size === 1 && asked.only.has('live')) return;
  const { missing } = present([copy, ...slowPeers]);
  const problem = deadairProblem(asked);
  if (problem) note(`deadair takes no part: ${problem}`);
  for (const peer of missing)
    note(`missing: ${peer.name} (Debian package ${peer.package}; npm run bench -- --install)`);

  const rows = [];
  const wanted = scenes(asked).filter(({ name }) => isWanted(asked.only, name));
  for (const scene of wanted) rows.push(...playScene(scene, asked, problem));
  const startup = isWanted(asked.only, 'startup') && !problem ? measureStartup(asked) : null;
  const stages = isWanted(asked.only, 'stages') ? measureStages(asked) : null;
  if (!asked.keep) dropTraces();

  const lines = verdicts(rows, startup, problem);
  const table = writeResults({ asked, rows, startup, stages, missing, problem, lines });
  console.log(table);
  if (asked.verdict && lines.some(({ state }) => state === 'MISS')) process.exitCode = 1;
}

const tiny = (asked) => makeTrace({ kind: 'small', packets: 20000, seed: asked.seed });

function deadairProblem(asked) {
  if (!existsSync(deadairPath)) return 'bin/deadair is not built';
  const run = measure(twoCores.command(tiny(asked).path));
  return run.ok ? null : `not built, or broken: ${run.complaint}`;
}

function playScene(scene, asked, problem) {
  const trace = scene.make();
  const { there } = present(scene.contenders);
  const playing = there.filter(({ read }) => !read || !problem);
  note(
    `${scene.name}: ${trace.truth.packets} packets, ${(trace.bytes / 1e6).toFixed(0)} MB, ` +
      `${playing.length} contenders`,
  );
  warm(trace);
  const rows = toRows(scene, trace, inTurn(playing, trace.path, scene.rounds));
  if (scene.peers && asked.peers === 'all') rows.push(...playPeers(trace, asked));
  if (!asked.keep && !scene.keep) dropTrace(trace);
  return rows;
}

/** The slow ones read once, and a smaller trace where the main one would take minutes. */
function playPeers(whole, asked) {
  const rows = [];
  for (const peer of present(slowPeers).there) {
    const packets = Math.min(peer.most, asked.packets);
    const trace =
      packets === asked.packets ? whole : makeTrace({ kind: 'small', packets, seed: asked.seed });
    note(`small: ${peer.name}, once, ${packets} packets`);
    warm(trace);
    rows.push(...toRows({ name: 'small' }, trace, inTurn([peer], trace.path, 1)));
    if (trace !== whole && !asked.keep) dropTrace(trace);
  }
  return rows;
}

function toRows(scene, trace, results) {
  return [...results].map(([contender, result]) => ({
    scene: scene.name,
    sameAs: scene.sameAs ?? null,
    contender,
    truth: trace.truth,
    ...result,
    packetsPerSecond: trace.truth.packets / result.wall,
    contradictions: result.read?.print ? contradictions(result.read, trace.truth) : [],
  }));
}

/** What a small file costs, against the bare start of node: a trace, and a capture of the lab. */
function measureStartup(asked) {
  const trace = tiny(asked);
  const node = { name: 'node -e 0', command: () => [process.execPath, '-e', '0'] };
  const reading = (name, path) => ({
    name,
    command: () => [deadairPath, 'read', '--json', '--quiet', path],
  });
  const small = reading(`deadair read, ${trace.truth.packets} packets`, trace.path);
  const lab = reading('deadair read, a capture of the lab', LAB_CAPTURE);
  note('startup: small files');
  const results = inTurn([node, small, lab], null, Math.max(asked.rounds, 5) * 2 + 1);
  return [node, small, lab].map(({ name }) => ({ name, ...results.get(name) }));
}

await main();
