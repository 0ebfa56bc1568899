// What is counted instead of recorded: silences that ended well (binned), moments in which a
// responder answered, and stateless resets that no silence preceded. Bounded; what finds the
// ceiling is counted.
#pragma once
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "flow/key.h"
#include "packet.h"

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

// Open addressing over an array of entries that is only ever appended to: finds an entry's index by
// its key.
class NoteIndex {
 public:
  static constexpr uint32_t kNone = 0xffffffffu;
  // The index of an entry for which `is` holds, else `fresh`, which is then taken for it; kNone
  // where there is no `room` for another.
  template <class Is>
  uint32_t Find(uint64_t hash, uint32_t fresh, bool room, Is&& is) {
    if ((fresh + 1) * 8 > slots_ * 5) Grow();
    for (uint32_t at = static_cast<uint32_t>(hash) & (slots_ - 1);; at = (at + 1) & (slots_ - 1)) {
      Slot& slot = table_[at];
      if (slot.next == 0) {
        if (!room) return kNone;
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
  std::unique_ptr<Slot[]> table_;
  uint32_t slots_ = 0;
};

inline constexpr uint32_t kNobody = 0;

class Notes {
 public:
  // `alive_seconds`: seconds that one nibble of an alive strip stands for.
  Notes(uint32_t alive_seconds, uint32_t most_responders);

  // For captures of days: at the ceiling the oldest strips and seconds make room for new ones.
  void StayForDays() { rolls_ = true; }

  // A number for a place, from 1; kNobody when there are too many (counted).
  uint32_t Intern(const Place& place);

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
  // kept of each responder.
  void Greet(uint32_t responder, const Packet& p, int by, bool from_start);
  void StatelessReset(uint32_t responder, uint64_t at_ns, uint64_t frame, bool middlebox);

  std::vector<SurvivorBin> survivors() const;
  std::vector<AliveStrip> alive() const;
  std::vector<ResetSecond> resets() const;
  const std::vector<Greeting>& greetings() const { return greetings_; }
  uint64_t overflow() const { return overflow_; }

 private:
  static constexpr uint32_t kNibbles = 128;
  static constexpr uint32_t kNoStrip = 0xffffffffu;

  struct Responder {
    Place place;
    uint32_t strip;  // which stretch of kNibbles × alive_seconds the nibbles stand for
    uint8_t nibbles[kNibbles / 2];
    uint8_t greeted[4];  // by side and whether from the start
  };
  struct Bin {
    uint64_t key, longest_ns, longest_frame;
    uint32_t count, keepalives;
  };
  struct Resets {
    uint64_t key, first_frame;
    uint32_t count, middlebox;
  };

  // 1 + floor(log2(1 + age in seconds)), at most 15.
  static uint8_t AgeNibble(uint32_t age) {
    const int width = 32 - __builtin_clz((1 + age) | 1);
    return static_cast<uint8_t>(width > 15 ? 15 : width);
  }
  void TurnStrip(Responder* who, uint32_t strip);
  AliveStrip StripOf(const Responder& who) const;

  void RollResets();

  uint32_t alive_seconds_, most_responders_;
  bool rolls_ = false;
  size_t oldest_strip_ = 0;
  std::vector<Responder> responders_;
  NoteIndex by_place_;
  std::vector<Bin> bins_;
  NoteIndex by_bin_;
  std::vector<Resets> resets_;
  NoteIndex by_second_;
  std::vector<AliveStrip> strips_;
  std::vector<Greeting> greetings_;
  uint64_t overflow_ = 0;
};

// Bins of at most 1 %: src/path/bins.ts reads them.
uint16_t BinOf(uint64_t ns);

}  // namespace deadair
