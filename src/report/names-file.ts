/** A file of names in the form of /etc/hosts. Apart from names.ts, since `isIP` brings the network layer of Node. */
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { AppError } from '../base/errors.ts';
import { addressBytes } from './address.ts';
import type { AddressNames } from './names.ts';

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
