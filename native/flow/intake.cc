#include "flow/intake.h"

#include "decode/decode.h"

namespace deadair {
Intake::Intake(const TrackerOptions& options, const std::string& filter, size_t sources)
    : filter_(filter.empty() ? nullptr : std::make_unique<Filter>(filter)),
      tracker_(options),
      partitions_(PartitionsOf(options.shard, options.shards)),
      fates_(sources),
      filtered_(sources) {}

// Every shard does this for every frame of the capture: it decides whose the packet is, and leaves
// the rest to the tracker.
void Intake::Take(std::span<const Frame> frames) {
  if (filter_ != nullptr) frames = Filtered(frames);
  const uint64_t partitions = partitions_;
  hand_.point = UINT32_MAX;  // a live capture may have begun an epoch since the last block
  Glance* to = glances_.data();
  for (const Frame& frame : frames) {
    if (frame.number >> kFrameBits != hand_.source || frame.capture_point != hand_.point)
        [[unlikely]]
      Meet(frame);
    if (!hand_.clock->GoesOn(frame)) [[unlikely]]
      to = Turn(frame, to);
    const uint8_t* const ip = StraightIp(frame);
    if (ip == nullptr) [[unlikely]] {
      to = Odd(frame, to);
      continue;
    }
    hand_.fates[static_cast<size_t>(Fate::kTcp)]++;
    const uint64_t hash = HashStraight(ip, hand_.seed);
    hand_.clock->Heard(hash);
    tracker_.Expect(hash);
    const bool opens = OpensConnection(ip[33]), owned = IsIn(partitions, hash);
    *to = {hash, &frame, ip, hand_.realm, hand_.seen_in, opens, owned};
    to += owned | opens;
  }
  Flush(to);
}

// Those of the frames that the expression lets through.
std::span<const Frame> Intake::Filtered(std::span<const Frame> frames) {
  filtered_frames_.clear();
  for (const Frame& frame : frames) {
    if (filter_->Matches(frame)) {
      filtered_frames_.push_back(frame);
    } else {
      filtered_[frame.number >> kFrameBits]++;
    }
  }
  return filtered_frames_;
}

// A frame that is not straight: decoded header by header.
Glance* Intake::Odd(const Frame& frame, Glance* to) {
  if (const Wrapped inner = StraightInVxlan(frame); inner.ip != nullptr)
    return InVxlan(frame, inner, to);
  Packet& packet = packets_[static_cast<size_t>(to - glances_.data())];
  const Fate fate = Decode(frame, &packet);
  hand_.fates[static_cast<size_t>(fate)]++;
  if (fate == Fate::kTcp) {
    tunnels_ |= packet.tunnel_kind != Tunnel::kNone;
    return Put({packet.hash, &frame, nullptr, 0, hand_.seen_in, OpensConnection(packet.tcp_flags),
                IsIn(partitions_, packet.hash)},
               to);
  }
  if (fate != Fate::kIcmpQuote || !IsIn(partitions_, packet.hash)) return to;
  const Packet quote = packet;
  to = Flush(to);
  tracker_.Quote(quote);
  return to;
}

Glance* Intake::InVxlan(const Frame& frame, const Wrapped& inner, Glance* to) {
  hand_.fates[static_cast<size_t>(Fate::kTcp)]++;
  tunnels_ = true;
  const uint16_t point = frame.capture_point;
  const uint64_t seed = StraightSeed(ZoneOf(inner.vni, Tunnel::kVxlan, point));
  const uint64_t hash = HashStraight(inner.ip, seed);
  return Put({hash, &frame, inner.ip, RealmOf(inner.vni, point, Tunnel::kVxlan << 4 | 4),
              hand_.seen_in, OpensConnection(inner.ip[33]), IsIn(partitions_, hash)},
             to);
}

Glance* Intake::Put(const Glance& glance, Glance* to) {
  hand_.clock->Heard(glance.hash);
  tracker_.Expect(glance.hash);
  *to = glance;
  return to + (glance.owned | glance.opens);
}

// Another source or capture point than the last frame's.
void Intake::Meet(const Frame& frame) {
  const uint64_t source = frame.number >> kFrameBits;
  CaptureClock& clock = tracker_.clock(frame.capture_point);
  hand_ = {source,
           frame.capture_point,
           SeenIn(frame.number, clock.epoch()),
           StraightSeed(frame.capture_point),
           RealmOf(0, frame.capture_point, Tunnel::kNone << 4 | 4),
           fates_[source].data(),
           &clock};
}

// A second of the capture point's clock is over, or it cannot be trusted: what was taken so far
// belongs to the time before.
Glance* Intake::Turn(const Frame& frame, Glance* to) {
  to = Flush(to);
  hand_.clock->Tick(frame);
  hand_.seen_in = SeenIn(frame.number, hand_.clock->epoch());
  return to;
}

Glance* Intake::Flush(const Glance* end) {
  const size_t count = static_cast<size_t>(end - glances_.data());
  if (count != 0) tracker_.Process({glances_.data(), count}, packets_.data());
  return glances_.data();
}

}  // namespace deadair
