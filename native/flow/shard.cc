#include "flow/shard.h"

#include <algorithm>
#include <chrono>

#include "source/guard.h"

namespace deadair {
namespace {

constexpr size_t kRecordBuffer = 8192;   // records in hand at which Run comes back
constexpr int kBlocksBetweenLooks = 64;  // blocks between two looks at the clock

}  // namespace

std::unique_ptr<Shard> Shard::Open(const ShardOptions& options, Problem* problem,
                                   std::string* culprit) {
  std::unique_ptr<Timeline> timeline =
      Timeline::Open(options.paths, problem, culprit, options.apart, options.ahead);
  if (timeline == nullptr) return nullptr;
  return std::unique_ptr<Shard>(new Shard(options, std::move(timeline)));
}

Shard::Shard(const ShardOptions& options, std::unique_ptr<Timeline> timeline)
    : timeline_(std::move(timeline)),
      intake_(options.tracker, options.filter, timeline_->sources()) {}

bool Shard::Run(uint32_t milliseconds) {
  using Clock = std::chrono::steady_clock;
  const auto until = Clock::now() + std::chrono::milliseconds(milliseconds);
  do {
    for (int i = 0; i < kBlocksBetweenLooks; i++) {
      // A file that shrinks under the mapping costs the block in hand, not the process.
      size_t got = 0;
      if (!GuardMapped([&] { got = Block(); })) continue;
      if (got == 0) {
        if (timeline_->ended()) return true;
        break;
      }
    }
    if (tracker().silences().size() >= kRecordBuffer) return false;
  } while (Clock::now() < until);
  return timeline_->ended();
}

size_t Shard::Block() {
  const size_t got = timeline_->Next(frames_in_hand_);
  frames_ += got;
  const size_t before = tracker().silences().size();
  std::span<const Frame> ordered = tidy_.Order({frames_in_hand_.data(), got}, got == 0);
  while (!ordered.empty()) {
    const std::span<const Frame> some = ordered.first(std::min(ordered.size(), Tracker::kBlock));
    intake_.Take(some);
    ordered = ordered.subspan(some.size());
  }
  records_ += tracker().silences().size() - before;
  return got;
}

}  // namespace deadair
