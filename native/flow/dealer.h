// Deals what one thread has read to the lanes of its shard, connection by connection: to Intake it
// is as good as a tracker.
#pragma once
#include <array>
#include <memory>
#include <span>
#include <vector>

#include "flow/lane.h"

namespace deadair {

class Dealer {
 public:
  // The connections of one shard, shared out among as many lanes as there are partitions for, at
  // most `lanes`.
  Dealer(const TrackerOptions& options, uint32_t lanes);

  CaptureClock& clock(uint16_t capture_point) { return clocks_[capture_point]; }
  void Tick(const Frame& frame);
  void Expect(uint64_t) const {}
  void Process(std::span<const Glance> packets, const Packet* decoded);
  void Quote(const Packet& quote);
  // What is in hand goes out.
  void DealAll();

  // Anybody's: a turn at one lane that waits, the first from this one on. False: none does.
  bool Work(size_t turn);
  bool is_done() const;
  std::span<const std::unique_ptr<Lane>> lanes() const { return lanes_; }
  // Where nobody works any more: the lanes' clocks say what ours do.
  void SetClocks();

 private:
  void Add(Lane& lane, const Glance& glance, const Packet& packet, bool owned);
  void DealIfFull(Lane& lane);
  void Deal(Lane& lane);

  std::vector<std::unique_ptr<Lane>> lanes_;
  std::array<Lane*, kPartitions> lane_of_;
  CaptureClocks clocks_;
  size_t turn_ = 0;
};

}  // namespace deadair
