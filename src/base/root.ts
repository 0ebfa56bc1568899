import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

let found: string | undefined;

/** The folder of package.json and binding.gyp, from the sources and from dist alike. */
export function packageRoot(): string {
  if (found !== undefined) return found;
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'binding.gyp')) && dirname(folder) !== folder)
    folder = dirname(folder);
  found = folder;
  return folder;
}
