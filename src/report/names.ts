/**
 * Names for addresses, from a file in the form of /etc/hosts: in a report `192.168.77.1` says little,
 * `db-primary` says where to look. Nothing is looked up anywhere: the report is the same without a network.
 */
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { AppError } from '../base/errors.ts';
import { addressBytes } from './address.ts';

export interface AddressNames {
  /** Null: it has none. */
  of(address: string): string | null;
}

export const NO_NAMES: AddressNames = { of: () => null };

const keyOf = (address: string): string => Buffer.from(addressBytes(address)).toString('hex');

const wrong = (path: string, what: string, cause?: unknown): AppError =>
  new AppError(
    'E_NAMES',
    `${path}: ${what}`,
    'write lines as in /etc/hosts: 10.0.0.5 db-primary',
    cause,
  );

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw wrong(path, cause instanceof Error ? cause.message : 'cannot be read', cause);
  }
}

/** The first name of an address counts, as in /etc/hosts. Throws E_NAMES with the line. */
export function namesFrom(path: string): AddressNames {
  const names = new Map<string, string>();
  for (const [i, line] of textOf(path).split('\n').entries()) {
    const [address = '', name] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (address === '') continue;
    if (isIP(address) === 0 || address.includes('%')) {
      throw wrong(path, `line ${i + 1} does not begin with an address`);
    }
    if (name === undefined) throw wrong(path, `line ${i + 1} has no name`);
    if (!names.has(keyOf(address))) names.set(keyOf(address), name);
  }
  return { of: (address) => (isIP(address) === 0 ? null : (names.get(keyOf(address)) ?? null)) };
}

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
  if (Array.isArray(document)) return document.map((each: unknown) => withNames(each, names)) as T;
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
