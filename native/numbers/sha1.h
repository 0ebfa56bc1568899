// SHA-1 (RFC 3174) of a few bytes, for names that other programs compute alike: no secret depends
// on it. Written out because Node's own (node:crypto) takes longer to load than a small capture to
// analyse, and here because a report of a thousand findings asks a thousand times.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace deadair {

inline constexpr size_t kSha1Bytes = 20;

std::array<uint8_t, kSha1Bytes> Sha1(std::span<const uint8_t> message);

}  // namespace deadair
