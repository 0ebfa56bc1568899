// A tracker and the batches that wait for it: dealt by the one thread that reads, taken by
// whichever thread has nothing better to do.
//
// What is always true: batch n is the reading thread's while it is not dealt, and again once it is
// taken (it was emptied before that was said); the tracker is one thread's at a time.
#pragma once
#include <atomic>
#include <memory>
#include <thread>

#include "flow/batch.h"
#include "flow/tracker.h"

namespace deadair {

class Lane {
 public:
  explicit Lane(const TrackerOptions& options)
      : tracker_(options), ring_(std::make_unique_for_overwrite<Batch[]>(kRing)) {}

  // The reading thread's: the batch in hand, when has_room().
  bool has_room() const { return in_hand_ - taken_.load(std::memory_order_acquire) < kRing; }
  Batch& in_hand() { return ring_[in_hand_ % kRing]; }
  void Deal() { dealt_.store(++in_hand_, std::memory_order_release); }

  // Anybody's. Some of the batches that wait are given to the tracker; false: none does, or
  // somebody is at it.
  bool Work();
  bool is_done() const {
    return taken_.load(std::memory_order_acquire) == dealt_.load(std::memory_order_acquire);
  }
  // Packets are given to the tracker only before, or after.
  template <class Use>
  void Hold(Use&& use) {
    while (busy_.exchange(true, std::memory_order_acquire)) std::this_thread::yield();
    use(tracker_);
    busy_.store(false, std::memory_order_release);
  }
  uint64_t records() const { return records_.load(std::memory_order_relaxed); }

  // Where nobody works any more.
  Tracker& tracker() { return tracker_; }
  void Finish();

 private:
  // Measured (docs/decisions/0008-lanes.md): batches on their way, and in one turn.
  static constexpr uint64_t kRing = 16, kTurn = 8;

  void Expect(const Batch& batch) const;
  void Take(Batch& batch);
  void Count(size_t before);

  Tracker tracker_;
  const std::unique_ptr<Batch[]> ring_;
  alignas(64) uint64_t in_hand_ = 0;
  std::atomic<uint64_t> dealt_ = 0;
  alignas(64) std::atomic<uint64_t> taken_ = 0;
  std::atomic<uint64_t> records_ = 0;
  alignas(64) std::atomic<bool> busy_ = false;
};

}  // namespace deadair
