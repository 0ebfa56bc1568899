/** The one-file report in a real Chromium, from disk, with the network off. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { embeddedJson, escaped, renderHtml, reportPolicy } from '../src/report/html.ts';
import type { Report } from '../src/report/schema.ts';
import { graveViolations, hasChromium, launched } from './kit/browser.ts';
import { said } from './kit/command.ts';
import { labFile } from './kit/lab.ts';
import { type Opened, openedReport } from './kit/report-page.ts';
import { withFolder } from './kit/temporary.ts';

const HOSTILE = '</script><img src=x onerror=alert(1)><!-- \u2028 $& & "';

async function jsonOf(...args: string[]): Promise<Report> {
  return JSON.parse((await said(['read', '--json', ...args])).out) as Report;
}

describe('the file', () => {
  test('`--html FILE` writes it whole beside the text, and the same capture gives the same bytes', () =>
    withFolder(async (folder) => {
      const [one, two] = [join(folder, 'one.html'), join(folder, 'two.html')];
      const capture = labFile('dnat-90', 'inside.pcap');
      const first = await said(['read', '--html', one, capture]);
      expect(first.status).toBe(0);
      expect(first.out).toContain('12 connections');
      await said(['read', '--workers', '2', '--html', two, capture]);
      const html = readFileSync(one, 'utf8');
      expect(readFileSync(two, 'utf8')).toBe(html);
      expect(Buffer.byteLength(html)).toBeLessThan(1_000_000);
    }));

  test('`--html -` writes the page to stdout, and `--json` beside it is refused', async () => {
    const capture = labFile('dnat-90', 'inside.pcap');
    expect((await said(['read', '--html', '-', capture])).out).toMatch(/^<!doctype html>/);
    expect((await said(['read', '--json', '--html', '-', capture])).err).toContain('E_USAGE');
  });

  test('where it cannot be written, that is said with E_OUTPUT', async () => {
    const answer = await said([
      'read',
      '--html',
      '/proc/no/page.html',
      labFile('drop', 'inside.pcap'),
    ]);
    expect(answer.err).toContain('E_OUTPUT');
    expect(answer.status).toBe(3);
  });

  test('names of --names are in it', () =>
    withFolder(async (folder) => {
      const [names, capture] = [join(folder, 'hosts'), labFile('dnat-90', 'inside.pcap')];
      writeFileSync(names, '192.168.77.1 db-primary\n');
      const { out } = await said(['read', '--names', names, '--html', '-', capture]);
      expect(out).toContain('"port":27017,"name":"db-primary"');
      expect((await said(['read', '--html', '-', capture])).out).not.toContain('db-primary');
    }));

  test('true addresses are not in it with --anonymize, and its ladders still are', async () => {
    const { out } = await said([
      'read',
      '--anonymize',
      '--html',
      '-',
      labFile('dnat-90', 'inside.pcap'),
    ]);
    expect(out).not.toContain('192.168.77.');
    expect(out).toContain('"role":"ending"');
    const files = [...out.matchAll(/"pcap":"([^"]+)"/g)].map(([, text]) =>
      Buffer.from(text ?? '', 'base64'),
    );
    expect(files.length).toBe(12);
    for (const file of files) expect(file.includes(Buffer.from([192, 168, 77]))).toBe(false);
  });

  test('no name from a capture leaves the data block or the title', async () => {
    const report = await jsonOf(labFile('dnat-90', 'inside.pcap'));
    const [finding] = report.findings;
    const [source] = report.sources;
    const html = renderHtml({
      ...report,
      sources: source === undefined ? [] : [{ ...source, name: HOSTILE }],
      findings: finding === undefined ? [] : [{ ...finding, summary: HOSTILE }],
    });
    expect(html.match(/<script/g)).toHaveLength(2);
    expect(html.match(/<\/script/g)).toHaveLength(2);
    expect(html).not.toContain('<img');
    const block = /id="deadair-data">(.*?)<\/script>/s.exec(html)?.[1] ?? '';
    expect((JSON.parse(block) as { report: Report }).report.sources[0]?.name).toBe(HOSTILE);
  });

  test('markup and JSON are escaped for where they stand', () => {
    expect(escaped(`<a href="x" on='y'>&`)).toBe(
      '&lt;a href=&quot;x&quot; on=&#39;y&#39;&gt;&amp;',
    );
    expect(embeddedJson('</script><!--\u2028')).toBe(String.raw`"\u003c/script>\u003c!--\u2028"`);
  });

  test('its policy allows its own script and style by hash, and a server adds the sandbox', () => {
    const policy = reportPolicy();
    expect(policy).toMatch(/script-src 'sha256-[\w+/]+=*';/);
    expect(policy).toContain('sandbox allow-scripts allow-downloads');
    expect(policy).not.toContain('unsafe');
  });
});

describe.skipIf(!hasChromium)('the page (needs chromium)', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launched();
  });
  afterAll(() => browser.close());

  const opened: Opened = (...asked) => openedReport(browser, ...asked);

  test('its first line says where, T and the cure; the plot says T largest', () =>
    opened([labFile('dnat-90', 'inside.pcap')], async ({ page }) => {
      expect(await page.locator('h1').innerText()).toBe(
        'A box on the way to 192.168.77.1:27017 forgets connections after 64.9 to 92.9 s of silence. Keepalive after 32 s of silence cures it.',
      );
      expect(await page.locator('.plot .threshold').textContent()).toBe('T 64.9 to 92.9 s');
      expect(await page.locator('.plot .lane-name').allTextContents()).toEqual([
        '48 Survived',
        '12 Killed, reset on waking',
      ]);
    }));

  test('what nobody can prove is no box in the first line either', () =>
    opened(['--shortest', '1s', labFile('drop', 'inside.pcap')], async ({ page }) => {
      expect(await page.locator('h1').innerText()).toMatch(
        /^Connections to 198\.51\.100\.9:27017 die after .* of silence: perhaps a box forgets them, perhaps the server was away\. If a box does, keepalive after/,
      );
      expect(await page.locator('main.report').innerText()).toContain(
        'That a box did it: a restarted or unreachable server looks the same.',
      );
    }));

  test('names of --names stand behind their addresses', () =>
    withFolder(async (folder) => {
      const names = join(folder, 'hosts');
      writeFileSync(names, '192.168.77.1 db-primary\n');
      const capture = labFile('dnat-90', 'inside.pcap');
      await opened(['--names', names, capture], async ({ page }) => {
        expect(await page.locator('main.report').innerText()).toContain(
          '192.168.77.1:27017 (db-primary)',
        );
      });
    }));

  test('dragging the keepalive line says what it would have saved', () =>
    opened([labFile('dnat-90', 'inside.pcap')], async ({ page }) => {
      const readout = page.locator('.plot-readout');
      expect(await readout.innerText()).toBe(
        'Keepalive after 32 s of silence would have saved 12 of 12.',
      );
      const grip = await page.locator('.grip').boundingBox();
      const killed = await page.locator('.lane.killed .stroked').first().boundingBox();
      if (grip === null || killed === null) throw new Error('no grip, no kills');
      await page.mouse.move(grip.x + grip.width / 2, grip.y + 10);
      await page.mouse.down();
      await page.mouse.move(killed.x + killed.width + 20, grip.y + 10, { steps: 5 });
      await page.mouse.up();
      await page.mouse.move(0, 0);
      expect(await readout.innerText()).toMatch(/would have saved 0 of 12 \(12 not\)\.$/);
    }));

  test('the keyboard moves the line and Home brings it back', () =>
    opened([labFile('dnat-90', 'inside.pcap')], async ({ page }) => {
      const line = page.getByRole('slider', { name: 'Keepalive time to try' });
      await line.focus();
      await page.keyboard.press('ArrowRight');
      await line.and(page.locator('[aria-valuenow="33"]')).waitFor();
      for (let i = 0; i < 12; i++) await page.keyboard.press('PageUp');
      await line.and(page.locator('[aria-valuetext*="would have saved 0 of 12"]')).waitFor();
      await page.keyboard.press('Home');
      await line.and(page.locator('[aria-valuenow="32"]')).waitFor();
    }));

  test('the packets of a finding are saved from the page itself, headers alone', () =>
    opened([labFile('dnat-90', 'inside.pcap')], async ({ page }) => {
      const rows = await page.locator('.packet').count();
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Packets (pcap)' }).click(),
      ]);
      const bytes = readFileSync(await download.path());
      expect(bytes.readUInt32LE(0)).toBe(0xa1b23c4d);
      let packets = 0;
      for (let at = 24; at < bytes.length; at += 16 + bytes.readUInt32LE(at + 8)) packets++;
      expect(packets).toBe(rows);
    }));

  test('a timer of a proxy is told as one: its closes are a lane, and no keepalive is advised', () =>
    opened(['--shortest', '1s', labFile('haproxy', 'inside.pcap')], async ({ page }) => {
      expect(await page.locator('h1').innerText()).toBe(
        'Connections to 192.168.77.1:27017 are closed after 6 s without payload by an application or a proxy, not by a box.',
      );
      const lanes = await page.locator('.plot .lane-name').allTextContents();
      expect(lanes).toEqual(['16 Survived', expect.stringContaining('16 Closed by an endpoint')]);
      await page.getByRole('heading', { name: 'Keepalive will not help here' }).waitFor();
      expect(await page.locator('.keepalive').count()).toBe(0);
    }));

  test('a ladder of both sides has the box in the middle and the reset coming from it', () =>
    opened(
      [
        '--shortest',
        '1s',
        '--together',
        labFile('reject', 'inside.pcap'),
        labFile('reject', 'outside.pcap'),
      ],
      async ({ page }) => {
        expect(await page.locator('.lifelines .who').allTextContents()).toEqual([
          'client',
          'server',
          'box',
        ]);
        expect(await page.locator('.packet.ending .packet-label').textContent()).toMatch(
          /^RST · TTL 64 · after \d+ µs$/,
        );
        expect(await page.locator('.silence-length').textContent()).toMatch(/^\d/);
        await page.locator('.packet').first().hover();
        expect(await page.locator('.packet-fields').innerText()).toMatch(
          /Flags\s+SYN\s+Sequence\s+0 \(relative\)/,
        );
      },
    ));

  test('another finding is chosen with j, and its address can be sent to somebody', () =>
    opened([labFile('dnat-90', 'inside.pcap')], async ({ page }) => {
      await page.locator('.virtual').focus();
      await page.keyboard.press('j');
      await page.keyboard.press('j');
      const chosen = page.locator('.finding-badges code');
      // By the debugger's protocol: a page's policy may refuse what waitForFunction evaluates in it.
      const isNamed =
        "location.hash === '#' + document.querySelector('.finding-badges code').textContent";
      await expect.poll(() => page.evaluate(isNamed)).toBe(true);
      const id = await chosen.innerText();
      await page.reload();
      await chosen.waitFor();
      expect(await chosen.innerText()).toBe(id);
    }));

  test('the lines of another stack are shown and copied', () =>
    opened([labFile('dnat-90', 'inside.pcap')], async ({ page }) => {
      await page.getByLabel('Lines for').selectOption('Java');
      const lines = page.getByLabel('Settings for Java');
      expect(await lines.innerText()).toContain('TCP_KEEPIDLE 32');
      await page.getByRole('button', { name: 'Copy: copy' }).click();
      await page.getByRole('button', { name: 'Copy: copy' }).getByText('Copied').waitFor();
    }));

  test('the Wireshark filter of the finding in sight is what Ctrl-V pastes', () =>
    opened([labFile('dnat-90', 'inside.pcap')], async ({ page }) => {
      await page.getByRole('button', { name: 'Wireshark filter: copy' }).click();
      await page.getByText('Copied').waitFor();
      await page.evaluate('document.body.append(document.createElement("textarea"))');
      await page.locator('textarea').focus();
      await page.keyboard.press('Control+V');
      expect(await page.locator('textarea').inputValue()).toMatch(
        /^ip\.addr == 192\.168\.77\.2 && ip\.addr == 192\.168\.77\.1 && tcp\.port == \d+ && tcp\.port == 27017 && frame\.number >= \d+ && frame\.number <= \d+$/,
      );
    }));

  const shown = (selector: string) =>
    `[...document.querySelectorAll('${selector}')].filter((e) => e.checkVisibility()).length`;

  test('on paper: light, nothing to press, nothing folded, every finding, nothing wider than the sheet', () =>
    opened(
      ['--shortest', '1s', labFile('dnat-90', 'gateway.pcapng')],
      async ({ page }) => {
        const folded = await page.locator('details:not([open])').count();
        expect(folded).toBeGreaterThan(0);
        // A4 between its margins, in CSS pixels.
        await page.setViewportSize({ width: 703, height: 1000 });
        await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
        // The page hears of the medium a moment later.
        await expect.poll(() => page.evaluate(shown('button, select, .virtual'))).toBe(0);
        await expect.poll(() => page.locator('details:not([open])').count()).toBe(0);
        await expect.poll(() => page.evaluate(shown('.plot svg'))).toBe(2);
        await expect.poll(() => page.evaluate(shown('.printed tbody tr'))).toBe(12);
        const wide = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
        expect(await page.evaluate(wide)).toBeLessThanOrEqual(0);
        const paper = 'getComputedStyle(document.documentElement).backgroundColor';
        expect(await page.evaluate(paper)).toBe('rgb(255, 255, 255)');
        const ink = 'getComputedStyle(document.querySelector("h1")).color';
        expect(await page.evaluate(ink)).toBe('rgb(25, 28, 33)');
        await page.emulateMedia({ media: 'screen' });
        await expect.poll(() => page.locator('details:not([open])').count()).toBe(folded);
      },
      'dark',
    ));

  test('printed, the plot is as wide as the sheet and no wider, whatever the window was', () =>
    opened(
      [labFile('dnat-90', 'inside.pcap')],
      async ({ page }) => {
        await page.emulateMedia({ media: 'print' });
        // As the printer does it: the sheet is narrower, and no observer runs in between.
        const [sheet = 0, plot = 0] = await page.evaluate<number[]>(`(() => {
          const sheet = document.querySelector('.report');
          const before = document.querySelector('.plot svg').getBoundingClientRect().width;
          sheet.style.width = before / 2 + 'px';
          return [sheet, document.querySelector('.plot svg')].map((e) => e.getBoundingClientRect().width);
        })()`);
        expect(plot).toBeGreaterThan(sheet / 2);
        expect(plot).toBeLessThan(sheet);
      },
      'light',
      1600,
    ));

  test('what is open is a lane of its own under the kills, and a first sentence explains the trouble', () =>
    opened(['--shortest', '1s', labFile('mixed-reject-90', 'gateway.pcapng')], async ({ page }) => {
      const lanes = await page.locator('.path:nth-of-type(1) .plot .lane-name').allTextContents();
      expect(lanes.map((text) => text.replace(/, up to.*/, ''))).toEqual([
        '33 Survived',
        '8 Killed, reset on waking',
        '12 Closed by an endpoint',
      ]);
      expect(await page.locator('.path:nth-of-type(2) .plot .open .lane-name').textContent()).toBe(
        '8 Open when the capture ended, up to 8 silences in one place',
      );
      expect(await page.locator('.lede').innerText()).toMatch(/Neither end is told/);
      expect(await page.locator('.finding-badges').innerText()).toContain('box timeout');
    }));

  test.each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 360],
    ['dark', 1920],
  ] as const)(
    'axe finds nothing serious in %s at %i px, and nothing is wider than the page',
    (scheme, width) =>
      opened(
        [labFile('mixed-reject-90', 'inside.pcap')],
        async ({ page }) => {
          expect(await graveViolations(page)).toEqual([]);
          const overflow = 'document.documentElement.scrollWidth - window.innerWidth';
          expect(await page.evaluate(overflow)).toBeLessThanOrEqual(0);
        },
        scheme,
        width,
      ),
  );
});
