'use strict';
/**
 * Loads the packed command (dist/bundle) from the code cache that its build left beside it: V8 then neither parses nor
 * compiles what a `read` runs, which is most of what a small capture costs beyond Node's own start
 * (docs/decisions/0002-start-up.md).
 *
 * Always true: without a cache, or with one of another Node or other flags, the same source is compiled as ever. A
 * cache is known by the length of its source alone, so the build removes the folder before it writes a new one. The
 * build (scripts/bundle.js) wraps each file in a function of its module's words and leaves only ASCII in it, so that
 * its bytes are its text.
 */
const { closeSync, fstatSync, openSync, readSync } = require('node:fs');
const path = require('node:path');
const { Script } = require('node:vm');

/** Code from a cache has lost who imports for it (Node 20): what it imports goes through this file. */
const importHere = (id) => import(id);

/** By path: { script, module }. */
const loaded = new Map();

const cacheOf = (file) => `${file}.cache`;

/** Source and cache go through the same memory, one after the other: its pages cost more than what is read into them. */
let room = Buffer.allocUnsafeSlow(2 ** 20);

/** What is in a file, until the next one is read. */
function bytesOf(file) {
  const descriptor = openSync(file);
  try {
    const { size } = fstatSync(descriptor);
    if (size > room.length) room = Buffer.allocUnsafeSlow(size);
    return room.subarray(0, readSync(descriptor, room, 0, size));
  } finally {
    closeSync(descriptor);
  }
}

function cacheFor(file) {
  try {
    return bytesOf(cacheOf(file));
  } catch {
    return undefined;
  }
}

function load(file) {
  const known = loaded.get(file);
  if (known !== undefined) return known.module.exports;
  const source = bytesOf(file).toString('latin1');
  const script = new Script(source, { filename: file, cachedData: cacheFor(file) });
  const module = { exports: {} };
  loaded.set(file, { script, module });
  const here = path.dirname(file);
  const requireHere = (id) => (id.startsWith('./') ? load(path.join(here, id)) : require(id));
  script.runInThisContext()(module.exports, requireHere, module, file, here, importHere);
  return module.exports;
}

module.exports = { cacheOf, load, loaded };
