#!/usr/bin/env node
/**
 * Builds what people look at, with Vite: dist/web, which `serve` hands out, and dist/page/report.html, the page of the
 * one-file report. In the latter the script and the style stand inline, allowed by their hashes, and the data block waits
 * for src/report/html.ts.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { build } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));
const web = join(root, 'web');
const out = join(root, 'dist', 'web');
/** Not beside the dashboard: that folder is handed out as it is. */
const page = join(root, 'dist', 'page');

/** The first that know light-dark(): the colours of both schemes stand in one place. */
const cssTarget = ['chrome123', 'firefox120', 'safari17.5'];

const common = {
  configFile: false,
  root: web,
  logLevel: 'warn',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
};

await build({
  ...common,
  build: {
    outDir: out,
    emptyOutDir: true,
    target: 'es2022',
    cssTarget,
    // Everything from a file of its own: the policy allows no data: URL.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});

/** Compressed once, here, as small as it gets; who hands them out only picks one. */
const assets = join(out, 'assets');
for (const name of readdirSync(assets)) {
  const bytes = readFileSync(join(assets, name));
  writeFileSync(join(assets, `${name}.br`), brotliCompressSync(bytes));
  writeFileSync(join(assets, `${name}.gz`), gzipSync(bytes, { level: 9 }));
}

const made = await build({
  ...common,
  build: {
    write: false,
    target: 'es2022',
    cssTarget,
    cssCodeSplit: false,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: join(web, 'report', 'main.tsx'),
      output: { format: 'iife', codeSplitting: false },
    },
  },
});
const { output } = Array.isArray(made) ? made[0] : made;
const script = output.find(({ type }) => type === 'chunk').code.trim();
const style = String(output.find(({ fileName }) => fileName.endsWith('.css')).source).trim();
if (/<\/script|<!--/i.test(script) || /<\/style/i.test(style)) {
  throw new Error('the page would end its own script or style element');
}

const hash = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
const policy = [
  "default-src 'none'",
  `script-src ${hash(script)}`,
  `style-src ${hash(style)}`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');
const whole = readFileSync(join(web, 'report', 'template.html'), 'utf8')
  .replace('<!--deadair:policy-->', () => policy)
  .replace('<!--deadair:style-->', () => style)
  .replace('<!--deadair:script-->', () => script);
mkdirSync(page, { recursive: true });
writeFileSync(join(page, 'report.html'), whole);
