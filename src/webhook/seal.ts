/**
 * Secrets at rest: AES-256-GCM under a key file that lies beside the database, not in it.
 *
 * A stolen copy or backup of the database alone gives nothing away. What is sealed is bound to its
 * place (subscription and field), so that a row cannot borrow another row's secret. The key is made
 * on first start, readable by its owner only.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../base/errors.ts';

const KEY_FILE = 'webhook.key';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const VERSION = 1;

export interface Seal {
  close(plain: string, place: string): Buffer;
  /** Throws E_WEBHOOK_KEY when it was sealed under another key, for another place, or tampered with. */
  open(sealed: Uint8Array, place: string): string;
}

const wrongKey = (what: string, cause?: unknown): AppError =>
  new AppError(
    'E_WEBHOOK_KEY',
    what,
    `bring the ${KEY_FILE} back that belongs to this data directory, or make the webhooks again`,
    cause,
  );

export function sealWith(key: Uint8Array): Seal {
  return {
    close(plain, place) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(place));
      const text = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      return Buffer.concat([Buffer.from([VERSION]), nonce, cipher.getAuthTag(), text]);
    },
    open(sealed, place) {
      const bytes = Buffer.from(sealed);
      const tagAt = 1 + NONCE_BYTES;
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(1, tagAt), {
          authTagLength: TAG_BYTES,
        });
        decipher.setAAD(Buffer.from(place)).setAuthTag(bytes.subarray(tagAt, tagAt + TAG_BYTES));
        const text = decipher.update(bytes.subarray(tagAt + TAG_BYTES));
        return Buffer.concat([text, decipher.final()]).toString('utf8');
      } catch (cause) {
        throw wrongKey('a secret of a webhook cannot be opened with this key', cause);
      }
    },
  };
}

/** Written aside and linked into place: two processes that start at once end up with one key. */
function makeKey(path: string): void {
  const aside = `${path}.${process.pid}`;
  const file = openSync(aside, 'wx', 0o600);
  try {
    writeSync(file, randomBytes(KEY_BYTES));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  try {
    linkSync(aside, path);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown;
  } finally {
    rmSync(aside);
  }
}

function readKey(path: string): Buffer | null {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw wrongKey(`${KEY_FILE} cannot be read`, thrown);
  }
  try {
    const { mode } = fstatSync(file);
    if ((mode & 0o077) !== 0) throw wrongKey(`${KEY_FILE} can be read by others: chmod 600 it`);
    const key = readFileSync(file);
    if (key.length === KEY_BYTES) return key;
    throw wrongKey(`${KEY_FILE} has ${key.length} bytes, not ${KEY_BYTES}`);
  } finally {
    closeSync(file);
  }
}

/** The seal of a data directory. */
export function sealOf(dataFolder: string): Seal {
  const path = join(dataFolder, KEY_FILE);
  const found = readKey(path);
  if (found !== null) return sealWith(found);
  makeKey(path);
  const made = readKey(path);
  if (made === null) throw wrongKey(`${KEY_FILE} vanished`);
  return sealWith(made);
}
