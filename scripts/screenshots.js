#!/usr/bin/env node
/**
 * Pictures of the pages, from real captures of the lab through a real `serve`: overview, path with plot, finding with
 * ladder, report; light and dark, narrow and wide; the other pages, empty ones and the printed report in one shape or two. Into docs/images the four of the README, the others into the folder that
 * is named (default: tmp/screenshots).
 *
 *   npm run screenshots [folder]
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = resolve(process.argv[2] ?? join(root, 'tmp', 'screenshots'));
const images = join(root, 'docs', 'images');
const data = mkdtempSync(join(tmpdir(), 'deadair-screenshots-'));
const port = 20_000 + (process.pid % 20_000);
const url = `http://127.0.0.1:${port}`;
const capture = (scenario, side) => join(root, 'test', 'captures', 'lab', scenario, `${side}.pcap`);

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

async function until(what, look) {
  for (const end = Date.now() + 60_000; Date.now() < end; await pause(200)) {
    const found = await look().catch(() => null);
    if (found) return found;
  }
  throw new Error(`waited in vain for ${what}`);
}

const json = async (path) => (await fetch(url + path)).json();

async function job(scenario, shortest, side = 'inside') {
  const at = `${url}/api/v1/captures?shortest=${shortest}&name=${scenario}.pcap`;
  const headers = { 'content-type': 'application/octet-stream' };
  const body = readFileSync(capture(scenario, side));
  const { id } = await (await fetch(at, { method: 'POST', body, headers })).json();
  await until(scenario, async () => (await json(`/api/v1/jobs/${id}`)).state === 'completed');
}

const SHAPES = [
  { name: 'light', width: 1280, colorScheme: 'light' },
  { name: 'dark', width: 1280, colorScheme: 'dark' },
  { name: 'narrow', width: 390, colorScheme: 'light' },
  { name: 'narrow-dark', width: 390, colorScheme: 'dark' },
  { name: 'wide', width: 1920, colorScheme: 'light' },
];

/** The element with some of its card around it, and none of the line above. */
async function around(page, element) {
  const { x, y, width, height } = await page.locator(element).first().boundingBox();
  const [left, top] = [Math.max(0, x - 20), Math.max(0, y - 2)];
  return { x: left, y: top, width: x + width + 20 - left, height: y + height + 6 - top };
}

async function shoot(page, at, file, element) {
  await page.goto(at);
  await page.locator('h1').first().waitFor();
  await until('the page', async () => (await page.locator('.loading').count()) === 0);
  // Live connection, packets of a ladder.
  await pause(800);
  if (element === undefined) await page.screenshot({ path: file, fullPage: true });
  else await page.screenshot({ path: file, fullPage: true, clip: await around(page, element) });
}

async function shootAll(browser, pages, shapes = SHAPES) {
  for (const { name, width, colorScheme } of shapes) {
    const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 } });
    const page = await context.newPage();
    for (const [what, at] of pages) await shoot(page, at, join(folder, `${what}-${name}.png`));
    await context.close();
  }
}

/** As the printer makes it. */
async function print(browser, at, file) {
  const page = await browser.newPage();
  await page.goto(at);
  await page.locator('h1').first().waitFor();
  await page.pdf({ path: file, format: 'A4' });
  await page.close();
}

/** For the README: one path, one ladder, twice the pixels would be twice the bytes. */
async function shootReadme(browser, { finding, report, both }) {
  const context = await browser.newContext({
    colorScheme: 'light',
    viewport: { width: 1100, height: 760 },
  });
  const page = await context.newPage();
  await shoot(page, report, join(images, 'silence-plot.png'), '.plot');
  await shoot(page, both, join(images, 'ladder.png'), '.ladder');
  await page.goto(url);
  await page.locator('.hours').waitFor();
  await pause(800);
  await page.screenshot({ path: join(images, 'overview.png') });
  await context.close();
  const dark = await browser.newContext({
    colorScheme: 'dark',
    viewport: { width: 1100, height: 760 },
  });
  await shoot(
    await dark.newPage(),
    `${url}/findings/${finding}`,
    join(images, 'finding-dark.png'),
    '.finding',
  );
  await dark.close();
}

/** Fewer colours are fewer bytes; without the program the pictures are whole, and larger. */
function optimise() {
  for (const name of ['silence-plot', 'ladder', 'overview', 'finding-dark']) {
    const file = join(images, `${name}.png`);
    spawnSync('pngquant', ['--force', '--skip-if-larger', '--output', file, file], {
      stdio: 'ignore',
    });
  }
}

function oneFile(name, args) {
  const file = join(data, `${name}.html`);
  const command = ['bin/deadair', 'read', '--quiet', '--html', file, ...args];
  const { status } = spawnSync(process.execPath, command, {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error(`${name} could not be made`);
  return pathToFileURL(file).href;
}

mkdirSync(folder, { recursive: true });
mkdirSync(images, { recursive: true });
const args = [
  'bin/deadair',
  'serve',
  '--listen',
  `127.0.0.1:${port}`,
  '--data',
  data,
  '--jobs',
  '1',
];
const serve = spawn(process.execPath, args, { cwd: root, stdio: 'ignore' });
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-quic',
    '--disable-background-networking',
    '--no-first-run',
    '--hide-scrollbars',
  ],
});
try {
  await until('serve', async () => (await fetch(`${url}/readyz`)).ok);
  const few = SHAPES.filter(({ name }) => name === 'light' || name === 'narrow-dark');
  await shootAll(
    browser,
    ['', 'findings', 'paths', 'jobs', 'webhooks', 'agents', 'dead'].map((page) => [
      `empty-${page || 'overview'}`,
      `${url}/${page}`,
    ]),
    few,
  );
  for (const [scenario, shortest, side] of [
    ['dnat-90', '20s'],
    ['mixed-reject-90', '20s'],
    ['haproxy', '2s'],
    ['flush-mixed', '1s', 'outside'],
  ]) {
    await job(scenario, shortest, side);
  }
  const { items: findings } = await json('/api/v1/findings?limit=1');
  const { items: paths } = await json('/api/v1/paths');
  const { items: jobs } = await json('/api/v1/jobs');
  const report = oneFile('report', [capture('dnat-90', 'inside')]);
  const both = oneFile('both', [
    '--shortest',
    '1s',
    '--together',
    capture('reject', 'inside'),
    capture('reject', 'outside'),
  ]);
  const finding = findings[0].id;
  await shootAll(browser, [
    ['overview', url],
    ['path', `${url}/paths/${paths[0].id}`],
    ['findings', `${url}/findings`],
    ['finding', `${url}/findings/${finding}`],
    ['jobs', `${url}/jobs`],
    ['job', `${url}/jobs/${jobs[0].id}`],
    ['webhooks', `${url}/webhooks`],
    ['report', report],
    ['both-sides', both],
  ]);
  await shootAll(
    browser,
    ['paths', 'live', 'agents', 'dead', 'settings', 'about', 'no-such-page'].map((page) => [
      page,
      `${url}/${page}`,
    ]),
    few,
  );
  await print(browser, report, join(folder, 'report.pdf'));
  await shootReadme(browser, { finding, report, both });
  optimise();
  console.log(`the pictures are in ${folder}; those of the README in docs/images`);
} finally {
  await browser.close();
  serve.kill('SIGTERM');
  await new Promise((done) => (serve.exitCode === null ? serve.once('exit', done) : done()));
  rmSync(data, { recursive: true, force: true });
}
