/**
 * What captures are called where there is no room for their paths: the file's name, and before it as many of its folders
 * as tell it from the others. The same path twice cannot be told apart, and is called the same twice.
 */

function byEnd(paths: readonly string[], parts: number): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const path of paths) {
    const end = path.split('/').slice(-parts).join('/');
    const sharing = found.get(end);
    if (sharing === undefined) found.set(end, [path]);
    else sharing.push(path);
  }
  return found;
}

/** One name a path, in their order. */
export function shortNames(paths: readonly string[]): readonly string[] {
  const names = new Map<string, string>();
  let alike = [...new Set(paths)];
  for (let parts = 1; alike.length > 0; parts++) {
    const shared = [...byEnd(alike, parts)].flatMap(([end, sharing]) => {
      if (sharing.length > 1) return sharing;
      names.set(sharing[0] ?? end, end);
      return [];
    });
    // A whole path has no further folder to be told by.
    alike = shared.filter((path) => path.split('/').length > parts);
  }
  return paths.map((path) => names.get(path) ?? path);
}
