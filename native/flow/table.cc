#include "flow/table.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace deadair {
namespace {

constexpr uint32_t kFirstSlots = 64;  // chosen: a small capture stays small

uint32_t CeilingOfPartition(uint32_t ceiling) {
  const uint32_t bounded = std::min(std::max(ceiling, kPartitions), kMostFlows);
  return std::max(1u, bounded / kPartitions);
}

uint32_t OwnedPartitions(uint32_t shard, uint32_t shards) {
  return (kPartitions - shard + shards - 1) / shards;
}

// Which flow of the arena an IPv6 pair may be: direction-blind bits of the addresses.
void WideKey(const Packet& p, uint32_t out[2]) {
  const uint64_t a = Fold(Le64(p.source) ^ kSeed0, Le64(p.source + 8) ^ kSeed1);
  const uint64_t b = Fold(Le64(p.destination) ^ kSeed0, Le64(p.destination + 8) ^ kSeed1);
  const uint64_t both = a + b;
  out[0] = static_cast<uint32_t>(both);
  out[1] = static_cast<uint32_t>(both >> 32);
}

uint8_t ZoneOf(const Packet& p) { return static_cast<uint8_t>(p.tunnel_kind << 4 | p.ip_version); }

}  // namespace

FlowTable::FlowTable(uint32_t ceiling, uint32_t shard, uint32_t shards)
    : shard_(shard),
      shards_(shards),
      ceiling_(CeilingOfPartition(ceiling)),
      hot_arena_(size_t{ceiling_} * OwnedPartitions(shard, shards) * sizeof(HotFlow)),
      cold_arena_(size_t{ceiling_} * OwnedPartitions(shard, shards) * sizeof(ColdFlow)),
      hot_(static_cast<HotFlow*>(hot_arena_.base())),
      cold_(static_cast<ColdFlow*>(cold_arena_.base())) {
  for (Partition& part : partitions_) part.slots = &nothing_;
}

bool FlowTable::Matches(uint32_t id, const Packet& p, int* side) const {
  const HotFlow& flow = hot_[id];
  if (flow.tunnel_id != p.tunnel_id || flow.capture_point != p.capture_point ||
      flow.zone != ZoneOf(p)) {
    return false;
  }
  if (p.ip_version == 4) {
    const uint32_t from = Le32(p.source), to = Le32(p.destination);
    if (flow.address[0] == from && flow.address[1] == to && flow.port[0] == p.source_port &&
        flow.port[1] == p.destination_port) {
      *side = 0;
      return true;
    }
    *side = 1;
    return flow.address[0] == to && flow.address[1] == from && flow.port[0] == p.destination_port &&
           flow.port[1] == p.source_port;
  }
  const ColdFlow& cold = cold_[id];
  const auto is = [&](int at, const uint8_t* address, uint16_t port) {
    return flow.port[at] == port && std::memcmp(cold.address[at], address, 16) == 0;
  };
  if (is(0, p.source, p.source_port) && is(1, p.destination, p.destination_port)) {
    *side = 0;
    return true;
  }
  *side = 1;
  return is(1, p.source, p.source_port) && is(0, p.destination, p.destination_port);
}

uint32_t FlowTable::Find(const Packet& p, int* side) const {
  const Partition& part = partitions_[PartitionOf(p.hash)];
  if (part.mask == 0) return kNoFlow;
  const uint32_t tag = TagOf(p.hash);
  for (uint32_t at = p.hash & part.mask;; at = (at + 1) & part.mask) {
    const uint32_t entry = part.slots[at];
    if (entry == 0) return kNoFlow;
    if ((entry & ~kIdMask) != tag) continue;
    const uint32_t id = (entry & kIdMask) - 1;
    if (Matches(id, p, side)) return id;
  }
}

// Last come, first served: who begins takes the first slot of its hash, and who was there goes to
// the end of the run, which stays without a gap. Most entries are of connections that are over, and
// the newest are the likeliest to be asked for: nearly all look-ups then end at the first slot,
// which a processor foresees. Where all are alive it is no worse (as many probes on average).
void FlowTable::Place(Partition& part, uint64_t hash, uint32_t id) {
  const uint32_t first = hash & part.mask;
  uint32_t end = first;
  while (part.slots[end] != 0) end = (end + 1) & part.mask;
  part.slots[end] = part.slots[first];
  part.slots[first] = TagOf(hash) | (id + 1);
}

void FlowTable::Grow(Partition& part) {
  const uint32_t old_slots = part.mask == 0 ? 0 : part.mask + 1;
  const uint32_t slots = old_slots == 0 ? kFirstSlots : old_slots * 2;
  const PagedVector<uint32_t> old =
      std::exchange(slots_[&part - partitions_], PagedVector<uint32_t>(slots));
  part.slots = slots_[&part - partitions_].data();
  part.mask = slots - 1;
  for (uint32_t i = 0; i < old_slots; i++) {
    if (i + kAhead < old_slots && old[i + kAhead] != 0)
      PrefetchFlow((old[i + kAhead] & kIdMask) - 1);
    if (old[i] == 0) continue;
    const uint32_t id = (old[i] & kIdMask) - 1;
    Place(part, HashOf(id), id);
  }
}

// The same hash that HashTuple gave, from the stored key.
uint64_t FlowTable::HashOf(uint32_t id) const {
  const HotFlow& flow = hot_[id];
  Packet p;
  p.ip_version = flow.zone & 15;
  p.tunnel_kind = flow.zone >> 4;
  p.tunnel_id = flow.tunnel_id;
  p.capture_point = flow.capture_point;
  p.source_port = flow.port[0];
  p.destination_port = flow.port[1];
  if (p.ip_version == 4) {
    std::memcpy(p.source, &flow.address[0], 4);
    std::memcpy(p.destination, &flow.address[1], 4);
  } else {
    std::memcpy(p.source, cold_[id].address[0], 16);
    std::memcpy(p.destination, cold_[id].address[1], 16);
  }
  return HashTuple(p);
}

uint32_t FlowTable::Insert(const Packet& p, int originator) {
  Partition& part = partitions_[PartitionOf(p.hash)];
  if ((part.count + 1) * 8 > (part.mask + 1) * 5 || part.mask == 0) Grow(part);
  uint32_t id = free_;
  if (id != kNoFlow) {
    free_ = cold_[id].next_free;
    if (free_ != kNoFlow) {  // who begins next finds its place at hand
      PrefetchFlow(free_);
      __builtin_prefetch(&cold_[free_], 1);
    }
  } else {
    id = fresh_++;
    hot_arena_.Reach(size_t{fresh_} * sizeof(HotFlow));
    cold_arena_.Reach(size_t{fresh_} * sizeof(ColdFlow));
  }
  part.count++;
  used_++;
  HotFlow& flow = hot_[id];
  std::memset(static_cast<void*>(&flow), 0, sizeof flow);
  const int sender = originator == 0 ? 0 : 1;  // the packet's sender is side 0 or side 1
  flow.port[sender] = p.source_port;
  flow.port[1 - sender] = p.destination_port;
  flow.tunnel_id = p.tunnel_id;
  flow.capture_point = p.capture_point;
  flow.zone = ZoneOf(p);
  flow.state = FlowBit::kUsed;
  flow.scale[0] = flow.scale[1] = -1;
  ColdFlow& cold = cold_[id];
  if (p.ip_version == 4) {
    flow.address[sender] = Le32(p.source);
    flow.address[1 - sender] = Le32(p.destination);
  } else {
    WideKey(p, flow.address);
    std::memcpy(cold.address[sender], p.source, 16);
    std::memcpy(cold.address[1 - sender], p.destination, 16);
  }
  cold.first_at = p.at_ns;
  cold.isn = 0;
  Place(part, p.hash, id);
  return id;
}

void FlowTable::PrefetchSlotOf(uint32_t id) const { PrefetchIndex(HashOf(id)); }

void FlowTable::PrefetchRunOf(uint32_t id) const {
  const uint64_t hash = HashOf(id);
  const Partition& part = partitions_[PartitionOf(hash)];
  for (uint32_t at = hash & part.mask; part.slots[at] != 0; at = (at + 1) & part.mask)
    PrefetchFlow((part.slots[at] & kIdMask) - 1);
}

void FlowTable::Remove(uint32_t id) {
  const uint64_t hash = HashOf(id);
  Partition& part = partitions_[PartitionOf(hash)];
  uint32_t at = hash & part.mask;
  while ((part.slots[at] & kIdMask) != id + 1) at = (at + 1) & part.mask;
  // Backward-shift deletion: no tombstones, so a flood leaves no scars.
  uint32_t hole = at;
  for (uint32_t next = (hole + 1) & part.mask; part.slots[next] != 0;
       next = (next + 1) & part.mask) {
    const uint32_t home = HashOf((part.slots[next] & kIdMask) - 1) & part.mask;
    if (((next - home) & part.mask) >= ((next - hole) & part.mask)) {
      part.slots[hole] = part.slots[next];
      hole = next;
    }
  }
  part.slots[hole] = 0;
  part.count--;
  used_--;
  hot_[id].state = 0;
  hot_[id].zone = 0;  // a prefetched guess must not match what is gone
  cold_[id].next_free = free_;
  free_ = id;
}

// One pass over the partition's flows, then only their ranks are compared. Where more than half of
// them are closed, half-open or one-sided (a gateway after days; a flood), a quarter goes at once,
// so that a new connection pays for a look at four others and not at sixteen.
const std::vector<uint32_t>& FlowTable::Victims(uint64_t hash) {
  struct Rank {
    uint64_t order;  // usefulness, then age
    uint32_t id;
  };
  const Partition& part = partitions_[PartitionOf(hash)];
  std::vector<Rank> ranks;
  ranks.reserve(part.count);
  uint32_t cheap = 0;
  for (uint32_t i = 0; part.mask != 0 && i <= part.mask; i++) {
    PrefetchAhead(part, i);
    if (part.slots[i] == 0) continue;
    const uint32_t id = (part.slots[i] & kIdMask) - 1;
    const Usefulness use = UsefulnessOf(hot_[id]);
    cheap += use != Usefulness::kOpen;
    ranks.push_back({static_cast<uint64_t>(use) << 62 | hot_[id].last_at >> 2, id});
  }
  const uint32_t batch = std::max(1u, part.count / (cheap > part.count / 2 ? 4 : 16));
  const uint32_t take = cheap == 0 ? std::max(1u, batch / 4) : std::min(batch, cheap);
  const auto worse = [&](const Rank& a, const Rank& b) {
    return a.order != b.order ? a.order < b.order : HashOf(a.id) < HashOf(b.id);
  };
  std::nth_element(ranks.begin(), ranks.begin() + (take - 1), ranks.end(), worse);
  ranks.resize(take);
  std::sort(ranks.begin(), ranks.end(), worse);
  victims_.clear();
  for (const Rank& rank : ranks) victims_.push_back(rank.id);
  return victims_;
}

size_t FlowTable::bytes() const {
  size_t total = size_t{fresh_} * (sizeof(HotFlow) + sizeof(ColdFlow));
  for (const Partition& part : partitions_) {
    if (part.mask != 0) total += (size_t{part.mask} + 1) * sizeof(uint32_t);
  }
  return total;
}

}  // namespace deadair
