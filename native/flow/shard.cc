#include "flow/shard.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "flow/crew.h"
#include "flow/tidy.h"
#include "source/guard.h"

namespace deadair {
namespace {

constexpr int kBlocksBetweenLooks = 64;  // blocks between two looks at the clock

// All of it in the thread of the caller.
class Alone final : public Shard {
 public:
  Alone(const ShardOptions& options, std::unique_ptr<Timeline> timeline)
      : timeline_(std::move(timeline)),
        intake_(options.tracker, options.filter, timeline_->sources()) {}

  bool ok() const override { return intake_.tracker().ok(); }

  bool Run(uint32_t milliseconds) override {
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
    } while (Clock::now() < until);
    return timeline_->ended();
  }

  Progress progress() const override {
    return {timeline_->bytes_read(), timeline_->bytes_total(), frames_,
            intake_.tracker().silences().size()};
  }

  void Finish() override { tracker().Finish(); }
  const Timeline& timeline() const override { return *timeline_; }
  const Intake& intake() const override { return intake_; }
  Tracker& tracker() override { return intake_.tracker(); }

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
  Intake intake_;
  std::array<Frame, Tracker::kBlock> frames_in_hand_;
  uint64_t frames_ = 0;
};

}  // namespace

std::unique_ptr<Shard> Shard::Open(const ShardOptions& options, Problem* problem,
                                   std::string* culprit) {
  if (options.helpers > 0) return OpenCrew(options, problem, culprit);
  std::unique_ptr<Timeline> timeline =
      Timeline::Open(options.paths, problem, culprit, options.apart);
  if (timeline == nullptr) return nullptr;
  return std::make_unique<Alone>(options, std::move(timeline));
}

}  // namespace deadair
