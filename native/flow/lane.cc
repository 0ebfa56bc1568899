#include "flow/lane.h"

#include <algorithm>

namespace deadair {

bool Lane::Work() {
  if (is_done() || busy_.exchange(true, std::memory_order_acquire)) return false;
  const size_t before = tracker_.silences().size();
  const uint64_t from = taken_.load(std::memory_order_relaxed);
  const uint64_t until = std::min(from + kTurn, dealt_.load(std::memory_order_acquire));
  if (from != until) Expect(ring_[from % kRing]);
  for (uint64_t n = from; n != until; ++n) {
    if (n + 1 != until) Expect(ring_[(n + 1) % kRing]);
    Take(ring_[n % kRing]);
    taken_.store(n + 1, std::memory_order_release);
  }
  Count(before);
  busy_.store(false, std::memory_order_release);
  return until != from;
}

void Lane::Finish() {
  const size_t before = tracker_.silences().size();
  tracker_.Finish();
  Count(before);
}

// `before`: records that were in hand.
void Lane::Count(size_t before) {
  records_.fetch_add(tracker_.silences().size() - before, std::memory_order_relaxed);
}

void Lane::Expect(const Batch& batch) const {
  for (uint32_t i = 0; i < batch.count; i++) tracker_.Expect(batch.glances[i].hash);
}

void Lane::Take(Batch& batch) {
  uint32_t taken = 0;
  const auto take = [&](uint32_t until) {
    const std::span<const Glance> some(&batch.glances[taken], until - taken);
    if (!some.empty()) tracker_.Process(some, &batch.decoded[taken]);
    taken = until;
  };
  for (const Batch::Tick& tick : std::span(batch.ticks.data(), batch.tick_count)) {
    take(tick.before);
    tracker_.clock(tick.frame.capture_point).Follow(tick.beat);
    tracker_.Tick(tick.frame);
  }
  take(batch.count);
  if (batch.quotes) tracker_.Quote(batch.quote);
  batch.Clear();
}

}  // namespace deadair
