'use strict';
/**
 * Loads the packed command (dist/bundle) from the code cache that its build left beside it: V8 then neither parses nor
 * compiles what a `read` runs, which is most of what a small capture costs beyond Node's own start
 * (docs/decisions/0002-start-up.md).
 *
 * Always true: without a cache, or with one of another Node, the same source is compiled as ever. A cache is known by
 * the length of its source alone, so the build removes the folder before it writes a new one.
 */
const { readFileSync } = require('node:fs');
const path = require('node:path');
const { Script } = require('node:vm');

const PARAMETERS = 'exports, require, module, __filename, __dirname, importHere';

/** Code from a cache has lost who imports for it (Node 20): what it imports goes through this file. */
const importHere = (id) => import(id);
const IMPORT = /\bimport\("/g;

/** By path: { script, module }. */
const loaded = new Map();

/** Node's own flags are part of what a cache fits to: one for the launcher's, one for `node bin/deadair`. */
const cacheOf = (file) => `${file}.${process.execArgv.length === 0 ? 'plain' : 'flags'}.cache`;

function cacheFor(file) {
  try {
    return readFileSync(cacheOf(file));
  } catch {
    return undefined;
  }
}

function load(file) {
  const known = loaded.get(file);
  if (known !== undefined) return known.module.exports;
  const text = readFileSync(file, 'utf8').replace(IMPORT, 'importHere("');
  const source = `(function (${PARAMETERS}) {${text}\n})`;
  const script = new Script(source, {
    filename: file,
    cachedData: cacheFor(file),
  });
  const module = { exports: {} };
  loaded.set(file, { script, module });
  const here = path.dirname(file);
  const requireHere = (id) => (id.startsWith('./') ? load(path.join(here, id)) : require(id));
  script.runInThisContext()(module.exports, requireHere, module, file, here, importHere);
  return module.exports;
}

module.exports = { cacheOf, load, loaded };
