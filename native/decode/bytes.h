// Numbers out of bytes, whatever their alignment.
#pragma once
#include <cstdint>
#include <cstring>

namespace deadair {

inline uint16_t Le16(const uint8_t* bytes) {
  uint16_t value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

inline uint32_t Le32(const uint8_t* bytes) {
  uint32_t value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

inline uint64_t Le64(const uint8_t* bytes) {
  uint64_t value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

inline uint16_t Be16(const uint8_t* bytes) { return __builtin_bswap16(Le16(bytes)); }
inline uint32_t Be24(const uint8_t* bytes) {
  return static_cast<uint32_t>(bytes[0]) << 16 | Be16(bytes + 1);
}
inline uint32_t Be32(const uint8_t* bytes) { return __builtin_bswap32(Le32(bytes)); }
inline uint64_t Be64(const uint8_t* bytes) { return __builtin_bswap64(Le64(bytes)); }

// The loads above take the host for little-endian, as every machine that Node ships binaries for
// is, but s390x.
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "big-endian hosts are not supported");

}  // namespace deadair
