#include "flow/crew.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>
#include <utility>

#include "flow/dealer.h"
#include "flow/inflow.h"
#include "flow/patience.h"
#include "source/thread.h"

namespace deadair {
namespace {

constexpr uint32_t kLanes = 4;           // measured: docs/decisions/0008-lanes.md
constexpr int kBlocksBetweenLooks = 64;  // of the reading thread, between two words on its progress

class Crew final : public Shard {
 public:
  Crew(const ShardOptions& options, std::unique_ptr<Timeline> timeline)
      : dealer_(options.tracker, kLanes),
        bytes_total_(timeline->bytes_total()),
        inflow_(std::move(timeline), dealer_, options.tracker, options.filter) {}

  ~Crew() override { Stop(); }

  void Start(uint32_t helpers) {
    reader_ = StartThread("deadair-read", [this] { Read(); });
    for (uint32_t i = 1; i < helpers; i++)
      workers_.push_back(StartThread("deadair-track", [this, i] { WorkUntilDone(i); }));
  }

  bool ok() const override {
    return std::all_of(dealer_.lanes().begin(), dealer_.lanes().end(),
                       [](const auto& lane) { return lane->tracker().ok(); });
  }

  bool Run(uint32_t milliseconds) override {
    using Clock = std::chrono::steady_clock;
    const auto until = Clock::now() + std::chrono::milliseconds(milliseconds);
    Patience patience;
    size_t turn = 0;
    if (stop_) return true;
    do {
      if (!reader_.joinable()) ReadSome();
      if (IsOver()) return true;
      if (dealer_.Work(turn++))
        patience.Reset();
      else if (reader_.joinable())
        patience.Rest();
    } while (Clock::now() < until);
    return IsOver();
  }

  Progress progress() const override {
    uint64_t records = 0;
    for (const auto& lane : dealer_.lanes()) records += lane->records();
    return {bytes_read_, bytes_total_, frames_, records};
  }

  std::vector<std::vector<Silence>> TakeSilences() override {
    return Taken<Silence>([](Tracker & tracker) -> auto& { return tracker.silences(); });
  }
  std::vector<std::vector<Birth>> TakeBirths() override {
    return Taken<Birth>([](Tracker & tracker) -> auto& { return tracker.births(); });
  }

  void Finish() override {
    Stop();
    dealer_.DealAll();
    for (size_t turn = 0; !dealer_.is_done(); turn++) dealer_.Work(turn);
    dealer_.SetClocks();
    for (const auto& lane : dealer_.lanes()) lane->Finish();
  }

  const Timeline& timeline() const override { return inflow_.timeline(); }
  const Accounts& accounts() const override { return inflow_.accounts(); }

  std::vector<Tracker*> trackers() override {
    std::vector<Tracker*> all;
    for (const auto& lane : dealer_.lanes()) all.push_back(&lane->tracker());
    return all;
  }

 private:
  // The reading thread.
  void Read() {
    while (!read_ && !stop_) ReadSome();
    WorkUntilDone(0);
  }

  // What has come is dealt out whenever nothing comes for now.
  void ReadSome() {
    for (int i = 0; i < kBlocksBetweenLooks && !stop_; i++) {
      if (inflow_.Next()) continue;
      dealer_.DealAll();
      if (timeline().ended()) read_ = true;
      break;
    }
    bytes_read_ = timeline().bytes_read();
    frames_ = inflow_.frames();
  }

  void WorkUntilDone(size_t turn) {
    Patience patience;
    while (!stop_ && !IsOver()) {
      if (dealer_.Work(turn++))
        patience.Reset();
      else
        patience.Rest();
    }
  }

  bool IsOver() const { return read_ && dealer_.is_done(); }

  void Stop() {
    stop_ = true;
    if (reader_.joinable()) reader_.join();
    for (std::thread& worker : workers_)
      if (worker.joinable()) worker.join();
  }

  template <class Record, class Of>
  std::vector<std::vector<Record>> Taken(Of&& of) {
    std::vector<std::vector<Record>> all;
    for (const auto& lane : dealer_.lanes())
      lane->Hold([&](Tracker& tracker) { all.push_back(std::exchange(of(tracker), {})); });
    return all;
  }

  Dealer dealer_;
  const uint64_t bytes_total_;
  Inflow<Dealer> inflow_;
  std::atomic<uint64_t> bytes_read_ = 0, frames_ = 0;
  std::atomic<bool> read_ = false;  // all that there is to read is dealt out
  std::atomic<bool> stop_ = false;
  std::thread reader_;
  std::vector<std::thread> workers_;
};

}  // namespace

std::unique_ptr<Shard> StartCrew(const ShardOptions& options, std::unique_ptr<Timeline> timeline) {
  auto crew = std::make_unique<Crew>(options, std::move(timeline));
  if (crew->ok()) crew->Start(options.helpers);
  return crew;
}

}  // namespace deadair
