// What is counted instead of recorded: silences that ended well (binned), seconds in which a responder answered, and
// stateless resets that no silence preceded. Bounded per partition, overflow counted, so that the sums are the same for
// any number of shards.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>
#include <unordered_map>
#include <vector>

#include "flow/key.h"

namespace deadair {

// Whoever shares a box, before anybody knows T: responder, port, capture point, tunnel.
struct Place {
  uint8_t address[16];
  uint32_t tunnel_id;
  uint16_t port;
  uint16_t capture_point;
  uint8_t tunnel_kind;
  uint8_t ip_version;
  uint8_t partition;
  uint8_t reserved;
  bool operator==(const Place& other) const { return std::memcmp(this, &other, sizeof *this) == 0; }
};
static_assert(sizeof(Place) == 28);

// A place and what of it is meant: a bin, a strip of seconds, a second.
struct NoteKey {
  Place place;
  uint32_t detail;
  uint64_t moment;
  bool operator==(const NoteKey& other) const {
    return place == other.place && detail == other.detail && moment == other.moment;
  }
};

struct NoteHash {
  size_t operator()(const NoteKey& key) const {
    uint64_t words[4];
    std::memcpy(words, &key.place, sizeof(Place));
    std::memcpy(reinterpret_cast<uint8_t*>(words) + sizeof(Place), &key.detail, 4);
    return Fold(Fold(words[0] ^ kSeed0, words[1] ^ kSeed1) ^ words[2],
                Fold(words[3] ^ kSeed2, key.moment ^ kSeed1) ^ kSeed0);
  }
};

// A map with a ceiling per partition.
template <class Value>
class NoteMap {
 public:
  explicit NoteMap(uint32_t most_per_partition) : most_(most_per_partition) {}
  // Null when the partition is at its ceiling and the key is new (counted).
  Value* At(const NoteKey& key) {
    const auto found = map_.find(key);
    if (found != map_.end()) return &found->second;
    uint32_t& count = counts_[key.place.partition];
    if (count >= most_) {
      overflow_++;
      return nullptr;
    }
    count++;
    return &map_.emplace(key, Value{}).first->second;
  }
  const std::unordered_map<NoteKey, Value, NoteHash>& all() const { return map_; }
  uint64_t overflow() const { return overflow_; }

 private:
  std::unordered_map<NoteKey, Value, NoteHash> map_;
  uint32_t counts_[kPartitions] = {};
  uint32_t most_;
  uint64_t overflow_ = 0;
};

// Bins of at most 1 %: src/path/bins.ts reads them.
inline uint16_t BinOf(uint64_t ns) {
  if (ns < 1000000) return 0;
  const double bin = std::floor(std::log(static_cast<double>(ns) / 1e6) / std::log(1.01));
  return static_cast<uint16_t>(bin > 4095 ? 4095 : bin);
}

class Notes {
 public:
  Notes();
  void Survived(const Place& place, uint64_t ns, uint64_t frame, uint8_t first_speaker,
                uint8_t tcp_state, uint8_t clock, uint8_t outcome, bool keepalive);
  // The responder answered at `at_ns` on a connection that began at `began_ns`.
  void Alive(const Place& place, uint64_t at_ns, uint64_t began_ns);
  void StatelessReset(const Place& place, uint64_t at_ns, uint64_t frame, bool middlebox);

  std::vector<SurvivorBin> survivors() const;
  std::vector<AliveStrip> alive() const;
  std::vector<ResetSecond> resets() const;
  uint64_t overflow() const { return bins_.overflow() + strips_.overflow() + resets_.overflow(); }

 private:
  struct Bin {
    uint64_t longest_ns, longest_frame;
    uint32_t count, keepalives;
  };
  struct Strip {
    uint8_t nibbles[64];
  };
  struct Resets {
    uint64_t first_frame;
    uint32_t count, middlebox;
  };
  NoteMap<Bin> bins_;
  NoteMap<Strip> strips_;
  NoteMap<Resets> resets_;
};

}  // namespace deadair
