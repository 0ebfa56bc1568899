/** A kill on a wire, seen by a `watch`, stored by a `serve`, shown by a page that was open before. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { hasChromium, launched, watchedPage } from './kit/browser.ts';
import { running } from './kit/running.ts';
import { opened } from './kit/scenes.ts';
import { play, whyNoCable, withCable } from './live/cable.ts';
import { Watching } from './live/watching.ts';

const why = whyNoCable();

/** Silent for a good second, then cut by something between: the reset has another TTL than the server. */
const KILL = `${opened()}
  1.300000  client > server  PSH ACK  20 bytes  undelivered
  1.301000  server > client  stateless  ttl 63`;

describe.skipIf(why !== null || !hasChromium)('a live finding (needs root, chromium)', () => {
  test('it appears on the live page without a reload, and the agent and its packets with it', async () => {
    const [browser, serve] = await Promise.all([launched(), running()]);
    try {
      await withCable(async (cable) => {
        const redis = `unix:${join(serve.data, 'redis', 'redis.sock')}`;
        const spool = join(cable.folder, 'spool');
        const flags = ['-i', 'w0', '--shortest', '500ms', '--to', redis, '--spool', spool];
        const watching = await Watching.on(cable.watched, flags);
        const { page, complaints } = await watchedPage(browser, {}, serve.url);
        await page.goto(`${serve.url}/live`);
        await page.getByText('Connected:').waitFor();
        await play(cable, KILL);
        await page.locator('.happenings code', { hasText: 'finding.created' }).waitFor();
        await page
          .locator('.happenings a', { hasText: '10.0.0.2:40001 → 198.51.100.9:27017' })
          .first()
          .click();
        await page.locator('h1', { hasText: '10.0.0.2:40001 → 198.51.100.9:27017' }).waitFor();
        await page.locator('.packet.ending .packet-label', { hasText: 'TTL 63' }).waitFor();
        await page.getByRole('link', { name: 'Agents' }).click();
        await page.getByText('✓ watching').waitFor();
        expect(complaints).toEqual([]);
        await watching.end();
      });
    } finally {
      await browser.close();
      await serve.stop();
    }
  }, 120_000);

  test('`watch --report FILE.html` keeps a page that opens by itself', async () => {
    await withCable(async (cable) => {
      const file = join(cable.folder, 'report.html');
      const flags = [
        '-i',
        'w0',
        '--shortest',
        '500ms',
        '--report',
        file,
        '--report-every',
        '300ms',
      ];
      const watching = await Watching.on(cable.watched, [...flags, '--until-findings', '1']);
      await play(cable, KILL);
      await watching.end();
      expect(existsSync(`${file}.part`)).toBe(false);
      expect(readFileSync(file, 'utf8')).toMatch(/^<!doctype html>[\s\S]*"findingsTotal":1/);
    });
  });
});
