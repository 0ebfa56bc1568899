/**
 * Names for addresses: in a report `192.168.77.1` says little, `db-primary` says where to look. Nothing is looked up
 * anywhere: the report is the same without a network.
 */
import { Rows } from './rows.ts';

export interface AddressNames {
  /** Null: it has none. */
  of(address: string): string | null;
}

export const NO_NAMES: AddressNames = { of: () => null };

type Json = Readonly<Record<string, unknown>>;

/** `{address, port}`, or `{network, port}` of a single address. */
function nameOf({ address, network, port }: Json, names: AddressNames): string | null {
  if (typeof port !== 'number') return null;
  if (typeof address === 'string') return names.of(address);
  const [single = '', length] = typeof network === 'string' ? network.split('/') : [];
  return length === '32' || length === '128' ? names.of(single) : null;
}

/** The same document, and in every endpoint of it whose address has one, its `name`. */
export function withNames<T>(document: T, names: AddressNames): T {
  if (names === NO_NAMES || typeof document !== 'object' || document === null) return document;
  if (Array.isArray(document) || document instanceof Rows)
    return document.map((each: unknown) => withNames(each, names)) as T;
  const copy = Object.entries(document).map(
    ([key, value]) => [key, withNames(value, names)] as const,
  );
  const name = nameOf(document as Json, names);
  return Object.fromEntries(name === null ? copy : [...copy, ['name', name] as const]) as T;
}

/** Addresses in running text, each with its port where one stands behind it. */
const ADDRESS =
  /(?<![\w.:[])(?:\[([0-9a-f:.]+)\]:\d+|(\d{1,3}(?:\.\d{1,3}){3})(?::\d+)?|([0-9a-f]*:[0-9a-f:]*:[0-9a-f.]*))(?![\w/]|[.:]\w)/g;

export function namedText(text: string, names: AddressNames): string {
  if (names === NO_NAMES) return text;
  return text.replace(ADDRESS, (whole: string, ...groups: unknown[]) => {
    const address = groups.slice(0, 3).find((group) => typeof group === 'string');
    const name = typeof address === 'string' ? names.of(address) : null;
    return name === null ? whole : `${whole} (${name})`;
  });
}
