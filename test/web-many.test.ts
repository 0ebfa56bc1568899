/** Many findings and many silences: a bounded number of DOM nodes, and answers within a tenth of a second. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../src/base/root.ts';
import { accept } from '../src/report/intake/accept.ts';
import type { PathReport } from '../src/report/schema.ts';
import { hasChromium, launched, watchedPage } from './kit/browser.ts';
import { type Service, withService } from './kit/service.ts';
import { aBatch, aFinding, aPath } from './kit/store.ts';

const LONG = process.env['DEADAIR_LONG'] === '1';
const FINDINGS = LONG ? 100_000 : 10_000;
const SILENCES = LONG ? 1_000_000 : 100_000;
/** Chosen: rows in sight and around them, about ten nodes each, and the page's frame. */
const MOST_NODES = 1200;
const MOST_MS = 100;

const dashboard = join(packageRoot(), 'dist', 'web');

async function store({ db }: Service): Promise<void> {
  for (let from = 0; from < FINDINGS; from += 1000) {
    const findings = Array.from({ length: 1000 }, (_, i) => {
      const endedAt = new Date(Date.UTC(2026, 2, 1) + (from + i) * 1000).toISOString();
      return aFinding(`f_${String(from + i).padStart(16, '0')}`, { silence: { endedAt } });
    });
    accept(db, aBatch({ findings }), Date.now());
    // The browser is spoken to from this thread: minutes without a word would be its end.
    await new Promise(setImmediate);
  }
}

/** Lengths from 20 s to 2 h; killed beyond 350 s. */
function manySilences(): PathReport['observations'] {
  const each = Math.floor(SILENCES / 590);
  const bins = Array.from({ length: 590 }, (_, i) => {
    const fromSeconds = 20 * 1.01 ** i;
    const outcome = fromSeconds < 350 ? 'survived' : 'late-reset';
    return { fromSeconds, untilSeconds: fromSeconds * 1.01, outcome, count: each + (i % 7) };
  });
  return { points: null, bins, binErrorShare: 0.01 };
}

const nodes = (page: Page): Promise<number> =>
  page.evaluate("document.querySelectorAll('*').length");

/** From a key to the frame that shows what it did, milliseconds; the slowest of some. */
const slowestKey = (page: Page, selector: string, key: string): Promise<number> =>
  page.evaluate(`(async () => {
    const target = document.querySelector(${JSON.stringify(selector)});
    let slowest = 0;
    for (let i = 0; i < 15; i++) {
      const from = performance.now();
      target.dispatchEvent(new KeyboardEvent('keydown', { key: ${JSON.stringify(key)}, bubbles: true, cancelable: true }));
      await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
      slowest = Math.max(slowest, performance.now() - from);
    }
    return slowest;
  })()`);

test('what a browser fetches for the dashboard is small: less than 150 kB compressed', () => {
  const names = readdirSync(join(dashboard, 'assets')).filter((name) => /\.(?:js|css)$/.test(name));
  const assets = names.map((name) => readFileSync(join(dashboard, 'assets', name)));
  const bytes = assets.reduce((sum, asset) => sum + gzipSync(asset).length, 0);
  expect(bytes).toBeGreaterThan(10_000);
  expect(bytes).toBeLessThan(150_000);
});

describe.skipIf(!hasChromium)('many (needs chromium)', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launched();
  });
  afterAll(() => browser.close());

  test(
    `${FINDINGS} findings scroll to their end with at most ${MOST_NODES} DOM nodes`,
    () =>
      withService({ dashboard }, async (service) => {
        await store(service);
        const { page, complaints } = await watchedPage(browser, {}, service.url);
        await page.goto(`${service.url}/findings`);
        await page.locator('.virtual-row').first().waitFor();
        let most = 0;
        for (let held = 0; held < FINDINGS; ) {
          await page.evaluate("document.querySelector('.virtual').scrollTop = 1e9");
          await expect
            .poll(
              async () =>
                page.evaluate(
                  'document.querySelector(".virtual-row").getAttribute("aria-setsize") | 0',
                ),
              { timeout: 30_000 },
            )
            .toBeGreaterThan(held);
          held = await page.evaluate(
            'document.querySelector(".virtual-row").getAttribute("aria-setsize") | 0',
          );
          most = Math.max(most, await nodes(page));
        }
        expect(most).toBeLessThan(MOST_NODES);
        expect(await slowestKey(page, '.virtual', 'k')).toBeLessThan(MOST_MS);
        await page.getByText(`${FINDINGS.toLocaleString('en')} in all`).waitFor();
        await page.goto(service.url);
        const highest = page.locator('.hour-most').last();
        expect(await highest.textContent()).toBe('1,000');
        const [number, drawing] = [
          await highest.boundingBox(),
          await page.locator('.hours svg').boundingBox(),
        ];
        const right = (box: typeof number) => (box?.x ?? 0) + (box?.width ?? 0);
        expect(right(number)).toBeLessThanOrEqual(right(drawing));
        expect(complaints).toEqual([]);
        await page.context().close();
      }),
    LONG ? 1_500_000 : 120_000,
  );

  test(`${SILENCES} silences of a path are columns, and the keepalive line moves at once`, () =>
    withService({ dashboard }, async (service) => {
      const timeout = {
        status: 'estimated' as const,
        lowSeconds: 349,
        highSeconds: 352,
        estimateSeconds: 350,
      };
      const path = { ...aPath('p_1', { timeout }), observations: manySilences() };
      accept(service.db, aBatch({ findings: [aFinding('f_1')], paths: [path] }), Date.now());
      const { page, complaints } = await watchedPage(browser, {}, service.url);
      await page.goto(`${service.url}/paths/p_1`);
      await page.locator('.plot .threshold').waitFor();
      expect(await page.locator('.plot .lane-name').first().textContent()).toMatch(/in one place$/);
      expect(await nodes(page)).toBeLessThan(MOST_NODES);
      expect(await slowestKey(page, '.keepalive', 'ArrowRight')).toBeLessThan(MOST_MS);
      expect(complaints).toEqual([]);
      await page.context().close();
    }));
});
