#include "flow/shard.h"

#include <chrono>
#include <utility>

#include "flow/crew.h"
#include "flow/inflow.h"

namespace deadair {
namespace {

constexpr size_t kRecordBuffer = 8192;   // records in hand at which Run comes back
constexpr int kBlocksBetweenLooks = 64;  // blocks between two looks at the clock

// All of it in the thread of the caller.
class Alone final : public Shard {
 public:
  Alone(const ShardOptions& options, std::unique_ptr<Timeline> timeline)
      : tracker_(options.tracker),
        inflow_(std::move(timeline), tracker_, options.tracker, options.filter) {}

  bool ok() const override { return tracker_.ok(); }

  bool Run(uint32_t milliseconds) override {
    using Clock = std::chrono::steady_clock;
    const auto until = Clock::now() + std::chrono::milliseconds(milliseconds);
    do {
      for (int i = 0; i < kBlocksBetweenLooks; i++) {
        if (inflow_.Next()) continue;
        if (timeline().ended()) return true;
        break;
      }
      if (tracker_.silences().size() >= kRecordBuffer) return false;
    } while (Clock::now() < until);
    return timeline().ended();
  }

  Progress progress() const override {
    return {timeline().bytes_read(), timeline().bytes_total(), inflow_.frames(),
            taken_ + tracker_.silences().size()};
  }

  std::vector<std::vector<Silence>> TakeSilences() override {
    taken_ += tracker_.silences().size();
    return {std::exchange(tracker_.silences(), {})};
  }
  std::vector<std::vector<Birth>> TakeBirths() override {
    return {std::exchange(tracker_.births(), {})};
  }

  void Finish() override { tracker_.Finish(); }
  const Timeline& timeline() const override { return inflow_.timeline(); }
  const Accounts& accounts() const override { return inflow_.accounts(); }
  std::vector<Tracker*> trackers() override { return {&tracker_}; }

 private:
  Tracker tracker_;
  Inflow<Tracker> inflow_;
  uint64_t taken_ = 0;
};

}  // namespace

std::unique_ptr<Shard> Shard::Open(const ShardOptions& options, Problem* problem,
                                   std::string* culprit) {
  std::unique_ptr<Timeline> timeline =
      Timeline::Open(options.paths, problem, culprit, options.apart);
  if (timeline == nullptr) return nullptr;
  if (options.helpers > 0 && !timeline->tied()) return StartCrew(options, std::move(timeline));
  return std::make_unique<Alone>(options, std::move(timeline));
}

}  // namespace deadair
