/** The bars of issue 3, each with its figures: PASS, MISS, or why it was not measured. */

const find = (rows, scene, contender) =>
  rows.find((row) => row.scene === scene && row.contender === contender && !row.problem);
const one = 'deadair, one core';
const two = 'deadair, two cores';

export function verdicts(rows, startup, problem) {
  const bars = [
    ratioBar(rows, 'two cores, of tcpdump copy', two, 'tcpdump copy', 0.5),
    ratioBar(rows, 'one core, of tcpdump copy', one, 'tcpdump copy', 0.8),
    ratioBar(rows, 'two cores, of one', two, one, 0.7),
    ...startBars(startup),
    flowBar(rows),
    openMemoryBar(rows),
    floodBar(rows, 'flood-syn'),
    floodBar(rows, 'flood-ack'),
    linearBar(rows),
    openBar(rows),
    truthBar(rows),
    sameBar(rows),
  ];
  return bars.map((bar) =>
    bar.state ? bar : { ...bar, state: problem ? 'NOT BUILT' : 'not measured' },
  );
}

const judged = (bar, passes, figures) => ({ bar, state: passes ? 'PASS' : 'MISS', figures });
const x = (value) => value.toFixed(2);

function ratioBar(rows, what, contender, reference, most) {
  const bar = `${what}: ≤ ${x(most)}`;
  const [a, b] = [find(rows, 'small', contender), find(rows, 'small', reference)];
  if (!a || !b) return { bar };
  return judged(
    bar,
    a.wall / b.wall <= most,
    `${x(a.wall / b.wall)} (${x(a.wall)} s of ${x(b.wall)} s)`,
  );
}

function startBars(starts) {
  const bar = 'a small file, of node -e 0: ≤ 2.00 in CPU and wall';
  if (!starts) return [{ bar }];
  const [node, ...files] = starts;
  return files.map((file) => {
    const own = `${bar} (${file.name})`;
    if (file.problem) return { bar: own };
    const [cpu, wall] = [file.cpu / node.cpu, file.wall / node.wall];
    return judged(own, cpu <= 2 && wall <= 2, `${x(cpu)} in CPU, ${x(wall)} in wall`);
  });
}

/** Connections open at once, by how many there are; from the outside, without asking deadair. */
const openRows = (rows, contender) =>
  rows
    .filter((row) => row.scene.startsWith('open ') && row.contender === contender && !row.problem)
    .sort((a, b) => a.truth.connections - b.truth.connections);

function flowBar(rows) {
  const bar = 'memory a flow, all told: ≤ 192 bytes';
  const all = openRows(rows, one);
  if (all.length < 2) return { bar };
  const [few, many] = [all[0], all.at(-1)];
  const flows = many.truth.connections - few.truth.connections;
  const bytes = ((many.rssMiB - few.rssMiB) * 2 ** 20) / flows;
  return judged(
    bar,
    bytes <= 192,
    `${bytes.toFixed(0)} bytes of peak RSS for each of ${flows} more flows`,
  );
}

function openMemoryBar(rows) {
  const bar = '1 M connections open at once: < 320 MiB RSS';
  const most = Math.max(...[one, two].map((name) => openRows(rows, name).at(-1)?.rssMiB ?? 0));
  const flows = openRows(rows, one).at(-1)?.truth.mostOpen;
  if (flows === undefined) return { bar };
  if (flows < 9e5)
    return { bar, figures: `${most.toFixed(0)} MiB with ${flows} open; needs --packets 1e7` };
  return judged(bar, most < 320, `${most.toFixed(0)} MiB with ${flows} open`);
}

const signed = (counts) => Object.values(counts).reduce((sum, count) => sum + count, 0);

function floodBar(rows, scene) {
  const bar = `${scene}: no kill lost`;
  const row = find(rows, scene, one);
  if (!row?.read) return { bar };
  const [found, told] = [signed(row.read.signatures), signed(row.truth.kills)];
  return judged(
    bar,
    found === told,
    `${found} of ${told} kills, ${row.read.evicted} evicted, ${row.rssMiB.toFixed(0)} MiB`,
  );
}

/** Time a packet at the largest size against the main one: 15 % more is called linear (chosen). */
function linearBar(rows) {
  const bar = 'time grows linearly, 1 to 40 M packets: ≤ 1.15 a packet';
  const sizes = ['linear x0.1', 'small', 'linear x4'].map((scene) => find(rows, scene, one));
  if (sizes.some((row) => row === undefined)) return { bar };
  const nanoseconds = sizes.map((row) => (row.wall * 1e9) / row.truth.packets);
  const figures = sizes.map(
    (row, i) => `${(row.truth.packets / 1e6).toFixed(1)} M: ${nanoseconds[i].toFixed(0)} ns`,
  );
  return judged(bar, nanoseconds[2] <= 1.15 * nanoseconds[1], figures.join(', '));
}

/** "Hardly": half as much again from the fewest to the most (chosen); the curve is stated. */
function openBar(rows) {
  const bar = 'time hardly grows with open connections: ≤ 1.50 a packet';
  const all = openRows(rows, one);
  if (all.length < 2) return { bar };
  const nanoseconds = all.map((row) => (row.wall * 1e9) / row.truth.packets);
  const figures = all.map((row, i) => `${row.truth.mostOpen}: ${nanoseconds[i].toFixed(0)} ns`);
  return judged(bar, nanoseconds.at(-1) <= 1.5 * nanoseconds[0], figures.join(', '));
}

function truthBar(rows) {
  const bar = 'packets, resets and kills as the trace has them';
  const reports = rows.filter((row) => row.read?.print);
  const failed = rows.filter((row) => row.contender.startsWith('deadair') && row.problem);
  if (reports.length + failed.length === 0) return { bar };
  const wrong = [...failed, ...reports.filter((row) => row.contradictions.length > 0)];
  const said = wrong.map(
    (row) => `${row.scene}, ${row.contender}: ${row.problem ?? row.contradictions.join('; ')}`,
  );
  return judged(bar, wrong.length === 0, said.join(' · ') || `${reports.length} reports`);
}

/** Byte for byte over threads; over formats all but the source's name and format. */
function sameBar(rows) {
  const bar = 'the same report for any threads and any format';
  const reports = rows.filter((row) => row.read?.print);
  const pairs = reports.flatMap((row) => {
    const twin = reports.find((other) => other.scene === row.scene && other !== row);
    const model = reports.find((other) => other.scene === row.sameAs);
    return [twin && [row, twin, 'raw'], model && [row, model, 'print']].filter(Boolean);
  });
  if (pairs.length === 0) return { bar };
  const unequal = pairs.filter(([a, b, what]) => a.read[what] !== b.read[what]);
  const said = unequal.map(
    ([a, b]) => `${a.scene} (${a.contender}) and ${b.scene} (${b.contender}) differ`,
  );
  return judged(bar, unequal.length === 0, said.join(' · ') || `${pairs.length} pairs`);
}
