import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { sha1 } from '../src/capture/numbers.ts';

test('it is SHA-1, as OpenSSL counts it, at every length about the ends of a block', () => {
  for (let length = 0; length < 200; length++) {
    const message = Uint8Array.from({ length }, (_, i) => (i * 167 + length * 31) & 0xff);
    const theirs = createHash('sha1').update(message).digest('hex');
    expect(Buffer.from(sha1(message)).toString('hex'), `${length} bytes`).toBe(theirs);
  }
});
