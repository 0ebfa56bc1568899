/**
 * The key of a subscription and what is signed with it (Standard Webhooks, "Signature scheme").
 *
 * HMAC-SHA-256 over `id.timestamp.body`; the id stays over retries, the timestamp is that of the
 * attempt. While a key rotates, both keys sign, separated by a space, and either is accepted.
 */
import { createHmac, randomBytes } from 'node:crypto';

/** The specification asks for 24 to 64 bytes. */
const KEY_BYTES = 32;
const PREFIX = 'whsec_';

export const newSecret = (): string => `${PREFIX}${randomBytes(KEY_BYTES).toString('base64')}`;

export interface Signed {
  readonly 'webhook-id': string;
  /** Unix seconds. */
  readonly 'webhook-timestamp': string;
  readonly 'webhook-signature': string;
}

function signature(secret: string, signedContent: string): string {
  const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
  return `v1,${createHmac('sha256', key).update(signedContent).digest('base64')}`;
}

/** `secrets`: the newest first. */
export function signedHeaders(
  id: string,
  body: string,
  nowMs: number,
  secrets: readonly string[],
): Signed {
  const timestamp = String(Math.floor(nowMs / 1000));
  const content = `${id}.${timestamp}.${body}`;
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': secrets.map((secret) => signature(secret, content)).join(' '),
  };
}
