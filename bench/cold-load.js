#!/usr/bin/env node
/**
 * How long the dashboard takes on a cold load: a real `serve` with a job of the lab, in each round a browser with an empty
 * profile, from the start of the navigation to the frame that shows the headline with T, and to the frame that shows the
 * newest findings. Beside it in the same round: `/healthz`, which is a page of one word, in another new browser, and
 * `node -e 0`; they tell how slow the machine is just now.
 *
 *   node bench/cold-load.js [ROUNDS] [--chain]     --chain: what the browser fetched in the last round, and when
 */
import { spawnSync } from 'node:child_process';
import { launched } from '../scripts/pictures/camera.js';
import { pause, serving, until } from '../scripts/pictures/services.js';
import { commit, machine } from './machine.js';

const rounds = Number(process.argv[2] ?? 9) || 9;
const showChain = process.argv.includes('--chain');

/** In the page, before anything of it: when each of these was first painted, ms after the navigation began. */
const WATCH = `{
  const marks = (window.coldLoad = {});
  const wanted = { headline: 'main h1', findings: '.plain-list .finding-row' };
  const look = () => {
    for (const [name, selector] of Object.entries(wanted)) {
      if (marks[name] !== undefined || document.querySelector(selector) === null) continue;
      marks[name] = 0;
      requestAnimationFrame(() => setTimeout(() => (marks[name] = performance.now())));
    }
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true });
}`;

const SEEN = 'window.coldLoad.headline > 0 && window.coldLoad.findings > 0';

async function inNewBrowser(use) {
  const browser = await launched();
  try {
    const page = await browser.newPage();
    // It is open and at rest, as somebody's browser is.
    await pause(1500);
    return await use(page);
  } finally {
    await browser.close();
  }
}

const FETCHED = `performance.getEntriesByType('resource').map(({ name, startTime, responseEnd, transferSize }) =>
  ({ name: name.replace(location.origin, ''), startTime, responseEnd, transferSize }))`;

const dashboard = (url) =>
  inNewBrowser(async (page) => {
    await page.addInitScript(WATCH);
    await page.goto(url, { waitUntil: 'commit' });
    await until('the newest findings', () => page.evaluate(SEEN));
    const { headline, findings } = await page.evaluate('window.coldLoad');
    const firstByte = await page.evaluate(
      'performance.getEntriesByType("navigation")[0].responseStart',
    );
    return { firstByte, headline, findings, fetched: await page.evaluate(FETCHED) };
  });

const oneWord = (url) =>
  inNewBrowser(async (page) => {
    await page.goto(`${url}/healthz`, { waitUntil: 'load' });
    const end = 'performance.getEntriesByType("navigation")[0].loadEventEnd';
    return until('the word', () => page.evaluate(end));
  });

function nodeItself() {
  const began = performance.now();
  spawnSync(process.execPath, ['-e', '0']);
  return performance.now() - began;
}

function spread(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share) => Math.round(sorted[Math.floor((sorted.length - 1) * share)]);
  return `median ${at(0.5)} ms, ${at(0)} to ${at(1)}`;
}

const service = await serving();
try {
  await service.job('dnat-90', '20s');
  await service.job('mixed-reject-90', '20s');
  const seen = { node: [], word: [], firstByte: [], headline: [], findings: [] };
  let fetched = [];
  for (let i = 0; i < rounds; i++) {
    seen.node.push(nodeItself());
    seen.word.push(await oneWord(service.url));
    const loaded = await dashboard(service.url);
    seen.firstByte.push(loaded.firstByte);
    seen.headline.push(loaded.headline);
    seen.findings.push(loaded.findings);
    fetched = loaded.fetched;
  }
  console.log(`the dashboard on a cold load, ${rounds} rounds; ${machine()}, ${commit()}`);
  console.log(`node -e 0             ${spread(seen.node)}`);
  console.log(`a page of one word    ${spread(seen.word)}`);
  console.log(`first byte            ${spread(seen.firstByte)}`);
  console.log(`headline with T       ${spread(seen.headline)}`);
  console.log(`newest findings       ${spread(seen.findings)}`);
  const bytes = fetched.reduce((sum, { transferSize }) => sum + transferSize, 0);
  console.log(`fetched               ${fetched.length} answers, ${Math.round(bytes / 1024)} KiB`);
  for (const { name, startTime, responseEnd, transferSize } of showChain ? fetched : []) {
    console.log(
      `${Math.round(startTime)} to ${Math.round(responseEnd)} ms, ${transferSize} bytes: ${name}`,
    );
  }
} finally {
  await service.stop();
}
