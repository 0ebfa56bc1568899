/** A page of the dashboard in a window of its own, which must not complain and must not ask anybody else. */
import type { Browser } from 'playwright-core';
import { expect } from 'vitest';
import { type Watched, watchedPage } from './browser.ts';

interface Shape {
  readonly silent?: boolean;
  readonly width?: number;
  readonly scheme?: 'light' | 'dark';
}

export type OpenedPage = (
  path: string,
  use: (watched: Watched) => Promise<void>,
  shape?: Shape,
) => Promise<void>;

/** `silent: false` where the test itself makes the page complain. */
export async function openedPage(
  browser: Browser,
  url: string,
  path: string,
  use: (watched: Watched) => Promise<void>,
  { silent = true, width = 1280, scheme = 'light' }: Shape = {},
): Promise<void> {
  const how = { viewport: { width, height: 900 }, colorScheme: scheme };
  const watched = await watchedPage(browser, how, url);
  try {
    await watched.page.goto(url + path);
    await watched.page.locator('main h1').first().waitFor();
    await use(watched);
    if (silent) expect(watched.complaints).toEqual([]);
    expect(watched.foreign).toEqual([]);
  } finally {
    await watched.page.context().close();
  }
}
