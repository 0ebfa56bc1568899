#!/usr/bin/env node
/**
 * Packs the compiled command into few CommonJS files, dist/bundle: reading a small capture costs Node's own start and
 * little more, and most of that little is opening a hundred modules one by one (docs/decisions/0002-start-up.md).
 * Names and lines stay as they are, for stack traces: to minify gained nothing.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = fileURLToPath(new URL('..', import.meta.url));
const dir = join(root, 'dist', 'bundle');

/**
 * What every `read` loads, in one file: a stage, but for what only some runs ask for, or a root file of src/. The rest
 * stays apart and is loaded when it is wanted.
 */
const CORE = new RegExp(
  [
    'node_modules/commander/',
    'dist/src/(?:base/(?!log)|capture/|judge/|path/)',
    'dist/src/dispatch/(?!pool|threads|live)',
    'dist/src/report/(?!text/|.*schema|names-|carve|anonymize|compare|log/|ladder|html|store|intake|api|export)',
    'dist/src/(?:[a-z-]+-command|cli|config|drawn-line|failure|invocation|pipeline|progress|read(?:-settings)?|standard-output|terminal)\\.js$',
  ].join('|'),
);

/** What only the report for people takes. */
const TEXT = /dist\/src\/report\/text\//;

/**
 * Commander loads node:child_process for subcommands that are programs of their own; we have none, and it drags in the
 * network and stream layers of Node.
 */
const isForCommander = (id, importer) =>
  id === 'node:child_process' && /commander/.test(importer ?? '');

const noChildProcess = {
  name: 'commander-without-child-process',
  resolveId: (id, importer) => (isForCommander(id, importer) ? '\0none' : null),
  load: (id) => (id === '\0none' ? 'export {}' : null),
};

const bundle = await rolldown({
  input: join(root, 'dist', 'src', 'cli.js'),
  platform: 'node',
  // Only what `read` needs is packed; the rest finds its own files beside itself.
  external: (id, importer) =>
    /^[@a-z]/.test(id) &&
    !/^(?:commander|typebox)(?:\/|$)/.test(id) &&
    !isForCommander(id, importer),
  plugins: [noChildProcess],
  // `compare` loads what `read` does, at once: read.js is in the core whoever asks for it.
  checks: { ineffectiveDynamicImport: false },
});

/** A file of the pack as bin/packed.js runs it: a function of its module's words, in ASCII alone. */
function wrapped(code) {
  const own = code.replace(/\bimport\("/g, 'importHere("');
  const text = `(function (exports, require, module, __filename, __dirname, importHere) {${own}\n})`;
  return text.replace(
    /[^\0-\x7f]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

rmSync(dir, { recursive: true, force: true });
const { output } = await bundle.generate({
  format: 'cjs',
  entryFileNames: '[name].cjs',
  chunkFileNames: '[name]-[hash].cjs',
  codeSplitting: {
    groups: [
      { name: 'core', test: CORE, priority: 1 },
      { name: 'text', test: TEXT },
    ],
  },
  // Half of the text; those who read it read src/.
  comments: false,
});
await bundle.close();
mkdirSync(dir, { recursive: true });
for (const { fileName, code } of output) writeFileSync(join(dir, fileName), wrapped(code));

// What a thread runs, each in one file that piscina can require.
for (const worker of ['shard', 'live']) {
  const packed = await rolldown({
    input: join(root, 'dist', 'workers', `${worker}.js`),
    platform: 'node',
  });
  await packed.write({ file: join(dir, `${worker}.cjs`), format: 'cjs', exports: 'named' });
  await packed.close();
}

execFileSync(process.execPath, [join(root, 'scripts', 'code-cache.cjs')], {
  stdio: ['ignore', 'ignore', 'inherit'],
});
