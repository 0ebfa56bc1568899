#include "source/interface.h"

#include <algorithm>

#include "source/classic.h"
#include "source/parser.h"

namespace deadair {
namespace {

constexpr uint64_t kNsPerSecond = 1000000000;
constexpr uint16_t kName = 2, kTsResol = 9, kFcsLen = 13,
                   kTsOffset = 14;    // draft-ietf-opsawg-pcapng 4.2
constexpr size_t kLongestName = 255;  // chosen; IFNAMSIZ is 16
constexpr uint8_t kBinary = 0x80;

// 10^exponent, or 0 where 64 bits do not hold it.
constexpr uint64_t PowerOfTen(unsigned exponent) {
  if (exponent > 19) return 0;
  uint64_t power = 1;
  while (exponent-- > 0) power *= 10;
  return power;
}

// The draft says bits and gives the example "4"; writers do both. No checksum has fewer than 16
// bits or more than 8 bytes, so the number tells.
uint8_t FcsBytes(uint8_t said) {
  return said >= 16 ? std::min(said / 8, 8) : std::min<int>(said, 8);
}

}  // namespace

void TickClock::Set(uint8_t resolution, int64_t offset_seconds) {
  resolution_ = resolution;
  offset_seconds_ = offset_seconds;
  factor_ = resolution <= 9 ? PowerOfTen(9 - resolution) : 0;
  plain_until_ = factor_ != 0 && offset_seconds == 0 ? kLastNs / factor_ : 0;
}

uint64_t TickClock::per_second() const {
  const unsigned exponent = resolution_ & 0x7f;
  if (resolution_ & kBinary) return exponent < 64 ? uint64_t{1} << exponent : UINT64_MAX;
  const uint64_t power = PowerOfTen(exponent);
  return power != 0 ? power : UINT64_MAX;
}

uint64_t TickClock::Exactly(uint64_t ticks) const {
  const unsigned exponent = resolution_ & 0x7f;
  unsigned __int128 ns = 0;  // 2^64 ticks · 10^9 < 2^94
  if (resolution_ & kBinary) {
    ns = exponent < 94 ? static_cast<unsigned __int128>(ticks) * kNsPerSecond >> exponent : 0;
  } else if (exponent <= 9) {
    ns = static_cast<unsigned __int128>(ticks) * PowerOfTen(9 - exponent);
  } else if (const uint64_t divisor = PowerOfTen(exponent - 9); divisor != 0) {
    ns = ticks / divisor;
  }
  const __int128 at =
      static_cast<__int128>(ns) + static_cast<__int128>(offset_seconds_) * kNsPerSecond;
  return static_cast<uint64_t>(std::clamp<__int128>(at, 0, kLastNs));
}

template <bool kSwap>
Interface ReadInterface(std::span<const uint8_t> body, CapturePoint* point) {
  Interface interface;
  interface.link_type = PortableLinkType(Read16<kSwap>(body.data()));
  interface.snaplen = Read32<kSwap>(body.data() + 4);
  uint8_t resolution = 6;
  int64_t offset_seconds = 0;
  EachOption<kSwap>(body.subspan(8), [&](uint16_t code, std::span<const uint8_t> value) {
    if (code == kName)
      point->name.assign(value.begin(), value.begin() + std::min(value.size(), kLongestName));
    if (code == kTsResol && !value.empty()) resolution = value[0];
    if (code == kFcsLen && !value.empty()) interface.fcs_bytes = FcsBytes(value[0]);
    if (code == kTsOffset && value.size() >= 8)
      offset_seconds = static_cast<int64_t>(Read64<kSwap>(value.data()));
  });
  interface.clock.Set(resolution, offset_seconds);
  point->link_type = interface.link_type;
  point->snaplen = interface.snaplen;
  point->ts_per_second = interface.clock.per_second();
  return interface;
}

template Interface ReadInterface<false>(std::span<const uint8_t>, CapturePoint*);
template Interface ReadInterface<true>(std::span<const uint8_t>, CapturePoint*);

}  // namespace deadair
