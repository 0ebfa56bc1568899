/**
 * One key, every address: in records, in sentences, in carved packets, always the same answer.
 *
 * Ids are masked too. They are hashes of addresses and of numbers that carved packets still show,
 * so whoever has those could try all addresses until the hash fits.
 */
import { createHmac } from 'node:crypto';
import { isIP } from 'node:net';
import { addressText } from '../../base/record.ts';
import { addressBytes } from '../address.ts';
import { cryptoPan, type MaskBytes } from './crypto-pan.ts';

export interface Mask {
  readonly bytes: MaskBytes;
  readonly address: (text: string) => string;
  /** Every address in a text. */
  readonly text: (text: string) => string;
  readonly id: (id: string) => string;
}

/**
 * Whatever could be an address; isIP decides. A dotted quad may have a port behind it, or stand at
 * a sentence's end.
 */
const DOTTED = String.raw`\d{1,3}(?:\.\d{1,3}){3}(?![\w]|\.\d)`;
const COLONS = '[0-9A-Fa-f:]*:[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*[0-9A-Fa-f:]';
const CANDIDATE = new RegExp(String.raw`(?<![\w.:])(?:${DOTTED}|${COLONS})`, 'g');

export function maskWith(key: Uint8Array): Mask {
  const bytes = cryptoPan(key);
  const known = new Map<string, string>();
  const address = (text: string): string => {
    let masked = known.get(text);
    if (masked === undefined) {
      const plain = addressBytes(text);
      masked = addressText(bytes(plain), plain.length === 4 ? 4 : 6);
      known.set(text, masked);
    }
    return masked;
  };
  return {
    bytes,
    address,
    text: (text) =>
      text.replace(CANDIDATE, (found) => (isIP(found) === 0 ? found : address(found))),
    id: (id) => {
      const [kind = '', hash = ''] = id.split('_');
      const hex = createHmac('sha256', key).update(`deadair id ${id}`).digest('hex');
      return `${kind}_${hex.slice(0, Math.max(16, hash.length))}`;
    },
  };
}
