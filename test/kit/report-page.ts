/** The one-file report as it is read: written by the command, opened from disk, with the network off. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { expect } from 'vitest';
import { type Watched, watchedPage } from './browser.ts';
import { said } from './command.ts';
import { withFolder } from './temporary.ts';

export type Opened = (
  args: readonly string[],
  use: (watched: Watched) => Promise<void>,
  scheme?: 'light' | 'dark',
  width?: number,
) => Promise<void>;

export async function openedReport(
  browser: Browser,
  args: readonly string[],
  use: (watched: Watched) => Promise<void>,
  scheme: 'light' | 'dark' = 'light',
  width = 1280,
): Promise<void> {
  await withFolder(async (folder) => {
    const file = join(folder, 'report.html');
    expect((await said(['read', '--html', file, ...args])).status).toBe(0);
    const how = { offline: true, colorScheme: scheme, viewport: { width, height: 900 } };
    const watched = await watchedPage(browser, how, pathToFileURL(file).href);
    await watched.page.goto(pathToFileURL(file).href);
    await watched.page.waitForSelector('main.report');
    await use(watched);
    expect(watched.complaints).toEqual([]);
    expect(watched.foreign).toEqual([]);
    await watched.page.context().close();
  });
}
