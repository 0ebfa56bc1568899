/** What a page of somebody else can do to the service from a real browser: nothing. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accept } from '../src/report/intake/accept.ts';
import { findingOf } from '../src/report/store/findings.ts';
import { hasChromium, launched } from './kit/browser.ts';
import { withService } from './kit/service.ts';
import { aBatch, aFinding } from './kit/store.ts';

/** A page of another origin, on a port of its own. */
async function withEvilSite<T>(use: (port: number) => Promise<T>): Promise<T> {
  const site: Server = createServer((_request, answer) => {
    answer.setHeader('content-type', 'text/html');
    answer.end('<!doctype html><title>evil</title>');
  });
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  try {
    return await use((site.address() as AddressInfo).port);
  } finally {
    site.close();
    site.closeAllConnections();
  }
}

describe.skipIf(!hasChromium)('from a real browser (needs chromium)', () => {
  let browser: Browser;
  beforeAll(async () => {
    // The attacker's names, which resolve to us: rebinding without a name server.
    browser = await launched(['--host-resolver-rules=MAP *.example 127.0.0.1']);
  });
  afterAll(() => browser.close());

  test('a name that is made to point at us is told that this is another host', () =>
    withService({}, async (service) => {
      accept(service.db, aBatch({ findings: [aFinding('f_1')] }), 1);
      const page = await browser.newPage();
      const answer = await page.goto(`http://rebound.example:${service.port}/api/v1/findings`);
      expect(answer?.status()).toBe(421);
      expect(await page.content()).not.toContain('f_1');
      await page.close();
    }));

  test('a page of another origin reads nothing and changes nothing, however it asks', () =>
    withService({}, (service) =>
      withEvilSite(async (port) => {
        accept(service.db, aBatch({ findings: [aFinding('f_1')] }), 1);
        const page = await browser.newPage();
        await page.goto(`http://evil.example:${port}/`);
        const told = await page.evaluate(async (url) => {
          const attempt = async (path: string, init: RequestInit) => {
            try {
              return (await fetch(url + path, init)).type;
            } catch {
              return 'failed';
            }
          };
          const body = '{"token":"x"}';
          return {
            read: await attempt('/api/v1/findings', {}),
            upload: await attempt('/api/v1/captures', { method: 'POST', mode: 'no-cors', body }),
            patch: await attempt('/api/v1/findings/f_1', {
              method: 'PATCH',
              headers: { 'content-type': 'application/json' },
              body: '{"acknowledged":true}',
            }),
            login: await attempt('/api/v1/session', { method: 'POST', mode: 'no-cors', body }),
          };
        }, service.url);
        // no-cors answers are opaque: what counts is what they did, and that is asked below.
        expect([told.read, told.patch]).toEqual(['failed', 'failed']);
        const form = `<form method=post enctype=multipart/form-data action="${service.url}/api/v1/captures">
          <input name=file value=x></form>`;
        await page.setContent(form);
        const [posted] = await Promise.all([
          page.waitForResponse((answer) => answer.url().includes('/captures')),
          page.evaluate(() =>
            (
              globalThis as unknown as { document: { forms: { submit(): void }[] } }
            ).document.forms[0]?.submit(),
          ),
        ]);
        expect(posted.status()).toBe(403);
        expect(findingOf(service.db, 'f_1')?.acknowledged).toBeNull();
        expect(service.db.all('SELECT id FROM jobs')).toEqual([]);
        await page.close();
      }),
    ));

  test('a page of another origin cannot put the dashboard into a frame', () =>
    withService({}, (service) =>
      withEvilSite(async (port) => {
        const page = await browser.newPage();
        await page.goto(`http://evil.example:${port}/`);
        const refusal = page.waitForEvent('console', {
          predicate: (message) => /frame-ancestors|X-Frame-Options/i.test(message.text()),
        });
        await page.setContent(`<iframe src="${service.url}/"></iframe>`);
        expect((await refusal).type()).toBe('error');
        await page.close();
      }),
    ));
});
