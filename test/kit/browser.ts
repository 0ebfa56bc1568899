/** A real Chromium, Debian's; every page of it tells what went wrong in it. */
import { AxeBuilder } from '@axe-core/playwright';
import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';

export const hasChromium = existsSync(CHROMIUM);

export const launched = (more: readonly string[] = []): Promise<Browser> =>
  chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-quic',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      ...more,
    ],
  });

export interface Watched {
  readonly page: Page;
  /** Errors and warnings on the console, uncaught errors, and violations of the policy. */
  readonly complaints: string[];
  /** Whatever was asked for that is neither the page's own origin nor data inside of it. */
  readonly foreign: string[];
}

export async function watchedPage(
  browser: Browser,
  options: BrowserContextOptions = {},
  origin = 'file:',
): Promise<Watched> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  const foreign: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !/^(?:data|blob):/.test(url)) foreign.push(url);
  });
  return { page, complaints, foreign };
}

/** What axe calls serious or critical, each with its first element. */
export async function graveViolations(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
}
