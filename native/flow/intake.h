// Frames in, fates counted, the packets of the owned partitions handed on: to a tracker, of a
// file's shard or of a live worker, or to a dealer, behind which several trackers work.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "flow/dealer.h"
#include "flow/tracker.h"
#include "source/filter.h"

namespace deadair {

// What became of the frames, by source.
struct Accounts {
  using Fates = std::array<uint64_t, static_cast<size_t>(Fate::kCount)>;
  explicit Accounts(size_t sources) : fates(sources), filtered(sources) {}
  std::vector<Fates> fates;
  std::vector<uint64_t> filtered;  // that the expression did not let through
  // A tunnel was seen: its directions may part where a kernel parts frames by their outer headers.
  bool tunnels = false;
};

// `To` is a Tracker or a Dealer: both have the capture clocks (clock, Tick), and take packets
// (Expect, Process) and quotes (Quote).
template <class To>
class Intake {
 public:
  // `partitions`: as PartitionsOf; `filter`: a libpcap expression, empty for none; `sources`: how
  // many the frames' numbers may name.
  Intake(To& to, uint64_t partitions, const std::string& filter, size_t sources);

  // At most Tracker::kBlock frames; their bytes are not looked at again afterwards.
  void Take(std::span<const Frame> frames);

  const Accounts& accounts() const { return accounts_; }

 private:
  std::span<const Frame> Filtered(std::span<const Frame> frames);
  Glance* Odd(const Frame& frame, Glance* to);
  Glance* InVxlan(const Frame& frame, const Wrapped& inner, Glance* to);
  Glance* Put(const Glance& glance, Glance* to);
  void Meet(const Frame& frame);
  Glance* Turn(const Frame& frame, Glance* to);
  Glance* Flush(const Glance* end);

  To& to_;
  const std::unique_ptr<Filter> filter_;
  const uint64_t partitions_;
  std::array<Glance, Tracker::kBlock> glances_;
  std::array<Packet, Tracker::kBlock>
      packets_;  // of those that are not straight, by the same index
  std::vector<Frame> filtered_frames_;
  Accounts accounts_;
  // Of the source and the capture point of the last frame; most frames come from the same.
  struct Hand {
    uint64_t source = UINT64_MAX;
    uint32_t point = UINT32_MAX;
    uint32_t seen_in = 0;
    uint64_t seed = 0;
    uint64_t realm = 0;
    uint64_t* fates = nullptr;
    CaptureClock* clock = nullptr;
  } hand_;
};

extern template class Intake<Tracker>;
extern template class Intake<Dealer>;

}  // namespace deadair
