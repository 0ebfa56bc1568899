/** Values out of an event's data, which is JSON of the store: what is not there is null. */
export type Data = Readonly<Record<string, unknown>>;

export function at(data: unknown, ...keys: readonly string[]): unknown {
  let value: unknown = data;
  for (const key of keys) {
    if (typeof value !== 'object' || value === null) return null;
    value = (value as Data)[key];
  }
  return value ?? null;
}

export function textAt(data: unknown, ...keys: readonly string[]): string | null {
  const value = at(data, ...keys);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
}

export function numberAt(data: unknown, ...keys: readonly string[]): number | null {
  const value = at(data, ...keys);
  return typeof value === 'number' ? value : null;
}
