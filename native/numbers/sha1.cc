#include "numbers/sha1.h"

#include <bit>
#include <cstring>

#include "decode/bytes.h"

namespace deadair {
namespace {

constexpr size_t kBlock = 64;

// §5: what a round does with B, C and D, its constant included.
uint32_t Mixed(int round, uint32_t b, uint32_t c, uint32_t d) {
  if (round < 20) return ((b & c) | (~b & d)) + 0x5a827999;
  if (round < 40) return (b ^ c ^ d) + 0x6ed9eba1;
  if (round < 60) return ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
  return (b ^ c ^ d) + 0xca62c1d6;
}

// §6.1
void Digest(const uint8_t* block, uint32_t* state) {
  uint32_t words[80];
  for (int t = 0; t < 16; t++) words[t] = Be32(block + 4 * t);
  for (int t = 16; t < 80; t++)
    words[t] = std::rotl(words[t - 3] ^ words[t - 8] ^ words[t - 14] ^ words[t - 16], 1);
  uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
  for (int t = 0; t < 80; t++) {
    const uint32_t next = std::rotl(a, 5) + Mixed(t, b, c, d) + e + words[t];
    e = d;
    d = c;
    c = std::rotl(b, 30);
    b = a;
    a = next;
  }
  state[0] += a, state[1] += b, state[2] += c, state[3] += d, state[4] += e;
}

}  // namespace

std::array<uint8_t, kSha1Bytes> Sha1(std::span<const uint8_t> message) {
  uint32_t state[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  size_t at = 0;
  for (; message.size() - at >= kBlock; at += kBlock) Digest(message.data() + at, state);
  // §4: a one bit, zeros, and the length in bits.
  uint8_t tail[2 * kBlock] = {};
  const size_t rest = message.size() - at;
  if (rest != 0) std::memcpy(tail, message.data() + at, rest);
  tail[rest] = 0x80;
  const size_t end = rest + 9 <= kBlock ? kBlock : 2 * kBlock;
  const uint64_t bits = uint64_t{message.size()} * 8;
  for (size_t i = 0; i < 8; i++) tail[end - 1 - i] = static_cast<uint8_t>(bits >> (8 * i));
  for (size_t block = 0; block < end; block += kBlock) Digest(tail + block, state);
  std::array<uint8_t, kSha1Bytes> digest;
  for (size_t i = 0; i < kSha1Bytes; i++)
    digest[i] = static_cast<uint8_t>(state[i / 4] >> (24 - 8 * (i % 4)));
  return digest;
}

}  // namespace deadair
