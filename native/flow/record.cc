// What a record takes from a connection, and the shelves that bound how many records there are.
#include <algorithm>

#include "flow/tracker.h"

namespace deadair {
namespace {

// A partition's most; 64 of them make 256 k kills, 128 k closes, 64 k payload silences, 2 k
// survivors, 8 k open. What comes after is counted, not examined.
constexpr uint32_t kShelfSize[] = {4096, 2048, 1024, 32, 128};

uint16_t SideFlagsOf(const Side& side) {
  uint32_t flags = 0;
  if (side.bits & SideBit::kTimestamps) flags |= SideFlag::kTimestamps;
  if (side.bits & SideBit::kTimestampsUnknown) flags |= SideFlag::kTimestampsUnknown;
  if (side.bits & SideBit::kFin) flags |= SideFlag::kFin;
  if (side.bits & SideBit::kFinInferred) flags |= SideFlag::kFinInferred;
  if (side.bits & SideBit::kRst) flags |= SideFlag::kRst;
  if (side.bits & SideBit::kScaleKnown) flags |= SideFlag::kWindowScaleKnown;
  if (side.bits & SideBit::kPayload) flags |= SideFlag::kSentPayload;
  if (side.bits & SideBit::kTtlVaries) flags |= SideFlag::kTtlVaries;
  if (side.bits & SideBit::kRttOfHandshake) flags |= SideFlag::kRttOfHandshake;
  flags |= (side.bits >> SideBit::kCopyHopsShift) * SideFlag::kCopyHops1;
  if ((side.bits & SideBit::kSeen) == 0) return static_cast<uint16_t>(flags);
  if ((side.bits & SideBit::kIpIdNonZero) == 0) {
    flags |= SideFlag::kIpIdAlwaysZero;
  } else if ((side.bits & SideBit::kIpIdJumps) == 0) {
    flags |= SideFlag::kIpIdCounts;
  }
  return static_cast<uint16_t>(flags);
}

uint32_t FlowFlagsOf(const HotFlow& f) {
  uint32_t flags = 0;
  if (f.state & FlowBit::kSyn) flags |= FlowFlag::kSawSyn;
  if (f.state & FlowBit::kSynAck) flags |= FlowFlag::kSawSynAck;
  if (f.state & FlowBit::kHandshake) flags |= FlowFlag::kHandshakeDone;
  if (f.state & FlowBit::kMidStream) flags |= FlowFlag::kMidStream;
  if (f.state & FlowBit::kOriginatorKnown) flags |= FlowFlag::kOriginatorKnown;
  if (f.state & FlowBit::kReused) flags |= FlowFlag::kReused;
  if (f.side[0].bits & SideBit::kSeen) flags |= FlowFlag::kSawSide0;
  if (f.side[1].bits & SideBit::kSeen) flags |= FlowFlag::kSawSide1;
  return flags;
}

void PutAddress(const HotFlow& f, const ColdFlow& cold, int s, uint8_t out[16]) {
  if ((f.zone & 15) == 4) {
    std::memset(out, 0, 16);
    std::memcpy(out, &f.address[s], 4);
  } else {
    std::memcpy(out, cold.address[s], 16);
  }
}

// The whole number of the connection's last packet, from its low 32 bits.
uint64_t FrameOf(const HotFlow& f, const Packet& now) {
  const uint64_t base = static_cast<uint64_t>(f.source()) << kFrameBits;
  if ((now.number >> kFrameBits) != f.source()) return base | f.frame;
  const uint64_t local = now.number & ((uint64_t{1} << kFrameBits) - 1);
  uint64_t frame = (local & ~uint64_t{0xffffffff}) | f.frame;
  if (frame > local && frame >= (uint64_t{1} << 32)) frame -= uint64_t{1} << 32;
  return base | frame;
}

}  // namespace

Place Tracker::PlaceOf(uint32_t id, const HotFlow& f) const {
  Place place{};
  PutAddress(f, table_.cold(id), 1, place.address);
  place.tunnel_id = f.tunnel_id;
  place.port = f.port[1];
  place.capture_point = f.capture_point;
  place.tunnel_kind = f.zone >> 4;
  place.ip_version = f.zone & 15;
  return place;
}

// The connection as it was before `p`, but for when it began: that lies in memory that nothing else
// here needs (IPv6 apart), and nine of ten silences survive and are only counted. Put adds it.
Silence Tracker::Snapshot(uint32_t id, const HotFlow& f, const Packet& p) const {
  const ColdFlow& cold = table_.cold(id);
  Silence out{};
  out.startedAtNs = f.last_at;
  out.endedAtNs = p.at_ns;
  out.lastPayloadAtNs =
      (f.state & FlowBit::kHasPayload) != 0 ? TickBefore(f.last_at, f.payload_tick) : 0;
  out.lastPacketAtNs = p.at_ns;
  out.frameLastBefore = FrameOf(f, p);
  PutAddress(f, cold, 0, out.originatorAddress);
  PutAddress(f, cold, 1, out.responderAddress);
  out.originatorPort = f.port[0];
  out.responderPort = f.port[1];
  out.capturePoint = f.capture_point;
  out.vlan = p.vlan;
  out.tunnelId = f.tunnel_id;
  out.tunnelKind = f.zone >> 4;
  out.ipVersion = f.zone & 15;
  out.kind = SilenceKind::kPacket;
  out.flowFlags = FlowFlagsOf(f);
  out.lastBeforeBy = (f.state & FlowBit::kLastSide) != 0 ? 1 : 0;
  out.keepalivesBefore = f.keepalives;
  out.keepalivesAnswered = f.keepalives_answered;
  out.keepaliveIntervalMs = uint32_t{f.keepalive_ds} * 100;
  out.packets = f.packets;
  const auto put = [](const Side& side, uint32_t& nxt, uint32_t& ack, uint32_t& tsval,
                      uint32_t& rtt, uint16_t& window, uint16_t& ip_id, uint8_t& ttl_handshake,
                      uint8_t& ttl_data, uint16_t& flags) {
    nxt = side.nxt;
    ack = side.ack;
    tsval = side.tsval;
    rtt = side.min_rtt;
    window = side.window;
    ip_id = side.ip_id;
    ttl_handshake = side.ttl_handshake;
    ttl_data = side.ttl_data;
    flags = SideFlagsOf(side);
  };
  put(f.side[0], out.nxt0, out.ack0, out.tsval0, out.minRttNs0, out.window0, out.ipId0,
      out.ttlHandshake0, out.ttlData0, out.sideFlags0);
  put(f.side[1], out.nxt1, out.ack1, out.tsval1, out.minRttNs1, out.window1, out.ipId1,
      out.ttlHandshake1, out.ttlData1, out.sideFlags1);
  return out;
}

bool Tracker::HasRoom(uint32_t partition, Shelf shelf) const {
  const size_t which = static_cast<size_t>(shelf);
  return shelf_count_[partition][which] < kShelfSize[which];
}

bool Tracker::Put(uint32_t id, const Silence& record, uint32_t partition, Shelf shelf) {
  if (!HasRoom(partition, shelf)) return false;
  shelf_count_[partition][static_cast<size_t>(shelf)]++;
  silences_.Add(record).flowStartedAtNs = table_.cold(id).first_at;
  return true;
}

void Tracker::PutKilled(uint32_t id, const Silence& record, uint32_t partition, uint32_t resets) {
  const bool put = Put(id, record, partition, Shelf::kKilled);
  (put ? count_.silences.killed_in_records : count_.silences.not_examined)++;
  (put ? count_.resets.in_records : count_.resets.not_examined) += resets;
}

// False when too many silences of this partition are being watched: a sixteenth of its ceiling, so
// that a watched silence costs at most 18 bytes a flow of the ceiling.
bool Tracker::Watch(HotFlow& f, const Silence& record, uint32_t partition) {
  if (pending_count_[partition] >= options_.max_flows / kPartitions / 16 + 64) return false;
  pending_count_[partition]++;
  if (pending_free_.empty()) {
    pending_.push_back(record);
    f.pending = static_cast<uint32_t>(pending_.size());
  } else {
    f.pending = pending_free_.back() + 1;
    pending_free_.pop_back();
    pending(f) = record;
  }
  pending_flow_.resize(pending_.size(), kNoFlow);
  pending_flow_[f.pending - 1] = static_cast<uint32_t>(&f - &table_.hot(0));
  return true;
}

void Tracker::DropPending(HotFlow& f, uint32_t partition) {
  StopListening(f.pending - 1);
  pending_count_[partition]--;
  pending_free_.push_back(f.pending - 1);
  pending_flow_[f.pending - 1] = kNoFlow;
  f.pending = 0;
  f.state &= ~FlowBit::kHeld;
}

}  // namespace deadair
