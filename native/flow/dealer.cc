#include "flow/dealer.h"

#include <algorithm>

#include "flow/patience.h"

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

// A frame that is a little late moves no clock: its lanes hear of it with the next tick.
void Dealer::Tick(const Frame& frame) {
  CaptureClock& clock = clocks_[frame.capture_point];
  if (!clock.IsLate(frame)) {
    for (const auto& lane : lanes_) {
      lane->in_hand().Add(frame, clock.beat());
      DealIfFull(*lane);
    }
  }
  clock.Tick(frame);
}

void Dealer::Quote(const Packet& quote) {
  Lane& lane = *lane_of_[PartitionOf(quote.hash)];
  lane.in_hand().quotes = true;
  lane.in_hand().quote = quote;
  DealIfFull(lane);
}

void Dealer::DealAll() {
  for (const auto& lane : lanes_)
    if (!lane->in_hand().empty()) Deal(*lane);
}

inline void Dealer::Add(Lane& lane, const Glance& glance, const Packet& packet, bool owned) {
  lane.in_hand().Add(glance, packet, owned);
  DealIfFull(lane);
}

inline void Dealer::DealIfFull(Lane& lane) {
  if (lane.in_hand().full()) [[unlikely]]
    Deal(lane);
}

// The batch in hand goes out, and the next one is at hand. Where there is none, the trackers are
// behind, and we help; or others work on all that waits, and one batch of theirs is a matter of
// microseconds.
void Dealer::Deal(Lane& lane) {
  lane.Deal();
  for (Patience patience; !lane.has_room();) {
    if (Work(turn_++))
      patience.Reset();
    else
      patience.Yield();
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
