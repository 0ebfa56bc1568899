/**
 * Tokens: one a role, from the environment or a file. Compared by the SHA-256 of both in constant time, all of them
 * whichever fits, so that an answer's time tells nothing.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { AppError } from '../../../base/errors.ts';
import type { Role } from './table.ts';

export interface Token {
  readonly role: Role;
  readonly hash: Buffer;
}

/** Chosen: a token of 16 characters drawn at random cannot be guessed. */
const SHORTEST = 16;

const VARIABLES: readonly (readonly [name: string, role: Role])[] = [
  ['DEADAIR_TOKEN', 'admin'],
  ['DEADAIR_TOKEN_READ', 'read'],
  ['DEADAIR_TOKEN_SUBMIT', 'submit'],
  ['DEADAIR_TOKEN_WORKER', 'worker'],
];

const hashOf = (text: string): Buffer => createHash('sha256').update(text).digest();

function fromFile(variable: string, path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (thrown) {
    const hint = 'check the name and the rights of the file';
    throw new AppError('E_TOKEN', `${variable}: the token file cannot be read`, hint, thrown);
  }
}

function checked(variable: string, token: string): string {
  if (token.length >= SHORTEST && /^[\x21-\x7e]+$/.test(token)) return token;
  throw new AppError(
    'E_TOKEN',
    `${variable}: a token has at least ${SHORTEST} visible ASCII characters`,
    'make one with `openssl rand -hex 32`',
  );
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Throws E_TOKEN. */
export function tokensFrom(env: Environment): readonly Token[] {
  return VARIABLES.flatMap(([name, role]) => {
    const path = env[`${name}_FILE`];
    const text = path === undefined || path === '' ? env[name] : fromFile(`${name}_FILE`, path);
    if (text === undefined || text === '') return [];
    return [{ role, hash: hashOf(checked(name, text)) }];
  });
}

export function roleOfToken(tokens: readonly Token[], given: string): Role | null {
  const hash = hashOf(given);
  let role: Role | null = null;
  for (const token of tokens) {
    if (timingSafeEqual(token.hash, hash)) role ??= token.role;
  }
  return role;
}
