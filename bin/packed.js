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
const { dirname, join } = require('node:path');
const { constants, Script } = require('node:vm');

const PARAMETERS = 'exports, require, module, __filename, __dirname';

/** By path: { script, module }. */
const loaded = new Map();

/** Node's own flags are part of what a cache fits to: one for the launcher's, one for `node bin/deadair`. */
const cacheOf = (path) => `${path}.${process.execArgv.length === 0 ? 'plain' : 'flags'}.cache`;

function cacheFor(path) {
  try {
    return readFileSync(cacheOf(path));
  } catch {
    return undefined;
  }
}

function load(path) {
  const known = loaded.get(path);
  if (known !== undefined) return known.module.exports;
  const source = `(function (${PARAMETERS}) {${readFileSync(path, 'utf8')}\n})`;
  const script = new Script(source, {
    filename: path,
    cachedData: cacheFor(path),
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  const module = { exports: {} };
  loaded.set(path, { script, module });
  const here = dirname(path);
  const requireHere = (id) => (id.startsWith('./') ? load(join(here, id)) : require(id));
  script.runInThisContext()(module.exports, requireHere, module, path, here);
  return module.exports;
}

module.exports = { cacheOf, load, loaded };
