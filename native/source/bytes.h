// Numbers out of capture files, at any alignment, in the byte order of the machine that wrote them.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace deadair {

template <bool kSwap>
inline uint16_t Read16(const uint8_t* at) {
  uint16_t value;
  std::memcpy(&value, at, sizeof value);
  return kSwap ? __builtin_bswap16(value) : value;
}

template <bool kSwap>
inline uint32_t Read32(const uint8_t* at) {
  uint32_t value;
  std::memcpy(&value, at, sizeof value);
  return kSwap ? __builtin_bswap32(value) : value;
}

template <bool kSwap>
inline uint64_t Read64(const uint8_t* at) {
  uint64_t value;
  std::memcpy(&value, at, sizeof value);
  return kSwap ? __builtin_bswap64(value) : value;
}

inline constexpr uint64_t PaddedTo4(uint64_t bytes) { return (bytes + 3) & ~uint64_t{3}; }

}  // namespace deadair
