#include "flow/notes.h"

#include <algorithm>
#include <bit>

namespace deadair {
namespace {

// Chosen: 64 × these are 1 M bins (80 MB), 128 k strips (16 MB) and 128 k seconds at the very most.
constexpr uint32_t kMostBins = 16384;
constexpr uint32_t kMostStrips = 2048;
constexpr uint32_t kMostResetSeconds = 2048;
constexpr uint64_t kSecond = 1000000000;
constexpr uint64_t kStripSeconds = 128;

template <class Record>
void PutPlace(const Place& place, Record* out) {
  std::memcpy(out->responderAddress, place.address, 16);
  out->responderPort = place.port;
  out->capturePoint = place.capture_point;
  out->tunnelId = place.tunnel_id;
  out->tunnelKind = place.tunnel_kind;
  out->ipVersion = place.ip_version;
}

// 1 + floor(log2(1 + age in seconds)), at most 15.
uint8_t AgeNibble(uint64_t age_ns) {
  return static_cast<uint8_t>(std::min<int>(15, std::bit_width(1 + age_ns / kSecond)));
}

}  // namespace

Notes::Notes() : bins_(kMostBins), strips_(kMostStrips), resets_(kMostResetSeconds) {}

void Notes::Survived(const Place& place, uint64_t ns, uint64_t frame, uint8_t first_speaker,
                     uint8_t tcp_state, uint8_t clock, uint8_t outcome, bool keepalive) {
  const uint32_t bin = BinOf(ns);
  const uint32_t detail = bin | static_cast<uint32_t>(first_speaker) << 16 |
                          static_cast<uint32_t>(tcp_state) << 20 |
                          static_cast<uint32_t>(clock) << 24 | static_cast<uint32_t>(outcome) << 28;
  Bin* entry = bins_.At({place, detail, 0});
  if (entry == nullptr) return;
  entry->count++;
  entry->keepalives += keepalive;
  if (ns > entry->longest_ns) {
    entry->longest_ns = ns;
    entry->longest_frame = frame;
  }
}

void Notes::Alive(const Place& place, uint64_t at_ns, uint64_t began_ns) {
  const uint64_t second = at_ns / kSecond;
  Strip* strip = strips_.At({place, 0, second / kStripSeconds});
  if (strip == nullptr) return;
  const uint32_t index = second % kStripSeconds;
  const uint8_t age = AgeNibble(at_ns > began_ns ? at_ns - began_ns : 0);
  uint8_t& pair = strip->nibbles[index / 2];
  const int shift = (index & 1) * 4;
  if (((pair >> shift) & 15) < age) {
    pair = static_cast<uint8_t>((pair & ~(15 << shift)) | age << shift);
  }
}

void Notes::StatelessReset(const Place& place, uint64_t at_ns, uint64_t frame, bool middlebox) {
  Resets* entry = resets_.At({place, 1, at_ns / kSecond});
  if (entry == nullptr) return;
  if (entry->count++ == 0) entry->first_frame = frame;
  entry->middlebox += middlebox;
}

std::vector<SurvivorBin> Notes::survivors() const {
  std::vector<SurvivorBin> out;
  out.reserve(bins_.all().size());
  for (const auto& [key, bin] : bins_.all()) {
    SurvivorBin row{};
    PutPlace(key.place, &row);
    row.longestNs = bin.longest_ns;
    row.longestFrame = bin.longest_frame;
    row.count = bin.count;
    row.keepalives = bin.keepalives;
    row.bin = key.detail & 0xffff;
    row.firstSpeaker = key.detail >> 16 & 15;
    row.tcpState = key.detail >> 20 & 15;
    row.clock = key.detail >> 24 & 15;
    row.outcome = key.detail >> 28;
    out.push_back(row);
  }
  return out;
}

std::vector<AliveStrip> Notes::alive() const {
  std::vector<AliveStrip> out;
  out.reserve(strips_.all().size());
  for (const auto& [key, strip] : strips_.all()) {
    AliveStrip row{};
    PutPlace(key.place, &row);
    row.firstSecond = key.moment * kStripSeconds;
    std::memcpy(row.ages0, strip.nibbles, 64);
    out.push_back(row);
  }
  return out;
}

std::vector<ResetSecond> Notes::resets() const {
  std::vector<ResetSecond> out;
  out.reserve(resets_.all().size());
  for (const auto& [key, resets] : resets_.all()) {
    ResetSecond row{};
    PutPlace(key.place, &row);
    row.second = key.moment;
    row.count = resets.count;
    row.middlebox = resets.middlebox;
    row.firstFrame = resets.first_frame;
    out.push_back(row);
  }
  return out;
}

}  // namespace deadair
