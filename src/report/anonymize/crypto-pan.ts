/**
 * Crypto-PAn: addresses become other addresses, one to one under a key, and two that shared their
 * first n bits share exactly n bits afterwards, so networks stay networks (Xu, Fan, Ammar, Moon:
 * "Prefix-Preserving IP Address Anonymization", ICNP 2002; its extension to 128 bits as in
 * yacryptopan).
 */
import { createCipheriv } from 'node:crypto';

const BLOCK = 16;

export const KEY_BYTES = 32;

/** Bytes of an address (4 or 16) → as many bytes. */
export type MaskBytes = (address: Uint8Array) => Uint8Array;

/** The first `bits` bits of `address` before the rest of `pad`. */
function prefixed(block: Uint8Array, address: Uint8Array, bits: number): void {
  const whole = bits >> 3;
  block.set(address.subarray(0, whole));
  if ((bits & 7) === 0) return;
  const keep = 0xff << (8 - (bits & 7));
  block[whole] = ((address[whole] ?? 0) & keep) | ((block[whole] ?? 0) & ~keep);
}

/** First half of the key: AES-128; second half, encrypted: the pad. */
export function cryptoPan(key: Uint8Array): MaskBytes {
  const cipher = createCipheriv('aes-128-ecb', key.subarray(0, BLOCK), null).setAutoPadding(false);
  const pad = cipher.update(key.subarray(BLOCK, KEY_BYTES));
  return (address) => {
    const bits = address.length * 8;
    const blocks = new Uint8Array(bits * BLOCK);
    for (let bit = 0; bit < bits; bit++) {
      const block = blocks.subarray(bit * BLOCK, (bit + 1) * BLOCK);
      block.set(pad);
      prefixed(block, address, bit);
    }
    const stream = cipher.update(blocks);
    const masked = Uint8Array.from(address);
    for (let bit = 0; bit < bits; bit++) {
      const flip = (stream[bit * BLOCK] ?? 0) >> 7;
      masked[bit >> 3] = (masked[bit >> 3] ?? 0) ^ (flip << (7 - (bit & 7)));
    }
    return masked;
  };
}
