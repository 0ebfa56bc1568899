// One connection in memory: 128 bytes that every packet touches, 48 that few do.
//
// The last payload is kept in ticks of 2^20 ns (about 1.05 ms) modulo 2^32 (52 days), to be read
// relative to `last_at`; the round-trip probe in ticks of 2^10 ns modulo 2^32 (73 minutes).
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "packet.h"

namespace deadair {

struct Side {
  uint32_t nxt;          // sequence number behind the last byte seen
  uint32_t ack;          // highest acknowledgement number sent
  uint32_t tsval;        // last timestamp value
  uint32_t min_rtt;      // ns, capture point to this side and back, unretransmitted; 0 unknown
  uint32_t fingerprint;  // of the last packet, to know a mirrored copy
  uint16_t window;       // last window field
  uint16_t ip_id;
  uint8_t ttl_handshake;
  uint8_t ttl_data;
  uint16_t bits;  // SideBit
};
static_assert(sizeof(Side) == 28);

namespace SideBit {
inline constexpr uint16_t kSeen = 1, kTimestamps = 2, kTimestampsUnknown = 4, kFin = 8,
                          kFinInferred = 16, kRst = 32, kIpIdNonZero = 64, kIpIdJumps = 128,
                          kScaleKnown = 256, kPayload = 512, kTtlVaries = 1024, kAckKnown = 2048,
                          // nxt comes from a SYN, payload or the other side's ack
    kNxtCertain = 4096,
                          // min_rtt has a kernel's answer: no program had to think first
    kRttOfHandshake = 8192;
inline constexpr uint16_t kAnyFin = kFin | kFinInferred;
// The upper two bits: how many hops a mirror's copies of this side's packets are away from them.
inline constexpr uint16_t kCopyHopsShift = 14, kMostCopyHops = 3;
}  // namespace SideBit

struct alignas(64) HotFlow {
  uint32_t address[2];  // IPv4 in network order; IPv6: 64 hash bits of both, the addresses are in
                        // ColdFlow
  uint16_t port[2];
  uint32_t tunnel_id;  // from here to `zone`: read as one word (RealmOf)
  uint16_t capture_point;
  uint8_t zone;      // tunnel kind << 4 | IP version
  uint8_t packets;   // saturating
  uint32_t state;    // FlowBit
  uint64_t last_at;  // capture clock, ns
  Side side[2];
  uint32_t payload_tick;  // last payload of either side
  uint32_t probe_end;     // round-trip probe: acknowledged when the other side reaches this
  uint32_t probe_tick;
  uint32_t frame;    // last packet: low 32 bits of the number in its source
  uint32_t seen_in;  // … SeenIn: its source, and the epoch of its capture point's clock (clock.h)
  uint32_t pending;  // 1 + index of the silence being watched, 0 none
  uint32_t responder;     // number of the responder's place (notes.h), 0 not yet
  uint32_t born_second;   // first packet, capture clock
  uint16_t alive_step;    // last step of an alive strip (mod 2^16) that was noted
  uint16_t keepalive_ds;  // tenths of a second between the last two probes, saturating
  uint8_t keepalives;     // saturating
  uint8_t keepalives_answered;
  int8_t scale[2];  // window scale, -1 none

  uint16_t source() const { return static_cast<uint16_t>(seen_in); }
  uint16_t epoch() const { return static_cast<uint16_t>(seen_in >> 16); }
};
static_assert(sizeof(HotFlow) == 128);

inline uint32_t SeenIn(uint64_t number, uint16_t epoch) {
  return static_cast<uint16_t>(number >> kFrameBits) | uint32_t{epoch} << 16;
}

// Where a tuple means one connection, in one word: the tunnel, the capture point, the zone.
inline uint64_t RealmOf(uint32_t tunnel_id, uint16_t capture_point, uint8_t zone) {
  return uint64_t{tunnel_id} << 8 | uint64_t{capture_point} << 40 | uint64_t{zone} << 56;
}
inline uint64_t RealmOf(const HotFlow& flow) {
  static_assert(offsetof(HotFlow, capture_point) == offsetof(HotFlow, tunnel_id) + 4 &&
                offsetof(HotFlow, zone) == offsetof(HotFlow, tunnel_id) + 6 &&
                offsetof(HotFlow, packets) == offsetof(HotFlow, tunnel_id) + 7);
  uint64_t word;
  std::memcpy(&word, reinterpret_cast<const char*>(&flow) + offsetof(HotFlow, tunnel_id), 8);
  return word << 8;  // the top byte counts packets
}

struct ColdFlow {
  uint8_t address[2][16];  // IPv6 only
  uint64_t first_at;
  uint32_t isn;        // of the originator's SYN
  uint32_t next_free;  // free list, while unused
};
static_assert(sizeof(ColdFlow) == 48);

namespace FlowBit {
inline constexpr uint32_t kUsed = 1, kSyn = 2, kSynAck = 4, kHandshake = 8, kMidStream = 16,
                          kOriginatorKnown = 32, kReset = 64, kBroken = 128, kReused = 256,
                          kLastSide = 512,  // which side spoke last
    kProbeSide = 1024,                      // whose data the round-trip probe times
    kProbing = 2048, kKeepaliveOut = 4096, kKeepaliveSide = 8192, kHeld = 16384,
                          kHasPayload = 32768,
                          kDoubtful = 65536;  // reset in the window, not exact: may live
}  // namespace FlowBit

// What the table gives up first when it is full.
enum class Usefulness : uint8_t { kHalfOpen, kOneSided, kClosed, kOpen };

inline bool BothSeen(const HotFlow& flow) {
  return (flow.side[0].bits & flow.side[1].bits & SideBit::kSeen) != 0;
}

// A connection whose silences mean something: handshake seen, or met mid-stream with both sides
// heard.
inline bool Established(const HotFlow& flow) {
  return (flow.state & FlowBit::kHandshake) != 0 ||
         ((flow.state & FlowBit::kMidStream) != 0 && BothSeen(flow));
}

inline bool AnyFin(const HotFlow& flow) {
  return ((flow.side[0].bits | flow.side[1].bits) & SideBit::kAnyFin) != 0;
}

// One side has closed, the other has heard it and may go on speaking: boxes keep such a row for a
// shorter time. A FIN that was only inferred, or is not acknowledged, does not count.
inline bool HalfClosed(const HotFlow& flow) {
  const bool first = (flow.side[0].bits & SideBit::kAnyFin) != 0;
  if (first == ((flow.side[1].bits & SideBit::kAnyFin) != 0)) return false;
  const Side& closed = flow.side[first ? 0 : 1];
  const Side& open = flow.side[first ? 1 : 0];
  return (closed.bits & SideBit::kFin) != 0 && (open.bits & SideBit::kAckKnown) != 0 &&
         open.ack == closed.nxt;
}

inline Usefulness UsefulnessOf(const HotFlow& flow) {
  if ((flow.state & FlowBit::kReset) != 0 ||
      (flow.side[0].bits & flow.side[1].bits & SideBit::kAnyFin) != 0) {
    return Usefulness::kClosed;
  }
  if (Established(flow)) return Usefulness::kOpen;
  return (flow.state & FlowBit::kSyn) != 0 ? Usefulness::kHalfOpen : Usefulness::kOneSided;
}

inline constexpr int kTickShift = 20;
inline constexpr int kProbeShift = 10;

inline uint32_t TickOf(uint64_t at_ns) { return static_cast<uint32_t>(at_ns >> kTickShift); }

// The latest moment not after `reference` that has this tick; exact to 2^20 ns.
inline uint64_t TickBefore(uint64_t reference_ns, uint32_t tick) {
  const uint64_t now = reference_ns >> kTickShift;
  const uint32_t back = static_cast<uint32_t>(now) - tick;
  return now >= back ? (now - back) << kTickShift : 0;
}

// Distance on the circle of 2^32 (RFC 9293 §3.4): positive when `to` lies ahead of `from`.
inline int32_t SeqDistance(uint32_t from, uint32_t to) { return static_cast<int32_t>(to - from); }

}  // namespace deadair
