#include "flow/lane.h"

#include <algorithm>

namespace deadair {

bool Lane::Work() {
  if (is_done() || busy_.exchange(true, std::memory_order_acquire)) return false;
  const uint64_t before = tracker_.silences().size();
  const uint64_t from = taken_.load(std::memory_order_relaxed);
  const uint64_t until = std::min(from + kTurn, dealt_.load(std::memory_order_acquire));
  if (from != until) Expect(ring_[from % kRing]);
  for (uint64_t n = from; n != until; ++n) {
    if (n + 1 != until) Expect(ring_[(n + 1) % kRing]);
    Take(ring_[n % kRing]);
    taken_.store(n + 1, std::memory_order_release);
  }
  records_.fetch_add(tracker_.silences().size() - before, std::memory_order_relaxed);
  busy_.store(false, std::memory_order_release);
  return until != from;
}

void Lane::Expect(const Batch& batch) const {
  for (uint32_t i = 0; i < batch.count; i++) tracker_.Expect(batch.glances[i].hash);
}

void Lane::Take(Batch& batch) {
  const std::span<const Glance> glances(batch.glances.data(), batch.count);
  if (!glances.empty()) tracker_.Process(glances, batch.decoded.data());
  if (batch.ending == Batch::Ending::kTick) {
    tracker_.clock(batch.frame.capture_point).Follow(batch.beat);
    tracker_.Tick(batch.frame);
  } else if (batch.ending == Batch::Ending::kQuote) {
    tracker_.Quote(batch.quote);
  }
  batch.Clear();
}

}  // namespace deadair
