/**
 * The key of an anonymised report: 32 bytes, raw or as 64 hex digits, from a file; or a fresh one.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { AppError } from '../../base/errors.ts';
import { KEY_BYTES } from './crypto-pan.ts';

const HEX = /^[0-9A-Fa-f]{64}$/;

export const freshKey = (): Uint8Array => randomBytes(KEY_BYTES);

export function keyFromFile(path: string): Uint8Array {
  let content: Buffer;
  try {
    content = readFileSync(path);
  } catch (cause) {
    const { code = 'unreadable' } = cause as NodeJS.ErrnoException;
    throw new AppError(
      'E_ANONYMIZE_KEY',
      `the key file ${path} cannot be read: ${code}`,
      HINT,
      cause,
    );
  }
  if (content.length === KEY_BYTES) return content;
  const text = content.toString('latin1').trim();
  if (HEX.test(text)) return Buffer.from(text, 'hex');
  throw new AppError(
    'E_ANONYMIZE_KEY',
    `the key file ${path} does not hold 32 bytes or 64 hex digits`,
    HINT,
  );
}

const HINT = 'make one with: head -c 32 /dev/urandom > KEYFILE';
