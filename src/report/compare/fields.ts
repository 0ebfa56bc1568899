/**
 * Fields of a document that somebody else wrote, maybe an older deadair: what is missing or of
 * another type is null or empty, never an exception.
 */
export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function fieldsAt(from: Fields, name: string): Fields {
  const value = from[name];
  return isFields(value) ? value : {};
}

export function listAt(from: Fields, name: string): readonly unknown[] {
  const value = from[name];
  return Array.isArray(value) ? value : [];
}

/** The objects of a list; anything else in it is left out. */
export const recordsAt = (from: Fields, name: string): readonly Fields[] =>
  listAt(from, name).filter(isFields);

export function textAt(from: Fields, name: string): string | null {
  const value = from[name];
  return typeof value === 'string' ? value : null;
}

/** Durations: finite and not below zero. */
export function numberAt(from: Fields, name: string): number | null {
  const value = from[name];
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;
}

/** Above this a count is no count of ours. */
const MOST = 1e12;

export function countAt(from: Fields, name: string): number | null {
  const value = numberAt(from, name);
  return value !== null && Number.isInteger(value) && value <= MOST ? value : null;
}
