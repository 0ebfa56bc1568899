#include "flow/notes.h"

#include <algorithm>
#include <cmath>

namespace deadair {
namespace {

// Chosen ceilings: 48 MB of bins, 27 MB of strips, 8 MB of seconds at the very most.
constexpr size_t kMostBins = 1u << 20;
constexpr size_t kMostStrips = 1u << 18;
constexpr size_t kMostResetSeconds = 1u << 18;
constexpr size_t kMostGreetings = 1u << 16;
constexpr uint8_t kGreetings = 3;          // of a responder, a side, and a kind of beginning
constexpr size_t kMostRolling = 1u << 16;  // strips and seconds of a capture of days: 9 MB
constexpr uint64_t kSecond = 1000000000;

uint64_t HashPlace(const Place& place) {
  uint64_t words[4];
  std::memcpy(words, &place, sizeof words);
  return Fold(Fold(words[0] ^ kSeed0, words[1] ^ kSeed1),
              Fold(words[2] ^ kSeed2, words[3] ^ kSeed0));
}

template <class Record>
void PutPlace(const Place& place, Record* out) {
  std::memcpy(out->responderAddress, place.address, 16);
  out->responderPort = place.port;
  out->capturePoint = place.capture_point;
  out->tunnelId = place.tunnel_id;
  out->tunnelKind = place.tunnel_kind;
  out->ipVersion = place.ip_version;
}

}  // namespace

uint16_t BinOf(uint64_t ns) {
  if (ns < 1000000) return 0;
  const double bin = std::floor(std::log(static_cast<double>(ns) / 1e6) / std::log(1.01));
  return static_cast<uint16_t>(bin > 4095 ? 4095 : bin);
}

void NoteIndex::Grow() {
  const uint32_t old_slots = slots_;
  const std::unique_ptr<Slot[]> old = std::move(table_);
  slots_ = old_slots == 0 ? 64 : old_slots * 2;
  table_ = std::make_unique<Slot[]>(slots_);
  for (uint32_t i = 0; i < old_slots; i++) {
    if (old[i].next == 0) continue;
    uint32_t at = old[i].low & (slots_ - 1);
    while (table_[at].next != 0) at = (at + 1) & (slots_ - 1);
    table_[at] = old[i];
  }
}

Notes::Notes(uint32_t alive_seconds, uint32_t most_responders)
    : alive_seconds_(alive_seconds), most_responders_(most_responders) {}

uint32_t Notes::Intern(const Place& place) {
  const uint32_t fresh = static_cast<uint32_t>(responders_.size());
  const uint32_t found = by_place_.Find(HashPlace(place), fresh, fresh < most_responders_,
                                        [&](uint32_t i) { return responders_[i].place == place; });
  if (found == NoteIndex::kNone) {
    overflow_++;
    return kNobody;
  }
  if (found == fresh) responders_.push_back({place, kNoStrip, {}, {}});
  return found + 1;
}

void Notes::Survived(uint32_t responder, const Ended& ended) {
  if (responder == kNobody) {
    overflow_++;
    return;
  }
  const uint64_t key =
      static_cast<uint64_t>(responder) << 32 | static_cast<uint64_t>(ended.outcome) << 28 |
      static_cast<uint64_t>(ended.clock) << 24 | static_cast<uint64_t>(ended.state) << 22 |
      static_cast<uint64_t>(ended.first_speaker) << 20 | BinOf(ended.ns);
  const uint32_t fresh = static_cast<uint32_t>(bins_.size());
  const uint32_t found = by_bin_.Find(Fold(key ^ kSeed0, kSeed1), fresh, fresh < kMostBins,
                                      [&](uint32_t i) { return bins_[i].key == key; });
  if (found == NoteIndex::kNone) {
    overflow_++;
    return;
  }
  if (found == fresh) bins_.push_back({key, 0, 0, 0, 0});
  Bin& bin = bins_[found];
  bin.count++;
  bin.keepalives += ended.keepalive;
  if (ended.ns > bin.longest_ns) {
    bin.longest_ns = ended.ns;
    bin.longest_frame = ended.frame;
  }
}

void Notes::Greet(uint32_t responder, const Packet& p, int by, bool from_start) {
  Responder& who = responders_[responder - 1];
  uint8_t& greeted = who.greeted[by * 2 + from_start];
  if (greeted >= kGreetings) return;
  if (greetings_.size() >= kMostGreetings) {
    overflow_++;
    return;
  }
  greeted++;
  Greeting row{};
  PutPlace(who.place, &row);
  row.atNs = p.at_ns;
  row.frame = p.number;
  row.by = static_cast<uint8_t>(by);
  row.fromStart = from_start;
  row.captured = p.payload_captured;
  row.payload = p.payload;
  const uint8_t* bytes = p.options + p.options_bytes;
  std::memcpy(row.bytes0, bytes, std::min<size_t>(p.payload_captured, sizeof row.bytes0));
  if (p.payload_captured > sizeof row.bytes0) {
    std::memcpy(row.bytes1, bytes + sizeof row.bytes0, p.payload_captured - sizeof row.bytes0);
  }
  greetings_.push_back(row);
}

void Notes::StatelessReset(uint32_t responder, uint64_t at_ns, uint64_t frame, bool middlebox) {
  if (responder == kNobody) {
    overflow_++;
    return;
  }
  if (rolls_ && resets_.size() >= kMostRolling) RollResets();
  const uint64_t key = static_cast<uint64_t>(responder) << 40 ^ at_ns / kSecond;
  const uint32_t fresh = static_cast<uint32_t>(resets_.size());
  const uint32_t found =
      by_second_.Find(Fold(key ^ kSeed2, kSeed1), fresh, fresh < kMostResetSeconds,
                      [&](uint32_t i) { return resets_[i].key == key; });
  if (found == NoteIndex::kNone) {
    overflow_++;
    return;
  }
  if (found == fresh) resets_.push_back({key, frame, 0, 0});
  resets_[found].count++;
  resets_[found].middlebox += middlebox;
}

// The older half is forgotten; the index is made again.
void Notes::RollResets() {
  resets_.erase(resets_.begin(), resets_.begin() + static_cast<ptrdiff_t>(resets_.size() / 2));
  by_second_ = NoteIndex();
  for (uint32_t i = 0; i < resets_.size(); i++) {
    by_second_.Find(Fold(resets_[i].key ^ kSeed2, kSeed1), i, true, [](uint32_t) { return false; });
  }
}

// The strip in hand is full (or time stepped): it is kept, a new one begins. Two strips of one
// stretch are merged above.
void Notes::TurnStrip(Responder* who, uint32_t strip) {
  if (who->strip != kNoStrip) {
    if (rolls_ && strips_.size() >= kMostRolling) {
      strips_[oldest_strip_++ % kMostRolling] = StripOf(*who);
    } else if (strips_.size() < kMostStrips) {
      strips_.push_back(StripOf(*who));
    } else {
      overflow_++;
    }
  }
  who->strip = strip;
  std::memset(who->nibbles, 0, sizeof who->nibbles);
}

AliveStrip Notes::StripOf(const Responder& who) const {
  AliveStrip row{};
  PutPlace(who.place, &row);
  row.firstSecond = static_cast<uint64_t>(who.strip) * kNibbles * alive_seconds_;
  row.secondsPerNibble = static_cast<uint8_t>(alive_seconds_);
  std::memcpy(row.ages0, who.nibbles, sizeof who.nibbles);
  return row;
}

std::vector<AliveStrip> Notes::alive() const {
  std::vector<AliveStrip> out = strips_;
  for (const Responder& who : responders_) {
    if (who.strip != kNoStrip) out.push_back(StripOf(who));
  }
  return out;
}

std::vector<SurvivorBin> Notes::survivors() const {
  std::vector<SurvivorBin> out;
  out.reserve(bins_.size());
  for (const Bin& bin : bins_) {
    SurvivorBin row{};
    PutPlace(responders_[(bin.key >> 32) - 1].place, &row);
    row.longestNs = bin.longest_ns;
    row.longestFrame = bin.longest_frame;
    row.count = bin.count;
    row.keepalives = bin.keepalives;
    row.bin = bin.key & 0xffff;
    row.firstSpeaker = bin.key >> 20 & 3;
    row.tcpState = bin.key >> 22 & 3;
    row.clock = bin.key >> 24 & 15;
    row.outcome = bin.key >> 28 & 15;
    out.push_back(row);
  }
  return out;
}

std::vector<ResetSecond> Notes::resets() const {
  std::vector<ResetSecond> out;
  out.reserve(resets_.size());
  for (const Resets& resets : resets_) {
    ResetSecond row{};
    PutPlace(responders_[(resets.key >> 40) - 1].place, &row);
    row.second = resets.key & ((uint64_t{1} << 40) - 1);
    row.count = resets.count;
    row.middlebox = resets.middlebox;
    row.firstFrame = resets.first_frame;
    out.push_back(row);
  }
  return out;
}

}  // namespace deadair
