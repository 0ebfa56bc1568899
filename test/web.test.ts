/** The dashboard in a real Chromium, against a real `serve` with real jobs of the lab's captures. */
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { graveViolations, hasChromium, launched } from './kit/browser.ts';
import { type OpenedPage, openedPage } from './kit/dashboard-page.ts';
import { labFile } from './kit/lab.ts';
import { type Running, running, until } from './kit/running.ts';

const DNAT =
  'A box on the way to 192.168.77.1:27017 forgets connections after 64.9 to 92.9 s of silence. Keepalive after 32 s of silence cures it.';

/** One metric's value, by name. */
async function metric(
  url: string,
  name: string,
  headers: Record<string, string> = {},
): Promise<number> {
  const text = await (await fetch(`${url}/metrics`, { headers })).text();
  return Number(new RegExp(`^${name}(?:{[^}]*})? (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
}

describe.skipIf(!hasChromium)('the dashboard (needs chromium)', () => {
  let browser: Browser;
  let serve: Running;
  let dnat: string;
  beforeAll(async () => {
    [browser, serve] = await Promise.all([
      launched(),
      running(['--webhook-allow', '127.0.0.1/32']),
    ]);
    dnat = await serve.job(labFile('dnat-90', 'inside.pcap'), '20s', 'dnat.pcap');
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await serve?.stop();
  });

  const opened: OpenedPage = (path, use, shape) => openedPage(browser, serve.url, path, use, shape);

  const firstFinding = async (): Promise<string> => {
    const list = (await (await fetch(`${serve.url}/api/v1/findings?limit=1`)).json()) as {
      items: { id: string }[];
    };
    return list.items[0]?.id ?? '';
  };

  test('the overview’s first line names the worst path, its T and the cure', () =>
    opened('/', async ({ page }) => {
      expect(await page.locator('h1').innerText()).toBe(DNAT);
      await page.getByText('live', { exact: true }).waitFor();
    }));

  test.each(['light', 'dark'] as const)(
    'every page is drawn without a complaint in %s, and axe finds nothing serious',
    async (scheme) => {
      const finding = await firstFinding();
      const paths = (await (await fetch(`${serve.url}/api/v1/paths`)).json()) as {
        items: { id: string }[];
      };
      const pages = [
        '/',
        '/paths',
        `/paths/${paths.items[0]?.id}`,
        '/findings',
        `/findings/${finding}`,
        '/jobs',
        `/jobs/${dnat}`,
        '/live',
        '/agents',
        '/webhooks',
        '/dead',
        '/settings',
        '/about',
        '/no-such-page',
      ];
      for (const path of pages) {
        await opened(
          path,
          async ({ page }) => {
            await expect.poll(() => page.locator('.loading').count()).toBe(0);
            expect(await graveViolations(page), path).toEqual([]);
            expect(await page.title(), path).toMatch(/· deadair$/);
          },
          { scheme },
        );
      }
    },
    170_000,
  );

  test.each([
    ['light', 360],
    ['dark', 360],
    ['dark', 1920],
  ] as const)(
    'in %s at %i px nothing is wider than the page, and contrasts hold',
    async (scheme, width) => {
      const finding = await firstFinding();
      for (const path of ['/', '/findings', `/findings/${finding}`, `/jobs/${dnat}`, '/webhooks']) {
        await opened(
          path,
          async ({ page }) => {
            await expect.poll(() => page.locator('.loading').count()).toBe(0);
            const over = await page.evaluate(
              'document.documentElement.scrollWidth - window.innerWidth',
            );
            expect(over, path).toBeLessThanOrEqual(0);
            expect(await graveViolations(page), path).toEqual([]);
          },
          { scheme, width },
        );
      }
    },
    120_000,
  );

  const shifts = `new Promise((done) => new PerformanceObserver((list) =>
    done(list.getEntries().reduce((sum, { value }) => sum + value, 0))).observe({ type: 'layout-shift', buffered: true }) ??
    setTimeout(() => done(0), 500))`;

  test('nothing jumps while a page is loaded', async () => {
    const { items } = (await (await fetch(`${serve.url}/api/v1/paths`)).json()) as {
      items: { id: string }[];
    };
    const pages = ['/', `/paths/${items[0]?.id}`, '/findings', `/findings/${await firstFinding()}`];
    for (const path of pages) {
      await opened(path, async ({ page }) => {
        await expect.poll(() => page.locator('.loading').count()).toBe(0);
        // What Web Vitals call good is 0.1.
        expect(await page.evaluate(shifts), path).toBeLessThan(0.1);
      });
    }
  }, 60_000);

  test('what was open when the capture ended is drawn on its path, with all sources together', async () => {
    await serve.job(labFile('flush-mixed', 'outside.pcap'), '1s', 'flush.pcap');
    const { items } = (await (await fetch(`${serve.url}/api/v1/paths`)).json()) as {
      items: { id: string; responder: { port: number } }[];
    };
    const details = await Promise.all(
      items.map(async ({ id }) => (await fetch(`${serve.url}/api/v1/paths/${id}`)).json()),
    );
    const open = (details as { id: string; observations: { undecided: unknown[] } }[]).find(
      ({ observations }) => observations.undecided.length > 0,
    );
    await opened(`/paths/${open?.id}`, async ({ page }) => {
      expect(await page.locator('.plot .open .lane-name').textContent()).toMatch(
        /^8 Open when the capture ended/,
      );
    });
  }, 60_000);

  test(
    'a capture dropped on the page is sent, analysed and reported',
    () =>
      opened('/jobs', async ({ page }) => {
        const bytes = readFileSync(labFile('mixed-reject-90', 'inside.pcap')).toString('base64');
        const transfer = await page.evaluateHandle(
          `(() => { const bytes = Uint8Array.from(atob(${JSON.stringify(bytes)}), (c) => c.charCodeAt(0));
          const data = new DataTransfer(); data.items.add(new File([bytes], 'dropped.pcap')); return data; })()`,
        );
        await page.dispatchEvent('#page', 'drop', { dataTransfer: transfer });
        await page.waitForURL(/\/jobs\/j_/);
        await page.locator('h1', { hasText: 'dropped.pcap' }).waitFor();
        await page.getByText('✓ completed').waitFor({ timeout: 40_000 });
        expect(await page.locator('.headline').innerText()).toContain(
          '198.51.100.9:27017 forgets connections',
        );
        await page.locator('.plot .threshold').first().waitFor();
      }),
    90_000,
  );

  test('something that is no capture is refused in words', () =>
    opened(
      '/jobs',
      async ({ page }) => {
        await page.getByLabel('Captures').setInputFiles({
          name: 'a.txt',
          mimeType: 'text/plain',
          buffer: Buffer.from('hello, hello, hello'),
        });
        await page.locator('.sending .problem').waitFor();
        expect(await page.locator('.sending .problem').innerText()).toMatch(/no capture/);
      },
      { silent: false },
    ));

  test('with keys alone: to the findings, down, open, acknowledge, back; and it is kept', () =>
    opened('/', async ({ page }) => {
      await page.keyboard.press('g');
      await page.keyboard.press('f');
      const list = page.getByRole('list', { name: /^Findings/ });
      await list.focus();
      for (const key of ['j', 'j', 'k', 'Enter']) await page.keyboard.press(key);
      await page.waitForURL(/\/findings\/f_/);
      const at = page.url();
      await page.getByRole('button', { name: 'Acknowledge' }).waitFor();
      await page.keyboard.press('e');
      await page.getByText('✓ Acknowledged by').waitFor();
      await page.keyboard.press('Escape');
      await page.waitForURL(/\/findings$/);
      await page.goto(`${serve.url}/findings?acknowledged=true`);
      await expect.poll(() => page.locator('.virtual-row').count()).toBe(1);
      await page.goto(at);
      await page.getByRole('button', { name: 'Not acknowledged after all' }).click();
      await page.getByRole('button', { name: 'Acknowledge', exact: true }).waitFor();
    }));

  test('the keys are listed under ?', () =>
    opened('/', async ({ page }) => {
      await page.keyboard.press('?');
      await page.getByRole('dialog', { name: 'Keys' }).waitFor();
      expect(await graveViolations(page)).toEqual([]);
      await page.keyboard.press('Escape');
      await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    }));

  test('a comment is kept, and its markup stays text', async () => {
    const id = await firstFinding();
    await opened(`/findings/${id}`, async ({ page }) => {
      await page.getByLabel('Comment').fill('<img src=x onerror=alert(1)> ask the firewall team');
      await page.getByRole('button', { name: 'Save the comment' }).click();
      await page.getByRole('button', { name: 'Saved' }).waitFor();
      await page.reload();
      await expect.poll(() => page.getByLabel('Comment').inputValue()).toContain('<img src=x');
    });
  });

  test('filters are in the address: a deep link shows the same list after a reload', () =>
    opened('/findings?address=192.168.77.1&verdict=box-timeout', async ({ page }) => {
      await page.locator('.virtual-row').first().waitFor();
      expect(await page.getByLabel('Address or block').inputValue()).toBe('192.168.77.1');
      expect(await page.getByText('12 in all').count()).toBe(1);
      await page.getByLabel('How').selectOption('blackhole');
      await page.getByText('Nothing fits these filters.').waitFor();
      expect(page.url()).toContain('signature=blackhole');
      await page.reload();
      await page.getByText('Nothing fits these filters.').waitFor();
    }));

  test('a finding shows its packets from the stored evidence, and hands them out', async () => {
    const id = await firstFinding();
    await opened(`/findings/${id}`, async ({ page }) => {
      await page.locator('.packet.ending').waitFor();
      expect(await page.locator('.packet.ending .packet-label').textContent()).toMatch(
        /^RST · TTL/,
      );
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('link', { name: 'Packets (pcapng)' }).click(),
      ]);
      const bytes = readFileSync(await download.path());
      expect(bytes.readUInt32BE(0)).toBe(0x0a0d0d0a);
    });
  });

  test('a path is muted and heard of again', () =>
    opened('/paths', async ({ page }) => {
      await page.getByRole('link', { name: '192.168.77.1:27017' }).click();
      await page.getByRole('button', { name: 'Mute for 8 hours' }).click();
      await page.getByText('Muted until').waitFor();
      await page.reload();
      await page.getByRole('button', { name: 'Hear of it again' }).click();
      await page.getByRole('button', { name: 'Mute for 8 hours' }).waitFor();
      const mute = page.getByRole('button', { name: 'Mute', exact: true });
      await page.getByLabel('until').fill('2020-01-01T00:00');
      expect(await mute.isDisabled()).toBe(true);
      await page.getByLabel('until').fill('2222-02-02T12:30');
      await mute.click();
      await page.getByText('Muted until').waitFor();
      expect(await page.locator('.change time').innerText()).toContain('2222, 12:30:00');
      await page.getByRole('button', { name: 'Hear of it again' }).click();
      await mute.waitFor();
    }));

  test(
    'what happens appears on the live page at once, and on the overview without a reload',
    () =>
      opened('/live', async ({ page }) => {
        await page.getByText('Connected:').waitFor();
        await serve.job(labFile('v6-reject', 'inside.pcap'), '1s', 'v6.pcap');
        await page.locator('.happenings code', { hasText: 'finding.created' }).first().waitFor();
        await page.locator('.happenings code', { hasText: 'job.completed' }).first().waitFor();
        await page.locator('.happenings p', { hasText: '[2001:db8:3::9]:27017 T ' }).waitFor();
        await page.locator('.happenings a.finding-row').first().click();
        await page.waitForURL(/\/findings\/f_/);
      }),
    90_000,
  );

  test('seven tabs share one connection for events, and all of them hear', async () => {
    const context = await browser.newContext();
    try {
      const pages = await Promise.all(Array.from({ length: 7 }, () => context.newPage()));
      for (const page of pages) await page.goto(`${serve.url}/live`);
      for (const page of pages) await page.getByText('Connected:').waitFor();
      expect(await metric(serve.url, 'deadair_event_listeners')).toBe(1);
      await serve.job(labFile('drop', 'inside.pcap'), '1s', 'tabs.pcap');
      for (const page of pages)
        await page.locator('.happenings code', { hasText: 'job.completed' }).first().waitFor();
    } finally {
      await context.close();
    }
  }, 120_000);

  test('a webhook is made, its secret shown once, tested and redelivered', async () => {
    const got: string[] = [];
    const receiver = createServer((request: IncomingMessage, answer) => {
      got.push(String(request.headers['webhook-id']));
      request.resume().on('end', () => answer.writeHead(204).end());
    }).listen(0, '127.0.0.1');
    await until('the receiver', async () => receiver.listening);
    const address = receiver.address();
    const port = typeof address === 'object' ? address?.port : 0;
    try {
      await opened('/webhooks', async ({ page }) => {
        await page.getByLabel('URL').fill(`http://127.0.0.1:${port}/hook`);
        await page.getByRole('button', { name: 'Create' }).click();
        await page.getByText(/^whsec_/).waitFor();
        await page.getByRole('link', { name: new RegExp(`127.0.0.1:${port}`) }).click();
        await page.getByRole('button', { name: 'Send a test' }).click();
        await until('the test message', async () => got.length === 1);
        const again = page.getByRole('button', { name: 'Look again' });
        await until('the delivery', async () => {
          await again.click();
          return (await page.locator('.state.good', { hasText: 'delivered' }).count()) > 0;
        });
        await page.getByRole('button', { name: 'Redeliver' }).first().click();
        await until('the redelivery', async () => got.length === 2);
        expect(new Set(got).size).toBe(1);
        expect(await page.content()).not.toContain('whsec_');
        await page.getByRole('button', { name: 'Delete' }).click();
        await page.waitForURL(/\/webhooks$/);
      });
    } finally {
      receiver.close();
    }
  }, 90_000);

  test('an address that webhooks may not go to is refused in words', () =>
    opened(
      '/webhooks',
      async ({ page }) => {
        await page.getByLabel('URL').fill('http://169.254.169.254/latest');
        await page.getByRole('button', { name: 'Create' }).click();
        await page.locator('form .problem').waitFor();
        expect(await page.locator('form .problem').innerText()).toContain('--webhook-allow');
      },
      { silent: false },
    ));

  test('dark is kept by this browser, whatever the system says', () =>
    opened('/settings', async ({ page }) => {
      await page.getByLabel('dark', { exact: true }).check();
      await page.reload();
      const ground = () =>
        page.evaluate('getComputedStyle(document.documentElement).backgroundColor');
      await expect.poll(ground).toBe('rgb(18, 20, 24)');
    }));

  test('no browser has reported a violation of the policy', async () => {
    expect(await metric(serve.url, 'deadair_csp_reports')).toBe(0);
  });
});
