/**
 * The states that a page is seldom in: loading, refused, broken, offline, logged out, and full. What the service does
 * by itself it is made to do (a stranger, a stop, a lost session, many findings); what takes too short to be looked at
 * is held back in the browser.
 */
import { join } from 'node:path';
import { inShapes, launched, shoot, STATES, still } from './camera.js';
import { filled, pause, serving, until } from './services.js';

const NAME = 'deadair.test';
const TOKEN = 'admin-0123456789abcdef';
const DATA = /\/api\/v1\/(?!session)/;

const snap = (page, folder, what, shape) =>
  page.screenshot({ path: join(folder, `state-${what}-${shape}.png`), fullPage: true });

/** The answers never come. */
async function loading(browser, folder, url, pages) {
  await inShapes(browser, STATES, async (page, shape) => {
    await page.route(DATA, () => {});
    for (const [what, at] of pages) {
      await page.goto(url + at);
      await page.locator('.loading').first().waitFor();
      await snap(page, folder, `loading-${what}`, shape);
    }
  });
}

/** Each answer is a problem of the service. */
async function broken(browser, folder, url, pages) {
  const body = JSON.stringify({ title: 'Internal error', detail: 'the store is locked' });
  const answer = { status: 500, contentType: 'application/problem+json', body };
  await inShapes(browser, STATES, async (page, shape) => {
    await page.route(DATA, (route) => route.fulfill(answer));
    for (const [what, at] of pages) {
      await page.goto(url + at);
      await page.locator('.failed').first().waitFor();
      await snap(page, folder, `error-${what}`, shape);
    }
  });
}

async function missing(browser, folder, url) {
  await inShapes(browser, STATES, async (page, shape) => {
    for (const what of ['findings', 'paths', 'jobs', 'webhooks']) {
      await page.goto(`${url}/${what}/x_0`);
      await page.locator('.failed').first().waitFor();
      await snap(page, folder, `missing-${what}`, shape);
    }
  });
}

/** A service that is stopped under the page: what was there stays, what was not cannot come. */
async function offline(browser, folder) {
  for (const shape of STATES) {
    const own = await serving();
    await own.job('dnat-90', '20s');
    await inShapes(browser, [shape], async (page, name) => {
      await page.goto(own.url);
      await still(page);
      await page.locator('.connection.open').waitFor();
      await own.stop();
      await page.locator('.connection.away').waitFor();
      await page.getByRole('link', { name: 'Agents' }).click();
      await page.locator('.failed').first().waitFor();
      await snap(page, folder, 'offline-agents', name);
      await page.getByRole('link', { name: 'Overview' }).click();
      await page.locator('.failed').first().waitFor();
      await snap(page, folder, 'offline-overview', name);
    });
  }
}

/** Where tokens are set: before, refused, and when the session is over. */
async function strangers(folder) {
  const headers = { authorization: `Bearer ${TOKEN}` };
  const flags = ['--insecure-http', '--name', NAME];
  const service = await serving({ flags, env: { DEADAIR_TOKEN: TOKEN }, headers });
  const browser = await launched([`--host-resolver-rules=MAP ${NAME} 127.0.0.1`]);
  try {
    await inShapes(browser, STATES, async (page, shape, context) => {
      await page.goto(`http://${NAME}:${service.port}/`);
      await page.getByRole('heading', { name: 'Log in' }).waitFor();
      await snap(page, folder, 'login', shape);
      await page.getByLabel('Token').fill('not-the-token');
      await page.getByRole('button', { name: 'Log in' }).click();
      await page.getByRole('alert').waitFor();
      await snap(page, folder, 'login-refused', shape);
      await page.getByLabel('Token').fill(TOKEN);
      await page.getByRole('button', { name: 'Log in' }).click();
      await still(page);
      await snap(page, folder, 'login-first-page', shape);
      await context.clearCookies();
      await page.getByRole('link', { name: 'Findings', exact: true }).click();
      await page.getByRole('heading', { name: 'Your session has ended' }).waitFor();
      await snap(page, folder, 'session-ended', shape);
    });
  } finally {
    await browser.close();
    await service.stop();
  }
}

/** The list at its top, then after some pages of scrolling, with a row chosen by key. */
async function many(browser, folder, findings) {
  const service = await serving({ data: await filled(findings) });
  try {
    await inShapes(browser, STATES, async (page, shape) => {
      await shoot(page, service.url, join(folder, `state-${findings}-overview-${shape}.png`));
      await shoot(page, `${service.url}/findings`, join(folder, `state-${findings}-${shape}.png`));
      const held = () =>
        page.evaluate('document.querySelector(".virtual-row").getAttribute("aria-setsize") | 0');
      for (let before = 0; before < 1000; before = await held()) {
        await page.evaluate('document.querySelector(".virtual").scrollTop = 1e9');
        await until('more findings', async () => (await held()) > before);
      }
      await page.locator('.virtual').press('End');
      await pause(300);
      await snap(page, folder, `${findings}-scrolled`, shape);
    });
  } finally {
    await service.stop();
  }
}

export async function shootStates(browser, folder, { url, pages }) {
  await loading(browser, folder, url, pages);
  await broken(browser, folder, url, pages);
  await missing(browser, folder, url);
  await offline(browser, folder);
  await strangers(folder);
  await many(browser, folder, 10_000);
  await many(browser, folder, 100_000);
}
