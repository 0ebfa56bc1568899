// Packets that were written a little out of order (several queues, several interfaces) put back by
// their times.
//
// Only neighbours of less than a millisecond change places: a step of the clock is evidence, not
// disorder. A capture in order, as nearly all are, passes untouched; from the first disorder on the
// last millisecond of each block is copied and held until the next one shows whether something
// belongs before it. (A pair that straddles two blocks before any disorder was seen stays as it
// is.)
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "packet.h"

namespace deadair {

class Tidy {
 public:
  static constexpr uint64_t kWindowNs =
      1000000;  // chosen: below a round trip that could hide in it

  // The frames to go on with, in order; their bytes are valid until the next call, as the block's
  // are. `last`: nothing comes behind this block for now, so that nothing is held.
  std::span<const Frame> Order(std::span<const Frame> block, bool last) {
    if (untidy_ || !InOrder(block)) [[unlikely]]
      return Sort(block, last);
    return block;
  }

 private:
  // Times are below 2^63, so a step back shows in the sign of the difference.
  bool InOrder(std::span<const Frame> block) {
    uint64_t steps = 0, at = last_at_;
    for (const Frame& frame : block) {
      steps |= frame.at_ns - at;
      at = frame.at_ns;
    }
    last_at_ = at;
    return static_cast<int64_t>(steps) >= 0;
  }
  std::span<const Frame> Sort(std::span<const Frame> block, bool last);
  void Hold(size_t from);

  uint64_t last_at_ = 0;
  bool untidy_ = false;
  std::vector<Frame> frames_;  // what was held, then the block
  std::vector<Frame> held_;    // their bytes are in bytes_
  std::vector<uint8_t> bytes_, bytes_in_use_;
};

}  // namespace deadair
