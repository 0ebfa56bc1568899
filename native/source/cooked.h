// A capture of Linux's `any` (SLL2) holds packets of all interfaces, each with the number of its
// own: a capture point for each number, so that both sides of a box are told apart as in a pcapng
// of several interfaces. The older SLL has no numbers; its packets stay at one point.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "packet.h"
#include "source/points.h"

namespace deadair {

// linktype.com: LINKTYPE_LINUX_SLL2.
inline constexpr uint16_t kSll2 = 276;

class CookedPoints {
 public:
  // The point of this frame in `table`; `own` and `base` are what its source says of where it was
  // captured.
  uint16_t Of(const Frame& frame, uint16_t own, const CapturePoint& base, uint32_t source,
              PointTable* table);

 private:
  // By the source's own point and the interface's number.
  std::map<std::pair<uint16_t, uint32_t>, uint16_t> known_;
};

}  // namespace deadair
