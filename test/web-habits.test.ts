/** Habits of good pages: the keyboard alone, a telephone, what is not there, and a line that is slow. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { graveViolations, hasChromium, launched } from './kit/browser.ts';
import { type OpenedPage, openedPage } from './kit/dashboard-page.ts';
import { labFile } from './kit/lab.ts';
import { type Running, running } from './kit/running.ts';

describe.skipIf(!hasChromium)('the dashboard (needs chromium)', () => {
  let browser: Browser;
  let serve: Running;
  beforeAll(async () => {
    [browser, serve] = await Promise.all([launched(), running()]);
    await serve.job(labFile('dnat-90', 'inside.pcap'), '20s', 'dnat.pcap');
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await serve?.stop();
  });

  const opened: OpenedPage = (path, use, shape) => openedPage(browser, serve.url, path, use, shape);

  test('the newest findings are reached by the keyboard alone', () =>
    opened('/', async ({ page }) => {
      await page.locator('.plain-list .finding-row').first().waitFor();
      const focused = () =>
        page.evaluate<string>('document.activeElement?.getAttribute("href") ?? ""');
      for (let i = 0; i < 60 && !(await focused()).startsWith('/findings/f_'); i++)
        await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await page.waitForURL(/\/findings\/f_/);
    }));

  test('what is not there says so under a heading, with the way back', () =>
    opened(
      '/findings/f_0000000000000000',
      async ({ page }) => {
        expect(await page.locator('h1').innerText()).toBe('Finding');
        await page.getByText('There is no such thing here').waitFor();
        expect(await graveViolations(page)).toEqual([]);
        await page.locator('.crumbs').getByRole('link', { name: 'Findings' }).click();
        await page.locator('.virtual-row').first().waitFor();
      },
      { silent: false },
    ));

  test('on a telephone the page one is on is in sight in the row of pages', () =>
    opened(
      '/settings',
      async ({ page }) => {
        const here = await page.locator('nav [aria-current]').boundingBox();
        expect(here?.x).toBeGreaterThanOrEqual(0);
        expect((here?.x ?? 0) + (here?.width ?? 0)).toBeLessThanOrEqual(390);
      },
      { width: 390 },
    ));

  test('scripts and styles come compressed where the browser takes it', async () => {
    const page = await (await fetch(serve.url)).text();
    const script = /src="(\/assets\/[^"]+\.js)"/.exec(page)?.[1] ?? '';
    for (const [encoding, answered] of [
      ['br, gzip', 'br'],
      ['gzip', 'gzip'],
      ['identity', null],
    ] as const) {
      const answer = await fetch(serve.url + script, { headers: { 'accept-encoding': encoding } });
      expect(answer.headers.get('content-encoding')).toBe(answered);
      expect(answer.headers.get('content-type')).toMatch(/javascript/);
      expect(await answer.text()).toContain('createElement');
    }
  });
});
