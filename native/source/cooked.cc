#include "source/cooked.h"

#include "source/bytes.h"

namespace deadair {
namespace {

// Chosen: more interfaces than a gateway has. A file that names more has its others at one point.
constexpr size_t kMostInterfaces = 1024;
// Protocol (2), reserved (2), then the number, big-endian.
constexpr size_t kNumberAt = 4;

// Interfaces have numbers from 1; 0 stands for "not said".
uint32_t NumberOf(const Frame& frame) {
  return frame.captured < kNumberAt + 4 ? 0
                                        : __builtin_bswap32(Read32<false>(frame.data + kNumberAt));
}

}  // namespace

uint16_t CookedPoints::Of(const Frame& frame, uint16_t own, const CapturePoint& base,
                          uint32_t source, PointTable* table) {
  uint32_t number = NumberOf(frame);
  auto found = known_.find({own, number});
  if (found != known_.end()) return found->second;
  if (known_.size() >= kMostInterfaces) {
    number = 0;
    found = known_.find({own, number});
    if (found != known_.end()) return found->second;
  }
  CapturePoint point = base;
  point.source = source;
  if (number != 0) {
    if (!point.name.empty()) point.name += ' ';
    point.name += "if" + std::to_string(number);
  }
  const uint16_t index = table->IndexOf(point);
  known_.emplace(std::pair(own, number), index);
  return index;
}

}  // namespace deadair
