#include "flow/tidy.h"

#include <algorithm>
#include <cstring>

namespace deadair {

std::span<const Frame> Tidy::Sort(std::span<const Frame> block, bool last) {
  constexpr size_t kMostHeld = 256;  // chosen: what a millisecond of a busy link may hold
  untidy_ = true;
  frames_.assign(held_.begin(), held_.end());
  bytes_in_use_.swap(bytes_);
  held_.clear();
  for (const Frame& frame : block) {
    auto at = frames_.end();
    while (at != frames_.begin() && (at - 1)->at_ns > frame.at_ns &&
           (at - 1)->at_ns - frame.at_ns < kWindowNs)
      --at;
    frames_.insert(at, frame);
  }
  size_t go = frames_.size();
  const uint64_t latest = frames_.empty() ? 0 : frames_.back().at_ns;
  while (!last && go > 0 && frames_.size() - go < kMostHeld &&
         latest - frames_[go - 1].at_ns < kWindowNs)
    --go;
  Hold(go);
  return {frames_.data(), go};
}

// Copies the frames from `from` on: their source takes its bytes back at the next block.
void Tidy::Hold(size_t from) {
  size_t bytes = 0;
  for (size_t i = from; i < frames_.size(); i++) bytes += frames_[i].captured;
  bytes_.resize(bytes);
  size_t at = 0;
  for (size_t i = from; i < frames_.size(); i++) {
    Frame copy = frames_[i];
    if (copy.captured != 0) std::memcpy(bytes_.data() + at, copy.data, copy.captured);
    copy.data = bytes_.data() + at;
    at += copy.captured;
    held_.push_back(copy);
  }
}

}  // namespace deadair
