// One shard of an analysis: every frame of the time line is read and decoded, the connections of
// the owned partitions are tracked, the rest is dropped. Shards share nothing.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "flow/tracker.h"
#include "source/filter.h"
#include "source/timeline.h"

namespace deadair {

struct ShardOptions {
  std::vector<std::string> paths;
  std::string filter;  // empty: none
  bool apart = false;  // sources are several vantages, not one
  TrackerOptions tracker;
};

class Shard {
 public:
  // Null when a source cannot be opened, with the problem and the path it is about.
  static std::unique_ptr<Shard> Open(const ShardOptions& options, Problem* problem,
                                     std::string* culprit);

  // Works until the time is over, the record buffer is full, or nothing is left (true).
  bool Run(uint32_t milliseconds);
  void Finish() { tracker_.Finish(); }

  Tracker& tracker() { return tracker_; }
  const Timeline& timeline() const { return *timeline_; }
  using Fates = std::array<uint64_t, static_cast<size_t>(Fate::kCount)>;
  const std::vector<Fates>& fates() const { return fates_; }
  const std::vector<uint64_t>& filtered() const { return filtered_; }
  uint64_t frames() const { return frames_; }
  uint64_t records() const { return records_; }

 private:
  Shard(const ShardOptions& options, std::unique_ptr<Timeline> timeline);
  size_t Block();
  void Take(const Frame& frame);
  void Meet(const Frame& frame);
  void Flush();

  std::unique_ptr<Timeline> timeline_;
  std::unique_ptr<Filter> filter_;
  Tracker tracker_;
  std::array<Frame, Tracker::kBlock> frames_in_hand_;
  std::array<Packet, Tracker::kBlock> packets_;
  size_t owned_ = 0;
  uint64_t partitions_;
  // Of the source and the capture point that the last frame came from; most frames come from the
  // same.
  uint64_t source_in_hand_ = UINT64_MAX;
  uint32_t point_in_hand_ = UINT32_MAX;
  uint64_t* fates_in_hand_ = nullptr;
  CaptureClock* clock_in_hand_ = nullptr;
  std::vector<Fates> fates_;
  std::vector<uint64_t> filtered_;
  uint64_t frames_ = 0;
  uint64_t records_ = 0;
};

}  // namespace deadair
