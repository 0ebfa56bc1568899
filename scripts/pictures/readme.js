/** The four of the README: one path, one ladder; twice the pixels would be twice the bytes. */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { shoot, still } from './camera.js';
import { root } from './services.js';

const images = join(root, 'docs', 'images');
const SIZE = { width: 1100, height: 760 };

export async function shootReadme(browser, { url, finding, report, both }) {
  mkdirSync(images, { recursive: true });
  const light = await browser.newContext({ colorScheme: 'light', viewport: SIZE });
  const page = await light.newPage();
  await shoot(page, report, join(images, 'silence-plot.png'), '.plot');
  await shoot(page, both, join(images, 'ladder.png'), '.ladder');
  await page.goto(url);
  await page.locator('.hours').waitFor();
  await still(page);
  await page.screenshot({ path: join(images, 'overview.png') });
  await light.close();
  const dark = await browser.newContext({ colorScheme: 'dark', viewport: SIZE });
  const whole = join(images, 'finding-dark.png');
  await shoot(await dark.newPage(), `${url}/findings/${finding}`, whole, '.finding');
  await dark.close();
  optimise();
}

/** Fewer colours are fewer bytes; without the program the pictures are whole, and larger. */
function optimise() {
  for (const name of ['silence-plot', 'ladder', 'overview', 'finding-dark']) {
    const file = join(images, `${name}.png`);
    spawnSync('pngquant', ['--force', '--skip-if-larger', '--output', file, file], {
      stdio: 'ignore',
    });
  }
}
