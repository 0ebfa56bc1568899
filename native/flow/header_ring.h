// The most recent frames, in a bounded ring, so that a finding can be shown with what came before
// it. Memory is taken when it is first wanted, a step ahead; the oldest frame goes when a new one
// needs its place.
#pragma once
#include <cstdint>
#include <vector>

#include "flow/arena.h"
#include "flow/carver.h"
#include "packet.h"

namespace deadair {

class HeaderRing {
 public:
  explicit HeaderRing(uint32_t bytes);

  // A frame that carries TCP, or an ICMP error that quotes some; others are left out.
  void Keep(const Frame& frame);
  // What is held of these connections, oldest first, at most `most_bytes` of it.
  std::vector<CarvedFrame> Find(const std::vector<CarverTuple>& tuples, size_t most_bytes) const;
  bool ok() const { return bytes_ != nullptr; }

 private:
  struct Entry {
    uint64_t at_ns, number;
    uint32_t hash;  // of the tuple, capture point and tunnel left out
    uint32_t wire;
    uint16_t captured;  // kSkip: nothing up to the end of the ring
    uint16_t link_type, capture_point, reserved;
  };
  static_assert(sizeof(Entry) == 32);
  static constexpr uint16_t kSkip = 0xffff;

  Entry* At(uint32_t offset) const { return reinterpret_cast<Entry*>(bytes_ + offset); }
  uint32_t SizeAt(uint32_t offset) const;
  void DropOldest();
  uint32_t Room(uint32_t need);

  Arena arena_;
  uint8_t* bytes_;
  uint32_t size_;
  uint32_t head_ = 0, tail_ = 0;  // next to write, oldest
  uint32_t used_ = 0;
};

}  // namespace deadair
