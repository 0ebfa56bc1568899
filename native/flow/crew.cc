#include "flow/crew.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "source/thread.h"

namespace deadair {
namespace {

constexpr uint32_t kSliceMs = 10;  // chosen: how long a helper does not look up

// Part i of n of what a shard owns.
ShardOptions PartOf(const ShardOptions& whole, uint32_t i, uint32_t n) {
  ShardOptions part = whole;
  part.helpers = 0;
  part.tracker.shard = whole.tracker.shard + whole.tracker.shards * i;
  part.tracker.shards = whole.tracker.shards * n;
  return part;
}

// A part on a thread of its own, on which it is opened as well: a mapping is guarded on the thread
// that made it.
class Helper {
 public:
  // kOpening → kWorking, and that is all where it could not open; → kEnded unless it was dropped.
  explicit Helper(const ShardOptions& options)
      : thread_(StartThread("deadair-track", [this, options] { Work(options); })) {}

  ~Helper() {
    Drop();
    Join();
  }

  // Opened its sources, or not: known once.
  bool WaitUntilOpen() {
    if (!thread_.joinable()) return false;
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return state_ != State::kOpening; });
    return part_ != nullptr && part_->ok();
  }

  // → whether it has.
  bool WaitUntilEnded(std::chrono::milliseconds most) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, most, [this] { return state_ == State::kEnded; });
  }

  uint64_t records() const { return records_; }

  // It ends where it is, what is open is closed; or nobody wants it any more.
  void Stop() { stop_ = true; }
  void Drop() { stop_ = drop_ = true; }

  // After one of them.
  void Join() {
    if (thread_.joinable()) thread_.join();
  }
  // After Join.
  Shard& part() { return *part_; }

 private:
  enum class State : uint8_t { kOpening, kWorking, kEnded };

  void Work(const ShardOptions& options) {
    Problem problem;
    std::string culprit;
    part_ = Shard::Open(options, &problem, &culprit);
    Tell(State::kWorking);
    if (part_ == nullptr || !part_->ok()) return;
    for (bool ended = false; !ended && !stop_;) {
      ended = part_->Run(kSliceMs);
      records_ = part_->progress().records;
    }
    if (drop_) return;
    part_->Finish();
    records_ = part_->progress().records;
    Tell(State::kEnded);
  }

  void Tell(State state) {
    const std::lock_guard lock(mutex_);
    state_ = state;
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  State state_ = State::kOpening;
  std::unique_ptr<Shard> part_;  // the thread's until it was joined
  std::atomic<uint64_t> records_ = 0;
  std::atomic<bool> stop_ = false, drop_ = false;  // ended early; and nobody wants it
  std::thread thread_;
};

class Crew final : public Shard {
 public:
  Crew(std::unique_ptr<Shard> own, std::vector<std::unique_ptr<Helper>> helpers)
      : own_(std::move(own)), helpers_(std::move(helpers)) {}

  ~Crew() override {
    for (const auto& helper : helpers_) helper->Drop();
  }

  bool ok() const override { return own_->ok(); }

  bool Run(uint32_t milliseconds) override {
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
    if (!ended_) ended_ = own_->Run(milliseconds);
    return ended_ && std::all_of(helpers_.begin(), helpers_.end(), [&](const auto& helper) {
             const auto left = until - std::chrono::steady_clock::now();
             return helper->WaitUntilEnded(
                 std::chrono::ceil<std::chrono::milliseconds>(std::max(left, left.zero())));
           });
  }

  Progress progress() const override {
    Progress progress = own_->progress();
    for (const auto& helper : helpers_) progress.records += helper->records();
    return progress;
  }

  void Finish() override {
    for (const auto& helper : helpers_) helper->Stop();
    own_->Finish();
    for (const auto& helper : helpers_) helper->Join();
  }

  std::vector<Shard*> parts() override {
    std::vector<Shard*> all = {own_.get()};
    for (const auto& helper : helpers_) all.push_back(&helper->part());
    return all;
  }
  const Timeline& timeline() const override { return own_->timeline(); }
  const Intake& intake() const override { return own_->intake(); }
  Tracker& tracker() override { return own_->tracker(); }

 private:
  const std::unique_ptr<Shard> own_;
  const std::vector<std::unique_ptr<Helper>> helpers_;
  bool ended_ = false;  // the own part has
};

}  // namespace

std::unique_ptr<Shard> OpenCrew(const ShardOptions& options, Problem* problem,
                                std::string* culprit) {
  const uint32_t parts = std::min(options.helpers + 1, kPartitions / options.tracker.shards);
  std::vector<std::unique_ptr<Helper>> helpers;
  for (uint32_t i = 1; i < parts; i++)
    helpers.push_back(std::make_unique<Helper>(PartOf(options, i, parts)));
  const bool all = std::all_of(helpers.begin(), helpers.end(),
                               [](const auto& helper) { return helper->WaitUntilOpen(); });
  if (all && !helpers.empty()) {
    auto own = Shard::Open(PartOf(options, 0, parts), problem, culprit);
    if (own != nullptr && own->ok())
      return std::make_unique<Crew>(std::move(own), std::move(helpers));
  }
  // They may have taken what the caller's lacks: descriptors, addresses.
  helpers.clear();
  *problem = {};
  return Shard::Open(PartOf(options, 0, 1), problem, culprit);
}

}  // namespace deadair
