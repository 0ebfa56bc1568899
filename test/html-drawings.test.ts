/** What is drawn in a report can be read, on every width: the silence plot, the ladder, and its times. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasChromium, launched } from './kit/browser.ts';
import { labFile } from './kit/lab.ts';
import { type Opened, openedReport } from './kit/report-page.ts';

describe.skipIf(!hasChromium)('the drawings (needs chromium)', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launched();
  });
  afterAll(() => browser.close());

  const opened: Opened = (...asked) => openedReport(browser, ...asked);

  /** Uprights of the plot that run through a word of it; the words are a pixel smaller than their boxes. */
  const crossed = `(() => {
    const plot = document.querySelector('.plot svg');
    const words = [...plot.querySelectorAll('.labels text')].map((text) => [text.textContent, text.getBBox()]);
    const lines = [...plot.querySelectorAll('.keepalive-line, .band-edge, .band-estimate, .axis path, .mark path')];
    const runs = lines.flatMap((line) => [...line.getAttribute('d').matchAll(/M([\\d.]+) ([\\d.]+)V([\\d.]+)/g)]
      .map(([, ...numbers]) => numbers.map(Number)));
    if (runs.length < 8 || words.length < 5) return ['nothing to look at'];
    return words.flatMap(([text, { x, y, width, height }]) => runs
      .filter(([at, from, until]) => at > x + 1 && at < x + width - 1 && until > y + 1 && from < y + height - 1)
      .map(() => text));
  })()`;

  test.each([1280, 700, 390, 320])(
    'at %i px no line of the plot runs through a name or a time, wherever the keepalive line is',
    (width) =>
      opened(
        [
          '--shortest',
          '1s',
          '--together',
          labFile('reject', 'inside.pcap'),
          labFile('reject', 'outside.pcap'),
        ],
        async ({ page }) => {
          const line = page.getByRole('slider', { name: 'Keepalive time to try' });
          expect(await page.evaluate(crossed)).toEqual([]);
          await line.focus();
          for (let i = 0; i < 12; i++) {
            await page.keyboard.press('PageUp');
            expect(await page.evaluate(crossed)).toEqual([]);
          }
        },
        'light',
        width,
      ),
  );

  /** Words above a plot that begin or end outside of it. */
  const cutOff = `[...document.querySelectorAll('.plot svg')].flatMap((plot) => {
    const words = plot.querySelector('.threshold');
    const { x, width } = words.getBBox();
    return x < 0 || x + width > plot.getBoundingClientRect().width ? [words.textContent] : [];
  })`;

  const sizeOfTimer = `parseFloat(getComputedStyle([...document.querySelectorAll('.threshold')]
    .find((words) => words.textContent.endsWith('no box'))).fontSize)`;

  test.each([
    [1280, 23],
    [390, 17],
    [320, 14],
  ])('at %i px what is known of T is written out, in %i px and more', (width, least) =>
    opened(
      ['--shortest', '1s', labFile('haproxy', 'inside.pcap')],
      async ({ page }) => {
        await page
          .locator('.threshold', { hasText: /timer .*, no box/ })
          .first()
          .waitFor();
        const size = Number(await page.evaluate(sizeOfTimer));
        expect(size).toBeGreaterThanOrEqual(least);
        expect(await page.evaluate(cutOff)).toEqual([]);
      },
      'light',
      width,
    ),
  );

  test('rows of a ladder that lie close are told apart by the time since the row above', () =>
    opened(
      [labFile('dnat-90', 'inside.pcap')],
      async ({ page }) => {
        const times = await page.locator('.ladder .offset').allTextContents();
        expect(times.slice(0, 3)).toEqual([
          expect.stringMatching(/^−\d/),
          expect.stringMatching(/^↓ \d+ µs$/),
          expect.stringMatching(/^↓ \d+ µs$/),
        ]);
        expect(times.filter((text, i) => text.startsWith('−') && text === times[i - 1])).toEqual(
          [],
        );
        const cut = await page.evaluate(
          `[...document.querySelectorAll('.ladder .offset')].filter((e) => e.getBBox().x < 0).length`,
        );
        expect(cut).toBe(0);
      },
      'light',
      320,
    ));

  test('the key u shows every time in UTC, and again of this place', () =>
    opened([labFile('dnat-90', 'inside.pcap')], async ({ page }) => {
      const first = page.locator('.report-head time');
      const here = await first.innerText();
      await page.keyboard.press('u');
      expect(await first.innerText()).toMatch(/ UTC$/);
      expect(await first.getAttribute('title')).toBe(`${here} here`);
      await page.keyboard.press('u');
      expect(await first.innerText()).toBe(here);
    }));
});
