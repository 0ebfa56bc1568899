#!/usr/bin/env node
/**
 * Pictures of the pages, from real captures of the lab through a real `serve`: light and dark, narrow and wide; empty
 * pages, a service at work, the printed report, and the states that a page is seldom in. They go into the folder that is named (default:
 * tmp/screenshots), the four of the README into docs/images.
 *
 *   npm run screenshots [folder] [empty|pages|busy|states|readme …]     default: all
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { shootBusy } from './pictures/busy.js';
import { FEW, launched, print, shootAll } from './pictures/camera.js';
import { shootReadme } from './pictures/readme.js';
import { capture, folder as temporary, oneFile, root, serving } from './pictures/services.js';
import { shootStates } from './pictures/states.js';

const [named = join(root, 'tmp', 'screenshots'), ...wanted] = process.argv.slice(2);
const folder = resolve(named);
const wants = (what) => wanted.length === 0 || wanted.includes(what);

/** Captures of both kinds of box and of a proxy, one of them from the outside. */
async function handIn(service) {
  for (const [scenario, shortest, side] of [
    ['dnat-90', '20s'],
    ['mixed-reject-90', '20s'],
    ['haproxy', '2s'],
    ['flush-mixed', '1s', 'outside'],
  ]) {
    await service.job(scenario, shortest, side);
  }
}

/** Of the first job, which found something. */
async function shown({ json }) {
  const list = async (name) => (await json(`/api/v1/${name}`)).items;
  const [finding] = await list('findings');
  const [path] = await list('paths');
  return { finding: finding.id, path: path.id, job: (await list('jobs')).at(-1).id };
}

function reports(into) {
  const both = ['--together', capture('reject', 'inside'), capture('reject', 'outside')];
  return {
    report: oneFile(into, 'report', [capture('dnat-90', 'inside')]),
    both: oneFile(into, 'both', ['--shortest', '1s', ...both]),
    mixed: oneFile(into, 'mixed', [
      '--shortest',
      '1s',
      join(root, 'test/captures/lab/mixed-reject-90/gateway.pcapng'),
    ]),
  };
}

const EMPTY = ['', 'findings', 'paths', 'jobs', 'webhooks', 'agents', 'dead'];
const OTHERS = ['paths', 'live', 'agents', 'dead', 'settings', 'about', 'no-such-page'];

async function shootPages(browser, url, { finding, path, job }, { report, both, mixed }) {
  await shootAll(browser, folder, [
    ['overview', url],
    ['path', `${url}/paths/${path}`],
    ['findings', `${url}/findings`],
    ['finding', `${url}/findings/${finding}`],
    ['jobs', `${url}/jobs`],
    ['job', `${url}/jobs/${job}`],
    ['webhooks', `${url}/webhooks`],
    ['report', report],
    ['both-sides', both],
    ['mixed', mixed],
    ...OTHERS.map((page) => [page, `${url}/${page}`]),
  ]);
  await print(browser, report, join(folder, 'report.pdf'));
}

mkdirSync(folder, { recursive: true });
const files = temporary();
const service = await serving();
const browser = await launched();
try {
  const { url } = service;
  const empty = EMPTY.map((page) => [`empty-${page || 'overview'}`, `${url}/${page}`]);
  if (wants('empty')) await shootAll(browser, folder, empty, FEW);
  await handIn(service);
  const ids = await shown(service);
  const made = reports(files);
  if (wants('pages')) await shootPages(browser, url, ids, made);
  const pages = [
    ['overview', '/'],
    ['findings', '/findings'],
    ['finding', `/findings/${ids.finding}`],
    ['path', `/paths/${ids.path}`],
    ['jobs', '/jobs'],
    ['agents', '/agents'],
  ];
  if (wants('busy')) await shootBusy(browser, folder);
  if (wants('states')) await shootStates(browser, folder, { url, pages });
  if (wants('readme')) await shootReadme(browser, { url, ...ids, ...made });
  console.log(`the pictures are in ${folder}; those of the README in docs/images`);
} finally {
  await browser.close();
  await service.stop();
  rmSync(files, { recursive: true, force: true });
}
