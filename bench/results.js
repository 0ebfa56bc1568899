/** What a run found, as Markdown: printed, and written to bench/results.md. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bench } from './compile.js';
import { commit, machine, versions } from './machine.js';

const COLUMNS =
  'trace | contender | packets | rounds | wall s | CPU s | peak MiB | M packets/s | ratio | says';

export function writeResults(run) {
  const text = render(run);
  if (!run.asked['no-write']) writeFileSync(join(bench, 'results.md'), text);
  return text;
}

function render({ asked, rows, startup, stages, missing, problem, lines }) {
  return [
    '# Bench results',
    '',
    `Commit ${commit()}. Command: \`${['npm run bench --', ...asked.words].join(' ')}\`.`,
    `${machine()}. ${versions()}.`,
    '',
    'Medians of rounds in turn, page cache warm, output thrown away. Ratio: time a packet against',
    'the tcpdump copy of the same file, or of the main trace for those that read a smaller one.',
    'Peak RSS counts mapped pages. Under VXLAN the filter `tcp` matches nothing: the copy skips.',
    '',
    ...(problem ? [`**deadair took no part: ${problem}.**`, ''] : []),
    ...missing.map(({ name, package: from }) => `Missing: ${name} (Debian package ${from}).\n`),
    `| ${COLUMNS} |`,
    '|---|---|--:|--:|--:|--:|--:|--:|--:|---|',
    ...rows.map((row) => tableRow(row, rows)),
    '',
    ...(startup ? startupTable(startup) : []),
    ...(stages ? stageTable(stages) : []),
    '## Verdicts',
    '',
    ...lines.map(
      ({ bar, state, figures }) => `- **${state}** ${bar}${figures ? ` — ${figures}` : ''}`,
    ),
    '',
  ].join('\n');
}

function tableRow(row, rows) {
  if (row.problem) {
    const empty = Array.from({ length: 6 }, () => '');
    return cells([row.scene, row.contender, row.truth.packets, ...empty, says(row)]);
  }
  const reference = rows.find(
    ({ scene, contender }) => scene === row.scene && contender.endsWith('tcpdump copy'),
  );
  const ratio = reference ? reference.packetsPerSecond / row.packetsPerSecond : Number.NaN;
  const figures = [
    row.truth.packets,
    row.runs,
    row.wall.toFixed(3),
    row.cpu.toFixed(3),
    row.rssMiB.toFixed(0),
    (row.packetsPerSecond / 1e6).toFixed(2),
    Number.isNaN(ratio) ? '' : ratio.toFixed(2),
  ];
  return cells([row.scene, row.contender, ...figures, says(row)]);
}

const cells = (values) =>
  `| ${values.map((value) => String(value).replaceAll('|', '\\|')).join(' | ')} |`;

function says(row) {
  if (row.problem) return `failed: ${row.problem}`;
  const kills = Object.values(row.truth.kills).reduce((sum, count) => sum + count, 0);
  if (row.read?.found !== undefined) return `${row.read.found} lines for ${kills} kills`;
  if (!row.read) return '';
  return row.contradictions.length === 0
    ? `${kills} of ${kills} kills`
    : 'not the truth, see below';
}

function startupTable(starts) {
  return [
    '| start | wall ms | CPU ms | peak MiB |',
    '|---|--:|--:|--:|',
    ...starts.map(
      ({ name, wall, cpu, rssMiB }) =>
        `| ${name} | ${(wall * 1000).toFixed(0)} | ${(cpu * 1000).toFixed(0)} | ${rssMiB.toFixed(0)} |`,
    ),
    '',
  ];
}

function stageTable({ stages, by, packets, problem }) {
  if (problem) return [`The stages of the native core were not measured: ${problem}`, ''];
  const figure = (value) => (Number.isNaN(value) ? '' : value.toFixed(0));
  const total = (field) => stages.reduce((sum, stage) => sum + stage[field], 0);
  const line = (name, { nanoseconds, instructions, cycles }) =>
    `| ${[name, figure(nanoseconds), figure(instructions), figure(cycles)].join(' | ')} |`;
  return [
    'The native core alone, one thread, each stage as the difference to the one before',
    `(instructions by ${by} on ${packets} packets):`,
    '',
    '| a packet | ns | instructions | cycles |',
    '|---|--:|--:|--:|',
    ...stages.map((stage) => line(stage.name, stage)),
    line('all', {
      nanoseconds: total('nanoseconds'),
      instructions: total('instructions'),
      cycles: total('cycles'),
    }),
    '',
  ];
}
