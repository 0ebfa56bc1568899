/**
 * A page in somebody's browser against a service on their loopback, without tokens: what a real Chromium sends for it is
 * refused before anything is stored, under the page's own name (cross-site) and under a name rebound to us.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasChromium, launched, watchedPage } from '../kit/browser.ts';
import { labFile } from '../kit/lab.ts';
import { haveRedis } from '../queue/redis.ts';
import { filesIn, type Target, withTarget } from './serve.ts';

const LAB = readFileSync(labFile('dnat', 'inside.pcap'));
const API_ONLY = { flags: ['--only', 'api'] };

async function page(browser: Browser): Promise<Page> {
  return (await watchedPage(browser)).page;
}

/** Statuses that the service answered to the page, by method and path; a page of another origin sees none of them. */
function answersTo(shown: Page, port: number): string[] {
  const answers: string[] = [];
  shown.on('response', (response) => {
    const url = new URL(response.url());
    if (Number(url.port) !== port) return;
    answers.push(`${response.request().method()} ${url.pathname} ${response.status()}`);
  });
  return answers;
}

/** Runs in the page: a capture as fetch sends it without asking first, and what the page gets to see. */
const sendFrom = (shown: Page, base: string): Promise<readonly string[]> =>
  shown.evaluate(
    async ([to, capture]) => {
      const bytes = Uint8Array.from(atob(capture ?? ''), (letter) => letter.charCodeAt(0));
      const form = new FormData();
      form.append('file', new Blob([bytes]), 'evil.pcap');
      const sent: readonly [string, RequestInit][] = [
        ['/api/v1/captures', { method: 'POST', mode: 'no-cors', body: form }],
        ['/api/v1/captures', { method: 'POST', mode: 'no-cors', body: bytes }],
        [
          '/api/v1/webhooks',
          {
            method: 'POST',
            mode: 'no-cors',
            headers: { 'content-type': 'text/plain' },
            body: '{"url":"https://evil.example/","events":["finding.created"]}',
          },
        ],
        ['/api/v1/jobs', { mode: 'no-cors' }],
        ['/api/v1/jobs', { mode: 'cors' }],
        ['/api/v1/captures', { method: 'POST', headers: { 'x-own': '1' }, body: bytes }],
      ];
      const seen: string[] = [];
      for (const [path, init] of sent) {
        const text = await fetch(`${to}${path}`, init).then(
          (answer) => answer.text(),
          () => 'refused',
        );
        seen.push(text);
      }
      return seen;
    },
    [base, LAB.toString('base64')] as const,
  );

const nothingStored = async ({ api, data }: Target): Promise<void> => {
  expect([filesIn(data, 'incoming'), filesIn(data, 'captures')]).toEqual([[], []]);
  for (const list of ['jobs', 'webhooks'])
    expect(await api.json(`/api/v1/${list}`)).toMatchObject({ items: [] });
};

describe.skipIf(!haveRedis || !hasChromium)('a hostile page (needs redis-server, chromium)', () => {
  let browser: Browser;
  let evil: Server;
  let evilPort: number;
  beforeAll(async () => {
    browser = await launched(['--host-resolver-rules=MAP *.example 127.0.0.1']);
    evil = createServer((request, response) => {
      const target = new URL(request.url ?? '/', 'http://x').searchParams.get('post') ?? '';
      const form = `<form method=post enctype=multipart/form-data action="${target}"><input name=file value=x></form>`;
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end(
        target === '' ? '<p>evil' : `${form}<script>document.forms[0].submit()</script>`,
      );
    }).listen(0, '127.0.0.1');
    await once(evil, 'listening');
    evilPort = (evil.address() as AddressInfo).port;
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    evil?.close();
  });

  test('of another site may send nothing in and see nothing', () =>
    withTarget(async (target) => {
      const shown = await page(browser);
      const answers = answersTo(shown, target.port);
      await shown.goto(`http://evil.example:${evilPort}/`);
      const seen = await sendFrom(shown, target.api.base);
      // The first three are opaque to it; what it may not even embed (CORP), or must ask for first, never arrives.
      expect(seen).toEqual(['', '', '', 'refused', 'refused', 'refused']);
      const changed = answers.filter((answer) => answer.startsWith('POST'));
      expect(changed).toEqual([
        'POST /api/v1/captures 403',
        'POST /api/v1/captures 403',
        'POST /api/v1/webhooks 403',
      ]);
      await nothingStored(target);
    }, API_ONLY));

  test('of another site that submits a form lands on a refusal', () =>
    withTarget(async (target) => {
      const shown = await page(browser);
      const action = `${target.api.base}/api/v1/captures`;
      const landed = shown.waitForResponse((response) => response.url() === action);
      await shown.goto(`http://evil.example:${evilPort}/?post=${encodeURIComponent(action)}`);
      expect((await landed).status()).toBe(403);
      await nothingStored(target);
    }, API_ONLY));

  test('under a name that was rebound to us is told 421, whatever it asks for', () =>
    withTarget(async (target) => {
      const shown = await page(browser);
      const origin = `http://rebound.example:${target.port}`;
      const answers = answersTo(shown, target.port);
      expect((await shown.goto(`${origin}/`))?.status()).toBe(421);
      const seen = await sendFrom(shown, origin);
      for (const text of seen) expect(text).toContain('wrong-host');
      const asked = answers.filter((answer) => answer.includes('/api/'));
      expect(asked).toHaveLength(6);
      for (const answer of asked) expect(answer).toMatch(/ 421$/);
      await nothingStored(target);
    }, API_ONLY));
});
