#include "flow/intake.h"

#include "decode/decode.h"

namespace deadair {
Intake::Intake(const TrackerOptions& options, const std::string& filter, size_t sources)
    : filter_(filter.empty() ? nullptr : std::make_unique<Filter>(filter)),
      tracker_(options),
      partitions_(PartitionsOf(options.shard, options.shards)),
      fates_(sources),
      filtered_(sources) {}

void Intake::Take(std::span<const Frame> frames) {
  glanced_ = 0;
  for (const Frame& frame : frames) One(frame);
  Flush();
}

inline void Intake::One(const Frame& frame) {
  const uint64_t source = frame.number >> kFrameBits;
  if (source != source_in_hand_ || frame.capture_point != point_in_hand_) [[unlikely]]
    Meet(frame);
  if (filter_ != nullptr && !filter_->Matches(frame)) {
    filtered_[source]++;
    return;
  }
  CaptureClock& clock = *clock_in_hand_;
  if (!clock.GoesOn(frame)) [[unlikely]] {
    Flush();  // what is in hand belongs to the time before
    clock.Tick(frame);
  }
  const uint8_t* ip = StraightIp(frame);
  if (ip == nullptr) return Odd(frame);
  fates_in_hand_[static_cast<size_t>(Fate::kTcp)]++;
  const uint64_t hash = HashStraight(ip, frame.capture_point);
  clock.Heard(hash);
  const bool owned = IsIn(partitions_, hash);
  tracker_.Expect(hash);
  glances_[glanced_] = {hash, &frame, ip, nullptr, owned};
  glanced_ += owned | OpensConnection(ip[33]);
}

// A frame that is not straight: decoded header by header.
void Intake::Odd(const Frame& frame) {
  Packet& packet = packets_[glanced_];
  const Fate fate = Decode(frame, &packet);
  fates_in_hand_[static_cast<size_t>(fate)]++;
  if (fate == Fate::kTcp) {
    clock_in_hand_->Heard(packet.hash);
    tunnels_ |= packet.tunnel_kind != Tunnel::kNone;
    const bool owned = IsIn(partitions_, packet.hash);
    tracker_.Expect(packet.hash);
    glances_[glanced_] = {packet.hash, &frame, nullptr, &packet, owned};
    glanced_ += owned | OpensConnection(packet.tcp_flags);
  } else if (fate == Fate::kIcmpQuote && IsIn(partitions_, packet.hash)) {
    const Packet quote = packet;
    Flush();
    tracker_.Quote(quote);
  }
}

// Another source or capture point than the last frame's.
void Intake::Meet(const Frame& frame) {
  source_in_hand_ = frame.number >> kFrameBits;
  point_in_hand_ = frame.capture_point;
  fates_in_hand_ = fates_[source_in_hand_].data();
  clock_in_hand_ = &tracker_.clock(frame.capture_point);
}

void Intake::Flush() {
  if (glanced_ == 0) return;
  tracker_.Process({glances_.data(), glanced_});
  glanced_ = 0;
}

}  // namespace deadair
