// The straight path: packets that were only glanced at, a block of them at a time. What is the next
// in its connection is read from the wire and done with; all else is looked at in full.
#include "decode/decode.h"
#include "flow/in_step.h"

namespace deadair {

// `decoded`: what is not straight, by the index of its glance.
void Tracker::Process(std::span<const Glance> packets, const Packet* decoded) {
  uint32_t guess[kBlock];
  for (size_t i = 0; i < packets.size(); i++) {
    guess[i] = table_.Guess(packets[i].hash);
    if (guess[i] != kNoFlow) table_.PrefetchFlow(guess[i]);
  }
  for (size_t i = 0; i < packets.size(); i++) {
    const Glance& p = packets[i];
    if (p.opens) [[unlikely]] {
      if (!listeners_.empty()) KnockOf(p, decoded[i]);
      if (!p.owned) continue;
    }
    uint32_t id = guess[i];
    if (id == kNoFlow) [[unlikely]]
      id = table_.Guess(p.hash);  // it may have begun in this block
    if (p.ip != nullptr && id != kNoFlow && GoesOn(id, p)) [[likely]]
      continue;
    Whole(p, decoded[i], id);
  }
}

// A packet that has to be looked at in full.
[[gnu::noinline]] void Tracker::Whole(const Glance& glance, const Packet& decoded, uint32_t guess) {
  if (glance.ip == nullptr) return One(decoded, guess);
  Packet packet;
  Decode(*glance.frame, &packet);
  One(packet, guess);
}

// A SYN, whichever shard keeps it: the one who opens may be a client of ours that comes back.
[[gnu::noinline]] void Tracker::KnockOf(const Glance& glance, const Packet& decoded) {
  if (glance.ip == nullptr) return Knock(CallerOf(decoded));
  Packet packet;
  Decode(*glance.frame, &packet);
  Knock(CallerOf(packet));
}

// A straight packet that is the next in its connection: read from the wire, and done. False:
// nothing was done, it has to be looked at in full. Each side has its own copy of the code, in
// which the fields of both sides lie at known places.
inline bool Tracker::GoesOn(uint32_t id, const Glance& glance) {
  const int s = table_.SideOf(id, glance.ip, glance.realm);
  if (s < 0) return false;
  const Segment p = SegmentOf(glance);
  return s == 0 ? GoesOnFrom(id, p, 0) : GoesOnFrom(id, p, 1);
}

inline bool Tracker::GoesOnFrom(uint32_t id, const Segment& p, int s) {
  HotFlow& f = table_.hot(id);
  Side& me = f.side[s];
  if (p.at_ns - f.last_at >= options_.shortest_ns) return false;
  const bool shakes = !InStep(f, p, s);
  if (shakes && (s != 0 || !EndsHandshake(f, p.seq, p.ack, p.tcp_flags))) [[unlikely]]
    return false;
  if ((p.tcp_flags & TcpFlag::kFin) != 0 && !JustCloses(f, s, p.at_ns)) [[unlikely]]
    return false;
  if (p.payload != 0 && (me.bits & SideBit::kPayload) == 0 && Greets(f, s, p.at_ns)) [[unlikely]]
    return false;
  const uint32_t fingerprint = FingerprintOf(p);
  if (fingerprint == me.fingerprint) return false;
  me.fingerprint = fingerprint;
  if (shakes) [[unlikely]] {
    f.state |= FlowBit::kHandshake;
    count_.flows_established++;
    me.bits |= SideBit::kAckKnown;
    me.ack = p.ack - 1;  // what it acknowledges is news
    constexpr uint32_t kTimed = FlowBit::kProbing | FlowBit::kProbeSide;
    if ((f.state & kTimed) == kTimed) me.bits |= SideBit::kRttOfHandshake;
  }
  Advance(id, f, p, s);
  return true;
}

// The originator's answer to a SYN ACK, both of which were captured.
bool Tracker::EndsHandshake(const HotFlow& f, uint32_t seq, uint32_t ack, uint8_t tcp_flags) {
  constexpr uint8_t kLooked = TcpFlag::kSyn | TcpFlag::kFin | TcpFlag::kRst | TcpFlag::kAck;
  constexpr uint16_t kNumbered = SideBit::kSeen | SideBit::kNxtCertain;
  constexpr uint16_t kOdd = SideBit::kAckKnown | SideBit::kFinInferred;
  constexpr uint32_t kLook = FlowBit::kSynAck | FlowBit::kHandshake | FlowBit::kMidStream |
                             FlowBit::kKeepaliveOut | FlowBit::kDoubtful;
  const Side& it = f.side[1];
  return (tcp_flags & kLooked) == TcpFlag::kAck && f.pending == 0 &&
         (f.state & kLook) == FlowBit::kSynAck &&
         (f.side[0].bits & (kNumbered | kOdd)) == kNumbered &&
         (it.bits & (kNumbered | kOdd)) == (kNumbered | SideBit::kAckKnown) &&
         seq == f.side[0].nxt && ack == it.nxt;
}

// Whether a FIN in step is the side's first and ends nothing that was silent (Slow knows better).
bool Tracker::JustCloses(const HotFlow& f, int s, uint64_t at_ns) const {
  if ((f.side[s].bits & SideBit::kFin) != 0 || f.epoch() != epoch_of(f)) return false;
  const uint64_t last = TickBefore(f.last_at, f.payload_tick);
  return (f.state & FlowBit::kHasPayload) == 0 ||
         (at_ns >= last && at_ns - last < options_.shortest_ns);
}

// Whether the first payload of this side is one that the notes would keep.
bool Tracker::Greets(const HotFlow& f, int s, uint64_t at_ns) const {
  return f.responder != kNobody && notes_.Listens(f.responder, s, FromStart(f), at_ns);
}

}  // namespace deadair
