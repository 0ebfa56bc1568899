/**
 * SHA-1 (RFC 3174) of a few bytes, for names that other programs compute alike. No secret depends on it.
 *
 * Written out because node:crypto takes longer to load than a small capture to analyse
 * (docs/decisions/0002-start-up.md), and a finding's Community ID is one block.
 */
const BLOCK_BYTES = 64;

const turned = (word: number, by: number): number => (word << by) | (word >>> (32 - by));

/** §4: a one bit, zeros, and the length in bits. */
function padded(message: Uint8Array): DataView {
  const bytes = new Uint8Array(Math.ceil((message.length + 9) / BLOCK_BYTES) * BLOCK_BYTES);
  bytes.set(message);
  bytes[message.length] = 0x80;
  const view = new DataView(bytes.buffer);
  view.setUint32(bytes.length - 4, message.length * 8);
  return view;
}

/** §5: what a round does with B, C and D, its constant included. */
function mixed(round: number, b: number, c: number, d: number): number {
  if (round < 20) return ((b & c) | (~b & d)) + 0x5a827999;
  if (round < 40) return (b ^ c ^ d) + 0x6ed9eba1;
  if (round < 60) return ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
  return (b ^ c ^ d) + 0xca62c1d6;
}

/** §6.1, steps a and b: sixteen words of the block, and 64 that follow from them. */
function readWords(words: Int32Array, view: DataView, at: number): void {
  for (let t = 0; t < 16; t++) words[t] = view.getInt32(at + 4 * t);
  for (let t = 16; t < 80; t++) {
    const last = (words[t - 3] ?? 0) ^ (words[t - 8] ?? 0);
    words[t] = turned(last ^ (words[t - 14] ?? 0) ^ (words[t - 16] ?? 0), 1);
  }
}

/** §6.1, steps c to e. */
function digestBlock(state: Int32Array, words: Int32Array): void {
  let [a = 0, b = 0, c = 0, d = 0, e = 0] = state;
  for (let t = 0; t < 80; t++) {
    const next = (turned(a, 5) + mixed(t, b, c, d) + e + (words[t] ?? 0)) | 0;
    e = d;
    d = c;
    c = turned(b, 30);
    b = a;
    a = next;
  }
  [a, b, c, d, e].forEach((word, i) => {
    state[i] = (state[i] ?? 0) + word;
  });
}

/** 20 bytes; a message is shorter than 512 MiB. */
export function sha1(message: Uint8Array): Uint8Array {
  const view = padded(message);
  const state = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0);
  const words = new Int32Array(80);
  for (let at = 0; at < view.byteLength; at += BLOCK_BYTES) {
    readWords(words, view, at);
    digestBlock(state, words);
  }
  const digest = new DataView(new ArrayBuffer(20));
  state.forEach((word, i) => {
    digest.setInt32(4 * i, word);
  });
  return new Uint8Array(digest.buffer);
}
