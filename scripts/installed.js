/**
 * Exit status 0 when node_modules holds what package-lock.json says. npm keeps its own account of what it
 * installed in node_modules/.package-lock.json; the two are compared, so a complete tree is not fetched again.
 */
import { existsSync, readFileSync } from 'node:fs';

const packagesOf = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;

function complete() {
  const account = 'node_modules/.package-lock.json';
  if (!existsSync(account)) return false;
  const there = packagesOf(account);
  return Object.entries(packagesOf('package-lock.json')).every(
    ([path, { version, optional }]) =>
      path === '' || optional || (there[path]?.version === version && existsSync(path)),
  );
}

process.exit(complete() ? 0 : 1);
