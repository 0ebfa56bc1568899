// A shard with helping threads and one without, over the same captures, one by one and all of them
// as one time line:
//
//   crew_test [--without-threads] FILE... → "N captures, the same in every crew"
//
// Built with ThreadSanitizer it is also asked whether the threads ever meet. --without-threads: in
// a process that may start none.
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "flow/shard.h"
#include "source/thread.h"

namespace {

using namespace deadair;

using Paths = std::vector<std::string>;

ShardOptions OptionsFor(const Paths& paths, uint32_t helpers) {
  ShardOptions options;
  options.paths = paths;
  options.helpers = helpers;
  options.tracker.shortest_ns = 250000000;
  options.tracker.max_flows = 6400;
  return options;
}

std::unique_ptr<Shard> Open(const Paths& paths, uint32_t helpers) {
  Problem problem;
  std::string culprit;
  auto shard = Shard::Open(OptionsFor(paths, helpers), &problem, &culprit);
  if (shard == nullptr) std::fprintf(stderr, "%s: %s\n", culprit.c_str(), problem.what.c_str());
  return shard;
}

// Everything that was found, in an order that no thread decides.
class Found {
 public:
  void Count(Shard* shard) {
    for (Shard* part : shard->parts()) {
      KeepAll(part->tracker().silences());
      KeepAll(part->tracker().births());
    }
    for (const auto& fates : shard->intake().fates()) Keep(fates);
    uint64_t flows = 0, established = 0, survived = 0, resets = 0, evicted = 0, mirrored = 0;
    for (Shard* part : shard->parts()) {
      const TrackerCounters counters = part->tracker().counters();
      flows += counters.flows_seen;
      established += counters.flows_established;
      survived += counters.silences.survived;
      resets += counters.resets.abort + counters.resets.after_fin;
      mirrored += counters.mirrored;
      for (const uint64_t some : counters.evicted) evicted += some;
    }
    const uint64_t last = shard->tracker().clock(0).last_at();
    for (const uint64_t sum : {flows, established, survived, resets, evicted, mirrored, last})
      Keep(sum);
    Keep(shard->progress().frames);
    Keep(shard->progress().bytes_read);
    std::sort(parts_.begin(), parts_.end());
  }

  bool operator==(const Found&) const = default;

 private:
  template <class Record>
  void KeepAll(const Records<Record>& records) {
    for (const auto& some : records.bytes())
      for (size_t at = 0; at < some.size(); at += sizeof(Record))
        parts_.emplace_back(reinterpret_cast<const char*>(&some[at]), sizeof(Record));
  }

  template <class Record>
  void Keep(const Record& record) {
    parts_.emplace_back(reinterpret_cast<const char*>(&record), sizeof record);
  }

  std::vector<std::string> parts_;
};

Found Analysed(Shard* shard) {
  Found found;
  while (!shard->Run(1)) continue;
  shard->Finish();
  found.Count(shard);
  return found;
}

// In the middle of it: ended early, or dropped.
void LeaveEarly(const Paths& paths) {
  auto ended = Open(paths, 2);
  ended->Run(0);
  ended->Finish();
  Found().Count(ended.get());
  ended.reset();
  Open(paths, 2)->Run(0);
  Open(paths, 1);
}

bool IsSame(const Paths& paths) {
  auto alone = Open(paths, 0);
  if (alone == nullptr) return false;
  const Found expected = Analysed(alone.get());
  alone.reset();
  LeaveEarly(paths);
  for (const uint32_t helpers : {1, 2, 3}) {
    if (Analysed(Open(paths, helpers).get()) == expected) continue;
    std::printf("%s: another with %u helpers\n", paths[0].c_str(), helpers);
    return false;
  }
  return true;
}

// Root may start as many as it likes.
bool ForbidThreads() {
  const rlimit none = {0, 0};
  if (setrlimit(RLIMIT_NPROC, &none) != 0 || (geteuid() == 0 && setuid(65534) != 0)) return false;
  return !StartThread("none", [] {}).joinable();
}

}  // namespace

int main(int count, char** words) {
  Paths paths(words + 1, words + count);
  const bool alone = !paths.empty() && paths[0] == "--without-threads";
  if (alone) {
    paths.erase(paths.begin());
    if (!ForbidThreads()) return 2;
  }
  for (const std::string& path : paths)
    if (!IsSame({path})) return 1;
  if (paths.size() > 1 && !IsSame(paths)) return 1;
  std::printf("%zu captures, the same in every crew\n", paths.size());
  if (!alone) return 0;
  std::fflush(stdout);
  _exit(0);  // the search for leaks wants a thread
}
