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
  Packet& packet = packets_[static_cast<size_t>(to - glances_.data())];
  const Fate fate = Decode(frame, &packet);
  hand_.fates[static_cast<size_t>(fate)]++;
  if (fate == Fate::kTcp) {
    hand_.clock->Heard(packet.hash);
    tunnels_ |= packet.tunnel_kind != Tunnel::kNone;
    tracker_.Expect(packet.hash);
    const bool opens = OpensConnection(packet.tcp_flags), owned = IsIn(partitions_, packet.hash);
    *to = {packet.hash, &frame, nullptr, 0, hand_.seen_in, opens, owned};
    return to + (owned | opens);
  }
  if (fate != Fate::kIcmpQuote || !IsIn(partitions_, packet.hash)) return to;
  const Packet quote = packet;
  to = Flush(to);
  tracker_.Quote(quote);
  return to;
}

// Another source or capture point than the last frame's.
void Intake::Meet(const Frame& frame) {
  const uint64_t source = frame.number >> kFrameBits;
  CaptureClock& clock = tracker_.clock(frame.capture_point);
  hand_ = {source,
           frame.capture_point,
           SeenIn(frame.number, clock.epoch()),
           StraightSeed(frame.capture_point),
           RealmOf(0, frame.capture_point, 4),
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
