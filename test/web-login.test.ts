/** The dashboard where tokens are set, under a name that is not loopback's, and when the service goes away. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { graveViolations, hasChromium, launched, watchedPage } from './kit/browser.ts';
import { labFile } from './kit/lab.ts';
import { type Running, running } from './kit/running.ts';

const NAME = 'deadair.test';

describe.skipIf(!hasChromium)('with tokens, under a name over plain HTTP (needs chromium)', () => {
  const token = 'admin-0123456789abcdef';
  let browser: Browser;
  let serve: Running;
  beforeAll(async () => {
    const flags = ['--insecure-http', '--name', NAME];
    const headers = { authorization: `Bearer ${token}` };
    [browser, serve] = await Promise.all([
      launched([`--host-resolver-rules=MAP ${NAME} 127.0.0.1`]),
      running(flags, { DEADAIR_TOKEN: token }, headers),
    ]);
    await serve.job(labFile('dnat-90', 'inside.pcap'), '20s', 'dnat.pcap');
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await serve?.stop();
  });

  test('a token opens it, live events and copying work, and a session that ended asks again', async () => {
    const origin = `http://${NAME}:${serve.port}`;
    const { page, foreign, complaints } = await watchedPage(browser, {}, origin);
    await page.goto(`${origin}/paths`);
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    expect(await graveViolations(page)).toEqual([]);
    await page.getByLabel('Token').fill('not-the-token');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByText('This token is not known here.').waitFor();
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    const refused = complaints.splice(0);
    expect(refused.every((line) => line.includes('401'))).toBe(true);
    await page.getByLabel('Token').fill(token);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('link', { name: '192.168.77.1:27017' }).click();
    await page.getByText('live', { exact: true }).waitFor();
    expect(await page.evaluate('window.isSecureContext')).toBe(false);
    await page.getByRole('button', { name: 'Copy: copy' }).click();
    await page.getByText('Copied').waitFor();
    expect(await page.evaluate('document.cookie')).toBe('');
    expect(complaints).toEqual([]);
    await page.context().clearCookies();
    await page.getByRole('link', { name: 'Findings', exact: true }).click();
    await page.getByRole('heading', { name: 'Your session has ended' }).waitFor();
    expect(foreign).toEqual([]);
    await page.context().close();
  });

  test('when the service goes away the page says so, and keeps what it had', async () => {
    const own = await running();
    await own.job(labFile('dnat-90', 'inside.pcap'), '20s', 'dnat.pcap');
    const { page } = await watchedPage(browser, {}, own.url);
    await page.goto(own.url);
    await page.locator('h1', { hasText: 'forgets connections' }).waitFor();
    await page.getByText('live', { exact: true }).waitFor();
    await own.stop();
    await page.getByText('not live').waitFor();
    await page.getByRole('link', { name: 'Agents' }).click();
    await page.getByText('The service cannot be reached.').waitFor();
    await page.getByRole('link', { name: 'Overview' }).click();
    await page.locator('h1', { hasText: 'forgets connections' }).waitFor();
    expect(await page.locator('.failed').count()).toBe(1);
    await page.getByRole('link', { name: 'Webhooks' }).click();
    await page.getByText('It comes as soon as the service answers.').waitFor();
    expect(await graveViolations(page)).toEqual([]);
    await page.context().close();
  }, 120_000);
});
