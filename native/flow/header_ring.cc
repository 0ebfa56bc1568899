#include "flow/header_ring.h"

#include <algorithm>
#include <unordered_map>

#include "decode/decode.h"
#include "flow/glance.h"

namespace deadair {

HeaderRing::HeaderRing(uint32_t bytes)
    : arena_(bytes & ~7u),
      bytes_(static_cast<uint8_t*>(arena_.base())),
      size_(bytes_ == nullptr ? 0 : bytes & ~7u) {}

uint32_t HeaderRing::SizeAt(uint32_t offset) const {
  const Entry* entry = At(offset);
  if (size_ - offset < sizeof(Entry) || entry->captured == kSkip) return size_ - offset;
  return static_cast<uint32_t>(sizeof(Entry) + ((entry->captured + 7u) & ~7u));
}

void HeaderRing::DropOldest() {
  const uint32_t gone = SizeAt(tail_);
  used_ -= gone;
  tail_ = tail_ + gone == size_ ? 0 : tail_ + gone;
}

// Where so many bytes may be written, in one piece; what is in the way goes.
uint32_t HeaderRing::Room(uint32_t need) {
  if (size_ - head_ < need) {
    const uint32_t rest = size_ - head_;
    while (size_ - used_ < rest) DropOldest();
    if (rest >= sizeof(Entry)) At(head_)->captured = kSkip;
    used_ += rest;
    head_ = 0;
  }
  while (size_ - used_ < need) DropOldest();
  return head_;
}

void HeaderRing::Keep(const Frame& frame) {
  uint64_t hash = 0;
  if (const uint8_t* ip = StraightIp(frame)) {
    hash = HashStraight(ip, StraightSeed(0));
  } else {
    Packet p;
    const Fate fate = Decode(frame, &p);
    if (fate != Fate::kTcp && fate != Fate::kIcmpQuote) return;
    hash = PlainHash(p);
  }
  const auto captured = static_cast<uint16_t>(std::min<uint32_t>(frame.captured, kSkip - 1));
  const uint32_t need = static_cast<uint32_t>(sizeof(Entry) + ((captured + 7u) & ~7u));
  if (need > size_) return;
  const uint32_t at = Room(need);
  arena_.Reach(at + need);
  *At(at) = {frame.at_ns, frame.number,    static_cast<uint32_t>(hash), frame.wire,
             captured,    frame.link_type, frame.capture_point,         0};
  std::memcpy(bytes_ + at + sizeof(Entry), frame.data, captured);
  used_ += need;
  head_ = at + need == size_ ? 0 : at + need;
}

std::vector<CarvedFrame> HeaderRing::Find(const std::vector<CarverTuple>& tuples,
                                          size_t most_bytes) const {
  std::unordered_multimap<uint32_t, uint32_t> wanted;
  for (uint32_t i = 0; i < tuples.size(); i++)
    wanted.emplace(static_cast<uint32_t>(PlainHash(PacketOf(tuples[i]))), i);
  std::vector<CarvedFrame> out;
  size_t bytes = 0;
  uint32_t at = tail_;
  for (uint32_t seen = 0; seen < used_ && bytes < most_bytes;) {
    const uint32_t step = SizeAt(at);
    const Entry* entry = At(at);
    const bool skip = size_ - at < sizeof(Entry) || entry->captured == kSkip;
    const auto [first, last] =
        skip ? std::pair(wanted.end(), wanted.end()) : wanted.equal_range(entry->hash);
    for (auto one = first; one != last; ++one) {
      const uint8_t* data = bytes_ + at + sizeof(Entry);
      const Frame frame = {data,        entry->at_ns,     entry->number,       entry->captured,
                           entry->wire, entry->link_type, entry->capture_point};
      Packet p;
      const Fate fate = Decode(frame, &p);
      if (!IsTuple(tuples[one->second], p)) continue;
      out.push_back({one->second, frame.at_ns, frame.number, frame.link_type, frame.capture_point,
                     frame.wire, p.ip_offset, fate == Fate::kTcp ? p.payload : 0,
                     std::vector<uint8_t>(data, data + frame.captured)});
      bytes += frame.captured;
    }
    seen += step;
    at = at + step == size_ ? 0 : at + step;
  }
  return out;
}

}  // namespace deadair
