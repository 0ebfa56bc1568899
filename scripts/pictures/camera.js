/** A real Chromium, the shapes that a page is looked at in, and the moment at which it stands still. */
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { until } from './services.js';

export const launched = (more = []) =>
  chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-quic',
      '--disable-background-networking',
      '--no-first-run',
      '--hide-scrollbars',
      ...more,
    ],
  });

const SHAPES = [
  { name: 'light', width: 1280, colorScheme: 'light' },
  { name: 'dark', width: 1280, colorScheme: 'dark' },
  { name: 'narrow', width: 390, colorScheme: 'light' },
  { name: 'narrow-dark', width: 390, colorScheme: 'dark' },
  { name: 'wide', width: 1920, colorScheme: 'light' },
];

const of = (...names) => SHAPES.filter(({ name }) => names.includes(name));
export const EVERY = SHAPES;
export const FEW = of('light', 'narrow-dark');
export const STATES = of('light', 'dark', 'narrow', 'narrow-dark', 'wide');

/** In a browser window of its own: what is done in it, in each shape. */
export async function inShapes(browser, shapes, use) {
  for (const { name, width, colorScheme } of shapes) {
    const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 } });
    try {
      await use(await context.newPage(), name, context);
    } finally {
      await context.close();
    }
  }
}

/** Nothing is waited for any more: no loading, no picture in the making, two frames at rest. */
export async function still(page) {
  await page.locator('main:not(.login) h1').first().waitFor();
  await until('the page', async () => (await page.locator('.loading').count()) === 0);
  await page.waitForLoadState('load');
  await until('the connection', async () => (await page.locator('.connecting').count()) === 0);
  await page.evaluate(
    'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))',
  );
}

/** The element with some of its card around it, and none of the line above. */
async function around(page, element) {
  const { x, y, width, height } = await page.locator(element).first().boundingBox();
  const [left, top] = [Math.max(0, x - 20), Math.max(0, y - 2)];
  return { x: left, y: top, width: x + width + 20 - left, height: y + height + 6 - top };
}

export async function shoot(page, at, file, element) {
  await page.goto(at);
  await still(page);
  if (element === undefined) await page.screenshot({ path: file, fullPage: true });
  else await page.screenshot({ path: file, fullPage: true, clip: await around(page, element) });
}

/** Every page in every shape. */
export const shootAll = (browser, folder, pages, shapes = EVERY) =>
  inShapes(browser, shapes, async (page, shape) => {
    for (const [what, at] of pages) await shoot(page, at, join(folder, `${what}-${shape}.png`));
  });

/** As the printer makes it. */
export async function print(browser, at, file) {
  const page = await browser.newPage();
  await page.goto(at);
  await page.locator('h1').first().waitFor();
  await page.pdf({ path: file, format: 'A4' });
  await page.close();
}
