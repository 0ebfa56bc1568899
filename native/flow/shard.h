// One shard of an analysis: every frame of the time line is read, the connections of the owned
// partitions are tracked, the rest is dropped. Shards share nothing.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "flow/intake.h"
#include "flow/tidy.h"
#include "source/timeline.h"

namespace deadair {

struct ShardOptions {
  std::vector<std::string> paths;
  std::string filter;  // empty: none
  bool apart = false;  // sources are several vantages, not one
  bool ahead = false;  // a core is idle: a thread may read ahead on it
  TrackerOptions tracker;
};

class Shard {
 public:
  // Null when a source cannot be opened, with the problem and the path it is about.
  static std::unique_ptr<Shard> Open(const ShardOptions& options, Problem* problem,
                                     std::string* culprit);

  // Works until the time is over, the record buffer is full, or nothing is left (true).
  bool Run(uint32_t milliseconds);
  void Finish() { tracker().Finish(); }

  Tracker& tracker() { return intake_.tracker(); }
  const Tracker& tracker() const { return intake_.tracker(); }
  const Intake& intake() const { return intake_; }
  const Timeline& timeline() const { return *timeline_; }
  uint64_t frames() const { return frames_; }
  uint64_t records() const { return records_; }

 private:
  Shard(const ShardOptions& options, std::unique_ptr<Timeline> timeline);
  size_t Block();

  std::unique_ptr<Timeline> timeline_;
  Tidy tidy_;
  Intake intake_;
  std::array<Frame, Tracker::kBlock> frames_in_hand_;
  uint64_t frames_ = 0;
  uint64_t records_ = 0;
};

}  // namespace deadair
