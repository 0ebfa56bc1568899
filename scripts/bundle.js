#!/usr/bin/env node
/**
 * Packs the compiled command into few CommonJS files, dist/bundle: reading a small capture costs Node's own start and
 * little more, and most of that little is opening a hundred modules one by one (docs/decisions/0002-start-up.md).
 * Names and lines stay as they are, for stack traces: to minify gained nothing.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
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
    'dist/src/dispatch/(?!pool|threads)',
    'dist/src/report/(?!.*schema|carve|anonymize|compare|log/|ladder|html|store|intake|api|export)',
    'dist/src/(?:[a-z-]+-command|cli|config|drawn-line|failure|invocation|pipeline|progress|read(?:-settings)?|terminal)\\.js$',
  ].join('|'),
);

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
rmSync(dir, { recursive: true, force: true });
await bundle.write({
  dir,
  format: 'cjs',
  entryFileNames: '[name].cjs',
  chunkFileNames: '[name]-[hash].cjs',
  codeSplitting: { groups: [{ name: 'core', test: CORE }] },
});
await bundle.close();

// The launcher's flags, from its first line.
const launcher = readFileSync(join(root, 'bin', 'deadair'), 'utf8');
const flags = /^#!\S+ -S node (.*)\n/.exec(launcher)?.[1].split(' ') ?? [];
for (const some of [flags, []]) {
  execFileSync(process.execPath, [...some, join(root, 'scripts', 'code-cache.cjs')], {
    stdio: 'inherit',
  });
}
