// One interface of a pcapng section: what its description block says about every packet of it.
#pragma once
#include <cstdint>
#include <span>

#include "source/bytes.h"
#include "source/source.h"

namespace deadair {

// if_tsresol and if_tsoffset: ticks of any resolution to nanoseconds since 1970, exactly, rounded
// down.
class TickClock {
 public:
  TickClock() { Set(6, 0); }  // microseconds unless said otherwise
  // The option's byte (top bit: a power of two, else of ten) and seconds to add.
  void Set(uint8_t resolution, int64_t offset_seconds);
  uint64_t per_second() const;

  uint64_t ToNs(uint64_t ticks) const {
    return ticks < plain_until_ ? ticks * factor_ : Exactly(ticks);
  }

 private:
  uint64_t Exactly(uint64_t ticks) const;

  uint64_t plain_until_ = 0;  // below this a multiplication does; 0 where an offset is to be added
  uint64_t factor_ = 0;
  int64_t offset_seconds_ = 0;
  uint8_t resolution_ = 0;
};

struct Interface {
  TickClock clock;
  uint64_t dropped_by_statistics = 0;  // the newest statistics block's running totals
  uint64_t dropped_by_packets = 0;     // added up from packet blocks
  uint32_t snaplen = 0;                // 0 unlimited
  uint16_t link_type = 0;
  uint16_t point = 0;
  uint8_t fcs_bytes = 0;
};

// Calls visit(code, value) for each option; a list that runs out of its block ends there.
template <bool kSwap, class Visit>
void EachOption(std::span<const uint8_t> options, Visit visit) {
  while (options.size() >= 4) {
    const uint16_t code = Read16<kSwap>(options.data()), bytes = Read16<kSwap>(options.data() + 2);
    if (code == 0 || bytes > options.size() - 4) return;
    visit(code, options.subspan(4, bytes));
    const size_t step = 4 + PaddedTo4(bytes);
    if (step >= options.size()) return;
    options = options.subspan(step);
  }
}

// Reads the body of an interface description block (from the link type on, 8 bytes at least). The
// point's ordinal is the caller's.
template <bool kSwap>
Interface ReadInterface(std::span<const uint8_t> body, CapturePoint* point);

}  // namespace deadair
