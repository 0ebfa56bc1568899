// One shard of an analysis: every frame of the time line is read, the connections of the owned
// partitions are tracked, the rest is dropped. Shards share nothing.
//
// A shard may be divided further, among threads beside the caller's: they share no more than shards
// do, so that what is found is the same for any number of them.
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
  uint32_t helpers = 0;  // threads beside the caller's; each reads all sources once more
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
  // Works until the time is over, or nothing is left (true).
  virtual bool Run(uint32_t milliseconds) = 0;
  virtual Progress progress() const = 0;
  // The end, or an early one: what is open is closed.
  virtual void Finish() = 0;

  // After Finish: each thread's, with connections and records of its own. They have read the same
  // sources, but one may have lost a file that the others could read.
  virtual std::vector<Shard*> parts() { return {this}; }
  virtual const Timeline& timeline() const = 0;
  virtual const Intake& intake() const = 0;
  virtual Tracker& tracker() = 0;
};

}  // namespace deadair
