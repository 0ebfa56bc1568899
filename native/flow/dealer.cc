#include "flow/dealer.h"

#include <algorithm>

namespace deadair {
// A lane is a shard of a finer division: what shards find does not depend on how many they are.
Dealer::Dealer(const TrackerOptions& options, uint32_t lanes) {
  lanes = std::min(lanes, kPartitions / options.shards);
  for (uint32_t i = 0; i < lanes; i++) {
    TrackerOptions own = options;
    own.shard = options.shard + options.shards * i;
    own.shards = options.shards * lanes;
    lanes_.push_back(std::make_unique<Lane>(own));
  }
  for (uint32_t p = 0; p < kPartitions; p++) lane_of_[p] = lanes_[p / options.shards % lanes].get();
}

void Dealer::Process(std::span<const Glance> packets, const Packet* decoded) {
  for (size_t i = 0; i < packets.size(); i++) {
    const Glance& p = packets[i];
    Lane& owner = *lane_of_[PartitionOf(p.hash)];
    if (!p.opens) [[likely]] {
      Add(owner, p, decoded[i], true);
      continue;
    }
    // It may be a client of any lane's that comes back.
    for (const auto& lane : lanes_) Add(*lane, p, decoded[i], p.owned && lane.get() == &owner);
  }
}

void Dealer::Tick(const Frame& frame) {
  CaptureClock& clock = clocks_[frame.capture_point];
  for (const auto& lane : lanes_) {
    Batch& batch = lane->in_hand();
    batch.ending = Batch::Ending::kTick;
    batch.beat = clock.beat();
    batch.frame = frame;
    Deal(*lane);
  }
  clock.Tick(frame);
}

void Dealer::Quote(const Packet& quote) {
  Lane& lane = *lane_of_[PartitionOf(quote.hash)];
  Batch& batch = lane.in_hand();
  batch.ending = Batch::Ending::kQuote;
  batch.quote = quote;
  Deal(lane);
}

void Dealer::DealAll() {
  for (const auto& lane : lanes_)
    if (lane->in_hand().count != 0) Deal(*lane);
}

inline void Dealer::Add(Lane& lane, const Glance& glance, const Packet& packet, bool owned) {
  lane.in_hand().Add(glance, packet, owned);
  if (lane.in_hand().full()) Deal(lane);
}

// … and the next one is at hand. Where none is, the trackers are behind, and we help; or others
// work on all that waits, and one batch of theirs is a matter of microseconds.
void Dealer::Deal(Lane& lane) {
  constexpr int kEager = 1000;  // chosen
  lane.Deal();
  for (int looks = 0; !lane.has_room(); looks++) {
    if (Work(turn_++))
      looks = 0;
    else if (looks < kEager)
      __builtin_ia32_pause();
    else
      std::this_thread::yield();
  }
}

bool Dealer::Work(size_t turn) {
  for (size_t i = 0; i < lanes_.size(); i++)
    if (lanes_[(turn + i) % lanes_.size()]->Work()) return true;
  return false;
}

bool Dealer::is_done() const {
  return std::all_of(lanes_.begin(), lanes_.end(),
                     [](const auto& lane) { return lane->is_done(); });
}

void Dealer::SetClocks() {
  for (const auto& lane : lanes_)
    for (uint16_t i = 0; i < clocks_.size(); i++)
      lane->tracker().clock(i).Follow(clocks_[i].beat());
}

}  // namespace deadair
