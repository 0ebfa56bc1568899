// The table of connections: 64 partitions with an index and a ceiling each, flows in one arena.
//
// A partition's content depends on its own packets alone, so a report is the same for any number of
// shards. An index entry is 4 bytes (8 of the hash, 24 of the flow's number) in an open-addressed
// table at a load between 5/16 and 5/8: at most 12.8 bytes a flow, 176 + 12.8 < 192 all told.
//
// At its ceiling a partition gives up a batch of its least useful flows: half-open, then one-sided
// mid-stream, then closed, and only when there are none of these the oldest open ones.
#pragma once
#include <cstdint>
#include <vector>

#include "flow/arena.h"
#include "flow/flow.h"
#include "flow/key.h"
#include "pages.h"

namespace deadair {

inline constexpr uint32_t kNoFlow = 0xffffffffu;
inline constexpr uint32_t kIdMask = (1u << 24) - 1;
inline constexpr uint32_t kMostFlows = (1u << 24) - 2;

class FlowTable {
 public:
  // `ceiling`: flows of the whole analysis (all shards); partitions p with p mod shards = shard are
  // owned.
  FlowTable(uint32_t ceiling, uint32_t shard, uint32_t shards);

  bool ok() const { return hot_ != nullptr && cold_ != nullptr; }

  HotFlow& hot(uint32_t id) { return hot_[id]; }
  ColdFlow& cold(uint32_t id) { return cold_[id]; }
  const ColdFlow& cold(uint32_t id) const { return cold_[id]; }

  void PrefetchIndex(uint64_t hash) const {
    const Partition& part = partitions_[PartitionOf(hash)];
    __builtin_prefetch(&part.slots[hash & part.mask]);
  }

  // The first flow whose index entry looks right (the key is not compared): what to prefetch.
  uint32_t Guess(uint64_t hash) const {
    const Partition& part = partitions_[PartitionOf(hash)];
    const uint32_t tag = TagOf(hash);
    for (uint64_t at = hash & part.mask;; at = (at + 1) & part.mask) {
      const uint32_t entry = part.slots[at];
      const uint32_t id = entry ^ tag;
      if (id - 1 < kIdMask) return id - 1;
      if (entry == 0) return kNoFlow;
    }
  }
  void PrefetchFlow(uint32_t id) const {
    const char* line = reinterpret_cast<const char*>(&hot_[id]);
    __builtin_prefetch(line, 1);
    __builtin_prefetch(line + 64, 1);
  }

  // What Remove will look at, in steps: a flow at hand, its place in the index, and then the flows
  // that stand behind it there.
  void PrefetchSlotOf(uint32_t id) const;
  void PrefetchRunOf(uint32_t id) const;

  // Exact look-up. *side is the side that sent the packet.
  uint32_t Find(const Packet& packet, int* side) const;
  bool Matches(uint32_t id, const Packet& packet, int* side) const;
  // Which side sent a straight packet; -1 when it is not this connection's.
  int SideOf(uint32_t id, const uint8_t* ip, uint64_t realm) const {
    const HotFlow& flow = hot_[id];
    if (RealmOf(flow) != realm) [[unlikely]]
      return -1;
    // Addresses side by side in one word, ports in the other; swapped when the packet goes back.
    uint64_t addresses;
    uint32_t ports;
    std::memcpy(&addresses, flow.address, sizeof addresses);
    std::memcpy(&ports, flow.port, sizeof ports);
    const uint64_t pair = Le64(ip + 12);
    const uint32_t back = __builtin_bswap32(Le32(ip + 20)), there = back << 16 | back >> 16;
    if (((pair ^ addresses) | (there ^ ports)) == 0) return 0;
    return (((pair << 32 | pair >> 32) ^ addresses) | (back ^ ports)) == 0 ? 1 : -1;
  }

  // True when a new flow would pass the partition's ceiling: call Evict first.
  bool Full(uint64_t hash) const { return partitions_[PartitionOf(hash)].count >= ceiling_; }
  // Picks the batch to give up; the caller closes their silences and then calls Remove for each.
  const std::vector<uint32_t>& Victims(uint64_t hash);
  void Remove(uint32_t id);

  // A zeroed flow with key and side 0 = `originator` (0: the packet's sender). Never fails: the
  // ceiling was checked.
  uint32_t Insert(const Packet& packet, int originator);

  uint64_t HashOf(uint32_t id) const;
  // Every flow, in an order that depends on each partition's own packets alone.
  template <class Visit>
  void ForEach(Visit&& visit) {
    for (uint32_t p = shard_; p < kPartitions; p += shards_) {
      const Partition& part = partitions_[p];
      for (uint32_t i = 0; part.mask != 0 && i <= part.mask; i++) {
        PrefetchAhead(part, i);
        if (part.slots[i] != 0) visit((part.slots[i] & kIdMask) - 1);
      }
    }
  }

  // Every flow, as they lie in memory: for counts, where no order matters.
  template <class Visit>
  void Sweep(Visit&& visit) const {
    for (uint32_t id = 0; id < fresh_; id++) visit(hot_[id]);
  }

  size_t bytes() const;
  uint32_t size() const { return used_; }

 private:
  struct Partition {
    uint32_t* slots;    // 0 empty, else tag << 24 | (id + 1)
    uint32_t mask = 0;  // slots - 1; 0: nothing yet, `slots` is one empty slot
    uint32_t count = 0;
  };

  // Slots that a walk over all of them asks for its flows beforehand (chosen): they lie anywhere.
  static constexpr uint32_t kAhead = 16;
  void PrefetchAhead(const Partition& part, uint32_t slot) const {
    if (slot + kAhead <= part.mask && part.slots[slot + kAhead] != 0)
      PrefetchFlow((part.slots[slot + kAhead] & kIdMask) - 1);
  }
  static uint32_t TagOf(uint64_t hash) { return static_cast<uint32_t>(hash >> 50) << 24; }
  void Grow(Partition& part);
  void Place(Partition& part, uint64_t hash, uint32_t id);

  uint32_t shard_, shards_, ceiling_;  // ceiling of one partition
  Arena hot_arena_, cold_arena_;
  HotFlow* hot_;
  ColdFlow* cold_;
  uint32_t used_ = 0, fresh_ = 0, free_ = kNoFlow;
  uint32_t nothing_ = 0;
  Partition partitions_[kPartitions];
  PagedVector<uint32_t> slots_[kPartitions];  // apart: a look-up wants partitions in few lines
  std::vector<uint32_t> victims_;
};

}  // namespace deadair
