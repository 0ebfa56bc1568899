// The ceilings of what is counted per responder, such that what is kept depends on the capture
// alone: not on how many shards worked on it, nor on the order of their merge.
//
// Every responder's place has a rank: the leading zero bits of a fixed hash of it. Half of all
// places rank 1 or more, a quarter 2 or more. A table has a level and keeps the rows whose
// responder ranks at or above it, whole. Where one row more would pass the table's ceiling the
// level rises until the rest fits.
//
// Why shards cannot matter. For a set X of rows let L(X) be the smallest level at which
// the rows of X fit the ceiling. Rows once offered are never taken back and counts only grow, so a
// table that was offered X stands at L(X) and holds every row of X at or above it, complete since
// its first event. X of a shard is a part of the whole, so its L is at most the whole's: it holds
// all of its rows that the whole would keep. The merge begins at the highest level of all shards
// (the others' rows below it are dropped), where the union is complete, and rises on until the
// union fits: that is L of the whole by its definition.
// A table whose responders are themselves thinned begins at the level of the responders: both use
// one rank, so its kept rows are those of kept places, and its level is max(L(places), L(rows)).
// Greetings count as min(kGreetings, offered) rows of a kind: that sum is the same whoever adds it.
//
// Places count by their 64-bit hashes in the merge; two of half a million share one with a
// probability below 1e-8. A ceiling smaller than the rows of the one best-ranked place keeps
// nothing (all counted): memory comes first.
#pragma once
#include <algorithm>
#include <cstdint>
#include <cstring>

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
  uint8_t reserved[6];
  bool operator==(const Place& other) const { return std::memcmp(this, &other, sizeof *this) == 0; }
};
static_assert(sizeof(Place) == 32);

inline uint64_t HashPlace(const Place& place) {
  uint64_t words[4];
  std::memcpy(words, &place, sizeof words);
  return Fold(Fold(words[0] ^ kSeed0, words[1] ^ kSeed1),
              Fold(words[2] ^ kSeed2, words[3] ^ kSeed0));
}

template <class Record>
Place PlaceIn(const Record& row) {
  Place place{};
  std::memcpy(place.address, row.responderAddress, 16);
  place.tunnel_id = row.tunnelId;
  place.port = row.responderPort;
  place.capture_point = row.capturePoint;
  place.tunnel_kind = row.tunnelKind;
  place.ip_version = row.ipVersion;
  return place;
}

inline uint8_t RankOf(uint64_t hash) {
  return static_cast<uint8_t>(hash == 0 ? 64 : __builtin_clzll(hash));
}

// The level of one table, and how many rows stand at each rank.
class Thinning {
 public:
  explicit Thinning(uint32_t most) : most_(most) {}

  uint32_t level() const { return level_; }
  uint32_t most() const { return most_; }
  bool Admits(uint8_t rank) const { return rank >= level_; }
  // One row more, of an admitted rank; true when the level rose: what lies below is to be dropped.
  bool Add(uint8_t rank) {
    at_[rank]++;
    rows_++;
    const uint32_t before = level_;
    while (rows_ > most_) Rise();
    return level_ != before;
  }
  void Remove(uint8_t rank) {
    at_[rank]--;
    rows_--;
  }
  bool RaiseTo(uint32_t level) {
    const uint32_t before = level_;
    while (level_ < level && level_ < kRanks) Rise();
    return level_ != before;
  }

 private:
  static constexpr uint32_t kRanks = 65;
  void Rise() { rows_ -= at_[level_++]; }
  uint32_t most_, level_ = 0;
  uint64_t rows_ = 0;
  uint64_t at_[kRanks] = {};
};

// Chosen: greetings that are kept of a responder, a side, a kind of beginning.
inline constexpr uint8_t kGreetings = 3;

// Rows of each table; `places` 0: a quarter of the flows, at least 1024. Chosen: 45 MB of bins,
// 18 MB of strips beside one for each place, 8 MB of seconds at the very most.
struct NoteCeilings {
  uint32_t places = 0;
  uint32_t survivors = 1u << 20;
  uint32_t undecided = 1u << 16;
  uint32_t strips = 1u << 18;  // besides one for each place
  uint32_t reset_seconds = 1u << 18;
  uint32_t greetings = 1u << 16;
};

}  // namespace deadair
