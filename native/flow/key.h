// The flow key: blind to direction, knows the capture point and the tunnel, not the VLAN (mirrors
// often tag each direction differently). The hash is fixed: the same capture falls into the same 64
// partitions on every machine.
#pragma once
#include <cstdint>
#include <cstring>
#include <utility>

#include "decode/bytes.h"
#include "packet.h"

namespace deadair {

// A multiply-and-fold step (the 128-bit product of wyhash and its kin).
inline uint64_t Fold(uint64_t a, uint64_t b) {
  const __uint128_t product = static_cast<__uint128_t>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

inline constexpr uint64_t kSeed0 = 0xa0761d6478bd642fULL, kSeed1 = 0xe7037ed1a0b428dbULL,
                          kSeed2 = 0x8ebc6af09c88c6e3ULL;

// Where it was met, as the hash mixes it in.
inline uint64_t ZoneOf(uint32_t tunnel_id, uint8_t tunnel_kind, uint16_t capture_point) {
  return (static_cast<uint64_t>(tunnel_id) << 24) | (static_cast<uint64_t>(tunnel_kind) << 16) |
         capture_point;
}

// Direction-blind hash of a tuple. Ordered min/max first, so both directions agree.
inline uint64_t HashTuple(const Packet& p) {
  const uint64_t zone = ZoneOf(p.tunnel_id, p.tunnel_kind, p.capture_point);
  if (p.ip_version == 4) {
    uint64_t a = (static_cast<uint64_t>(Le32(p.source)) << 16) | p.source_port;
    uint64_t b = (static_cast<uint64_t>(Le32(p.destination)) << 16) | p.destination_port;
    const uint64_t low = a < b ? a : b, high = a < b ? b : a;
    return Fold(low ^ kSeed0 ^ (zone << 1), Fold(high ^ kSeed1, kSeed2));
  }
  const uint64_t a = Fold(Le64(p.source) ^ kSeed0, Le64(p.source + 8) ^ kSeed1 ^ p.source_port);
  const uint64_t b =
      Fold(Le64(p.destination) ^ kSeed0, Le64(p.destination + 8) ^ kSeed1 ^ p.destination_port);
  const uint64_t low = a < b ? a : b, high = a < b ? b : a;
  return Fold(low ^ kSeed2 ^ zone, high ^ kSeed1);
}

inline constexpr uint32_t kPartitions = 64;

// Partitions as bits: p belongs to shard p mod shards.
inline uint64_t PartitionsOf(uint32_t shard, uint32_t shards) {
  uint64_t owned = 0;
  for (uint32_t p = shard; p < kPartitions; p += shards) owned |= uint64_t{1} << p;
  return owned;
}
inline uint32_t PartitionOf(uint64_t hash) { return static_cast<uint32_t>(hash >> 58); }
inline bool IsIn(uint64_t partitions, uint64_t hash) {
  return (partitions >> (hash >> 58) & 1) != 0;
}

}  // namespace deadair
