// What is counted instead of recorded: silences that ended well, or of which nobody knows how they
// ended (binned), moments in which a responder answered, and stateless resets that no silence
// preceded. Bounded as thin.h says: too many rows cost whole responders, the same for any number of
// shards.
#pragma once
#include <array>
#include <cstdint>
#include <cstring>
#include <vector>

#include "flow/thin.h"
#include "packet.h"
#include "pages.h"

namespace deadair {

// Open addressing over an array of entries that is only ever appended to: finds an entry's index by
// its key.
class NoteIndex {
 public:
  static constexpr uint32_t kNone = 0xffffffffu;

  // Asks the processor for the first slot that a Find of this hash will look at.
  void Prefetch(uint64_t hash) const {
    if (slots_ == 0) return;
    __builtin_prefetch(table_.data() + (static_cast<uint32_t>(hash) & (slots_ - 1)));
  }
  // The entry in that slot, whose key may be another; kNone where there is none.
  uint32_t Guess(uint64_t hash) const {
    return slots_ == 0 ? kNone : table_[static_cast<uint32_t>(hash) & (slots_ - 1)].next - 1;
  }

  // The index of an entry for which `is` holds, else `fresh`, which is then taken for it.
  template <class Is>
  uint32_t Find(uint64_t hash, uint32_t fresh, Is&& is) {
    if ((fresh + 1) * 8 > slots_ * 5) Grow();
    for (uint32_t at = static_cast<uint32_t>(hash) & (slots_ - 1);; at = (at + 1) & (slots_ - 1)) {
      Slot& slot = table_[at];
      if (slot.next == 0) {
        slot = {static_cast<uint32_t>(hash >> 32), static_cast<uint32_t>(hash), fresh + 1};
        return fresh;
      }
      if (slot.high == static_cast<uint32_t>(hash >> 32) && is(slot.next - 1)) return slot.next - 1;
    }
  }

 private:
  struct Slot {
    uint32_t high, low, next;  // the hash, and 1 + the entry's index (0 empty)
  };
  void Grow();
  PagedVector<Slot> table_;
  uint32_t slots_ = 0;
};

// Rows by key, whose upper bits are the responder's number.
template <class Row>
struct NoteTable {
  explicit NoteTable(uint32_t most) : thinning(most) {}

  static uint32_t ResponderOf(uint64_t key) { return static_cast<uint32_t>(key >> Row::kKeyBits); }
  static uint64_t KeyOf(uint32_t responder, uint64_t rest) {
    return static_cast<uint64_t>(responder) << Row::kKeyBits | rest;
  }
  static uint64_t RestOf(uint64_t key) { return key & ((uint64_t{1} << Row::kKeyBits) - 1); }

  static uint64_t HashOf(uint64_t key) { return Fold(key ^ kSeed0, kSeed1); }

  // Two steps that hide two misses of the cache, the second some time after the first.
  void PrefetchSlot(uint64_t key) const { index.Prefetch(HashOf(key)); }
  void PrefetchRow(uint64_t key) const {
    const uint32_t guess = index.Guess(HashOf(key));
    if (guess != NoteIndex::kNone) __builtin_prefetch(&rows[guess]);
  }

  // The row of a key; a fresh one, at the end, is zero but for its key.
  uint32_t Find(uint64_t key) {
    const uint32_t fresh = static_cast<uint32_t>(rows.size());
    const uint32_t found =
        index.Find(HashOf(key), fresh, [&](uint32_t i) { return rows[i].key == key; });
    if (found == fresh) {
      rows.emplace_back();
      rows.back().key = key;
    }
    return found;
  }

  // Drops the rows that `keep` refuses, in place; it may give a kept row another key.
  template <class Keep>
  void Filter(Keep&& keep) {
    std::erase_if(rows, [&](Row& row) { return !keep(row); });
    index = NoteIndex();
    for (uint32_t i = 0; i < rows.size(); i++)
      index.Find(HashOf(rows[i].key), i, [](uint32_t) { return false; });
  }

  std::vector<Row> rows;
  NoteIndex index;
  Thinning thinning;
};

inline constexpr uint32_t kNobody = 0;

class Notes {
 public:
  // `alive_seconds`: seconds that one nibble of an alive strip stands for.
  Notes(uint32_t alive_seconds, const NoteCeilings& most);
  Notes(const Notes&) = delete;  // who waits points to a table
  Notes& operator=(const Notes&) = delete;

  // For captures of days: at the ceiling the oldest strips and seconds make room for new ones.
  void StayForDays() { rolls_ = true; }

  // A number for a place, from 1; kNobody when it ranks too low.
  uint32_t Intern(const Place& place);
  // True after an Intern that made the places too many: until Forget nothing else may be called.
  bool crowded() const { return crowded_; }
  // Forgets the places that rank too low. By old number: the new one, kNobody where forgotten.
  std::vector<uint32_t> Forget();

  struct Ended {
    uint64_t ns;
    uint64_t frame;
    uint8_t first_speaker;
    uint8_t clock;    // SilenceKind::
    uint8_t outcome;  // Outcome::
    uint8_t state;    // TcpState::
    bool keepalive;   // broken by a keepalive probe that was answered
  };
  void Survived(uint32_t responder, const Ended& ended);
  // Open or unobserved: in rows of their own, so that they cost no survivor its place.
  void Undecided(uint32_t responder, const Ended& ended);

  // The responder answered at `second` on a connection that began at `born`.
  void Alive(uint32_t responder, uint32_t second, uint32_t born) {
    if (responder == kNobody) return;
    Responder& who = responders_[responder - 1];
    const uint32_t slot = second / alive_seconds_;
    if (slot / kNibbles != who.strip) [[unlikely]]
      TurnStrip(&who, slot / kNibbles);
    uint8_t& pair = who.nibbles[slot % kNibbles / 2];
    const int shift = (slot & 1) * 4;
    const uint8_t age = AgeNibble(second > born ? second - born : 0);
    if (((pair >> shift) & 15) < age) {
      pair = static_cast<uint8_t>((pair & ~(15 << shift)) | age << shift);
    }
  }
  // The first payload of side `by` on a connection; `from_start`: its handshake was seen. Few are
  // kept of each responder, the earliest: where time steps back that is not who was met first.
  bool Listens(uint32_t responder, int by, bool from_start, uint64_t at_ns) const {
    return responders_[responder - 1].greeted[by * 2 + from_start] < kGreetings ||
           at_ns <= latest_greeting_;
  }
  void Greet(uint32_t responder, const Packet& p, int by, bool from_start);
  void StatelessReset(uint32_t responder, uint64_t at_ns, uint64_t frame, bool middlebox);

  // At the end, when nothing is counted any more: bins in the order of gather.cc, which then has
  // nothing to sort.
  void Settle();

  PagedVector<SurvivorBin> survivors() { return RowsOf(&bins_); }
  PagedVector<SurvivorBin> undecided() { return RowsOf(&undecided_); }
  std::vector<AliveStrip> alive() const;
  std::vector<ResetSecond> resets() const;
  const std::vector<Greeting>& greetings() const { return greetings_; }
  // Silences and resets in no row, because their responder ranks too low.
  uint64_t overflow() {
    CountWaiting();
    return overflow_;
  }
  std::vector<uint64_t> places() const;  // hashes
  struct Thinned {
    const char* table;  // as Gather calls it
    uint32_t level, most;
  };
  std::array<Thinned, 6> thinned();

 private:
  static constexpr uint32_t kNibbles = 128;
  static constexpr uint32_t kNoStrip = 0xffffffffu, kNoRow = 0xffffffffu;

  struct Responder {
    Place place;
    uint32_t strip;      // which stretch of kNibbles × alive_seconds the nibbles stand for
    uint32_t strip_row;  // where they go when the next begins; kNoRow: nowhere
    uint32_t greeting;   // the last of its own, from which they are chained; kNoRow: none
    uint8_t nibbles[kNibbles / 2];
    uint8_t greeted[4];  // by side and whether from the start
    uint8_t rank;
  };
  struct Bin {
    static constexpr int kKeyBits = 32;
    uint64_t key, longest_ns, longest_frame;
    uint32_t count, keepalives;
  };
  struct Resets {
    static constexpr int kKeyBits = 40;
    uint64_t key, first_frame;
    uint32_t count, middlebox;
  };
  struct Strip {
    static constexpr int kKeyBits = 32;
    uint64_t key;
    uint8_t nibbles[kNibbles / 2];
  };

  // 1 + floor(log2(1 + age in seconds)), at most 15.
  static uint8_t AgeNibble(uint32_t age) {
    const int width = 32 - __builtin_clz((1 + age) | 1);
    return static_cast<uint8_t>(width > 15 ? 15 : width);
  }
  // A silence that is not counted yet: what it will touch is on its way into the cache.
  struct Waiting {
    NoteTable<Bin>* table;
    uint64_t key, ns, frame;
    bool keepalive;
  };
  static constexpr uint32_t kWaiting = 8;  // chosen: as many misses as a core bears at once

  void Wait(NoteTable<Bin>* table, uint32_t responder, const Ended& ended);
  void Count(const Waiting& one);
  // In the order in which they came; called before anything that was counted is read, and before
  // responders get other numbers.
  void CountWaiting();
  void SortBins(NoteTable<Bin>* table, const std::vector<uint32_t>& rank);
  PagedVector<SurvivorBin> RowsOf(NoteTable<Bin>* table);
  void TurnStrip(Responder* who, uint32_t strip);
  AliveStrip StripOf(const Place& place, uint32_t strip, const uint8_t* nibbles) const;
  uint8_t RankOfRow(uint64_t responder) const { return responders_[responder - 1].rank; }

  template <class Row>
  void Sift(NoteTable<Row>* table, const std::vector<uint32_t>* moved);
  void SiftGreetings();
  void LinkGreetings();
  Greeting* LatestGreeting(const Responder& who, int by, bool from_start);
  void FindStripRows();
  void RollResets();
  void RollStrips();

  uint32_t alive_seconds_;
  bool rolls_ = false, crowded_ = false;
  std::vector<Responder> responders_;
  NoteIndex by_place_;
  Thinning thinned_places_;
  NoteTable<Bin> bins_;
  NoteTable<Bin> undecided_;
  std::array<Waiting, kWaiting> waiting_;
  uint32_t waits_ = 0;
  NoteTable<Resets> resets_;
  NoteTable<Strip> strips_;
  std::vector<Greeting> greetings_;
  std::vector<uint32_t> greetings_before_;  // of the same responder, by row; kNoRow: none
  uint64_t latest_greeting_ = 0;            // of all that are kept, or were
  Thinning thinned_greetings_;
  uint64_t overflow_ = 0;
};

// Bins of at most 1 %: src/path/bins.ts reads them.
uint16_t BinOf(uint64_t ns);

}  // namespace deadair
