// Frames in, fates counted, the connections of the owned partitions tracked: what a file's shard
// and a live worker share.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "flow/tracker.h"
#include "source/filter.h"

namespace deadair {

class Intake {
 public:
  // `filter`: a libpcap expression, empty for none; `sources`: how many the frames' numbers may
  // name.
  Intake(const TrackerOptions& options, const std::string& filter, size_t sources);

  // At most Tracker::kBlock frames; their bytes are not looked at again afterwards.
  void Take(std::span<const Frame> frames);

  Tracker& tracker() { return tracker_; }
  const Tracker& tracker() const { return tracker_; }
  // A tunnel was seen: its directions may part where a kernel parts frames by their outer headers.
  bool tunnels() const { return tunnels_; }
  using Fates = std::array<uint64_t, static_cast<size_t>(Fate::kCount)>;
  const std::vector<Fates>& fates() const { return fates_; }
  const std::vector<uint64_t>& filtered() const { return filtered_; }

 private:
  std::span<const Frame> Filtered(std::span<const Frame> frames);
  Glance* Odd(const Frame& frame, Glance* to);
  Glance* InVxlan(const Frame& frame, const Wrapped& inner, Glance* to);
  Glance* Put(const Glance& glance, Glance* to);
  void Meet(const Frame& frame);
  Glance* Turn(const Frame& frame, Glance* to);
  Glance* Flush(const Glance* end);

  std::unique_ptr<Filter> filter_;
  Tracker tracker_;
  uint64_t partitions_;
  std::array<Glance, Tracker::kBlock> glances_;
  std::array<Packet, Tracker::kBlock>
      packets_;  // of those that are not straight, by the same index
  std::vector<Frame> filtered_frames_;
  bool tunnels_ = false;
  std::vector<Fates> fates_;
  std::vector<uint64_t> filtered_;
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

}  // namespace deadair
