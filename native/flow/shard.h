// One shard of an analysis: every frame of the time line is read, the connections of the owned
// partitions are tracked, the rest is dropped. Shards share nothing with each other; within one,
// threads may help (crew.h).
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "flow/intake.h"
#include "source/timeline.h"

namespace deadair {

struct ShardOptions {
  std::vector<std::string> paths;
  std::string filter;    // empty: none
  bool apart = false;    // sources are several vantages, not one
  uint32_t helpers = 0;  // threads that may work beside the caller's: cores are idle
  TrackerOptions tracker;
};

class Shard {
 public:
  struct Progress {
    uint64_t bytes_read, bytes_total;  // 0 unknown (a pipe)
    uint64_t frames, records;
  };

  // Null when a source cannot be opened, with the problem and the path it is about.
  static std::unique_ptr<Shard> Open(const ShardOptions& options, Problem* problem,
                                     std::string* culprit);
  virtual ~Shard() = default;

  // False: there was no address range for the table of connections.
  virtual bool ok() const = 0;
  // Works until the time is over, or nothing is left (true); alone also until many records are in
  // hand.
  virtual bool Run(uint32_t milliseconds) = 0;
  virtual Progress progress() const = 0;
  // What was recorded since the last call, of each tracker.
  virtual std::vector<std::vector<Silence>> TakeSilences() = 0;
  virtual std::vector<std::vector<Birth>> TakeBirths() = 0;
  // The end, or an early one: what is open is closed.
  virtual void Finish() = 0;

  // After Finish.
  virtual const Timeline& timeline() const = 0;
  virtual const Accounts& accounts() const = 0;
  // Each with connections of its own.
  virtual std::vector<Tracker*> trackers() = 0;
};

}  // namespace deadair
