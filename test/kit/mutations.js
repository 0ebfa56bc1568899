// @ts-check
/**
 * Damage, repeatable: from a seed and a number the same mutation of the same good bytes, for the addon's child
 * process and for the sanitized C++ alike. Plain JavaScript: Node 20 runs it without a compiler.
 */

/**
 * mulberry32: 32 bits of state are enough to be repeatable.
 * @param {number} seed
 */
export function randomFrom(seed) {
  let state = seed >>> 0;
  return (/** @type {number} */ below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** Lengths, versions and offsets that have broken readers before. */
const NASTY = [
  0, 1, 3, 4, 0x7f, 0xff, 0x7fff, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffffc, 0xffffffff,
];

/** @typedef {(bytes: Buffer, random: (below: number) => number) => Buffer} Mutation */

/** @type {readonly Mutation[]} */
const MUTATIONS = [
  function flipBit(bytes, random) {
    const at = random(bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
    return bytes;
  },
  function setByte(bytes, random) {
    bytes[random(bytes.length)] = random(256);
    return bytes;
  },
  function setWord(bytes, random) {
    if (bytes.length < 4) return bytes;
    const value = NASTY[random(NASTY.length)] ?? 0;
    const at = random(bytes.length - 3);
    if (random(2) === 0) bytes.writeUInt32LE(value, at);
    else bytes.writeUInt32BE(value, at);
    return bytes;
  },
  function setHalf(bytes, random) {
    if (bytes.length < 2) return bytes;
    bytes.writeUInt16BE((NASTY[random(NASTY.length)] ?? 0) & 0xffff, random(bytes.length - 1));
    return bytes;
  },
  function remove(bytes, random) {
    const from = random(bytes.length);
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + 1 + random(64))]);
  },
  function repeat(bytes, random) {
    const from = random(bytes.length);
    const until = from + 1 + random(200);
    return Buffer.concat([bytes.subarray(0, until), bytes.subarray(from)]);
  },
  function cut(bytes, random) {
    return bytes.subarray(0, 1 + random(bytes.length));
  },
];

/**
 * One to six mutations on top of each other; most of the file stays good, so that the damage is reached.
 * @param {readonly Buffer[]} good
 * @param {number} seed
 * @returns {Buffer}
 */
export function mutated(good, seed) {
  const random = randomFrom(Math.imul(seed + 1, 0x9e3779b1));
  /** @type {Buffer} */
  let bytes = Buffer.from(good[random(good.length)] ?? Buffer.alloc(1));
  for (let left = 1 + random(6); left > 0 && bytes.length > 0; left--) {
    bytes = MUTATIONS[random(MUTATIONS.length)]?.(bytes, random) ?? bytes;
  }
  return bytes;
}
