// Frames of a time line, put in order, a block at a time into an intake.
#pragma once
#include <algorithm>
#include <array>
#include <memory>
#include <span>
#include <string>

#include "flow/intake.h"
#include "flow/tidy.h"
#include "source/guard.h"
#include "source/timeline.h"

namespace deadair {

template <class To>
class Inflow {
 public:
  Inflow(std::unique_ptr<Timeline> timeline, To& to, const TrackerOptions& options,
         const std::string& filter)
      : timeline_(std::move(timeline)),
        intake_(to, PartitionsOf(options.shard, options.shards), filter, timeline_->sources()) {}

  // False: nothing came for now, or it has ended. A file that shrinks under the mapping costs the
  // block in hand, not the process.
  bool Next() {
    size_t got = 0;
    if (!GuardMapped([&] { got = Block(); })) return true;
    return got != 0;
  }

  const Timeline& timeline() const { return *timeline_; }
  const Accounts& accounts() const { return intake_.accounts(); }
  uint64_t frames() const { return frames_; }

 private:
  size_t Block() {
    const size_t got = timeline_->Next(frames_in_hand_);
    frames_ += got;
    std::span<const Frame> ordered = tidy_.Order({frames_in_hand_.data(), got}, got == 0);
    while (!ordered.empty()) {
      const std::span<const Frame> some = ordered.first(std::min(ordered.size(), Tracker::kBlock));
      intake_.Take(some);
      ordered = ordered.subspan(some.size());
    }
    return got;
  }

  const std::unique_ptr<Timeline> timeline_;
  Tidy tidy_;
  Intake<To> intake_;
  std::array<Frame, Tracker::kBlock> frames_in_hand_;
  uint64_t frames_ = 0;
};

}  // namespace deadair
