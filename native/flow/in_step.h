// The next segment of an established connection that nobody watches: what it leaves behind. Small
// and in a header, because nine packets of ten end here.
#pragma once
#include <algorithm>

#include "flow/tracker.h"

namespace deadair {

inline constexpr uint16_t kIpIdStep = 2048;  // chosen: a counter that others use too goes no faster

inline bool FromStart(const HotFlow& f) {
  return (f.state & (FlowBit::kSyn | FlowBit::kSynAck)) != 0;
}

inline void StartProbe(HotFlow& f, int s, uint32_t end, uint64_t at_ns) {
  f.state = (f.state & ~FlowBit::kProbeSide) | FlowBit::kProbing | (s ? FlowBit::kProbeSide : 0);
  f.probe_end = end;
  f.probe_tick = static_cast<uint32_t>(at_ns >> kProbeShift);
}

// In step: the sequence number is the one that is due, and it acknowledges nothing unseen.
inline bool Tracker::InStep(const HotFlow& f, const Segment& p, int s) {
  constexpr uint8_t kLooked = TcpFlag::kSyn | TcpFlag::kRst | TcpFlag::kAck;
  constexpr uint16_t kKnown = SideBit::kSeen | SideBit::kAckKnown | SideBit::kNxtCertain;
  constexpr uint32_t kEstablished = FlowBit::kHandshake | FlowBit::kMidStream;
  const Side& me = f.side[s];
  const Side& it = f.side[1 - s];
  return p.seq == me.nxt && (p.tcp_flags & kLooked) == TcpFlag::kAck &&
         SeqDistance(it.nxt, p.ack) <= 0 && (f.state & kEstablished) != 0 &&
         ((f.state & (FlowBit::kKeepaliveOut | FlowBit::kDoubtful)) | f.pending) == 0 &&
         (me.bits & (it.bits | SideBit::kFinInferred) & (kKnown | SideBit::kFinInferred)) == kKnown;
}

// Window, IP-ID, TTL and timestamp as this packet has them; returns the side's bits, which change
// when the TTL does, or the IP-ID leaps.
inline uint16_t Tracker::NoteHeader(Side* me, const Segment& p, uint16_t bits) {
  const uint16_t step = static_cast<uint16_t>(p.ip_id - me->ip_id);
  const bool usual = step <= kIpIdStep && p.ttl == me->ttl_data &&
                     ((bits & SideBit::kIpIdNonZero) != 0 || p.ip_id == 0);
  if (!usual) [[unlikely]]
    bits = NoteChange(me, p, bits);
  me->window = p.window;
  me->ip_id = p.ip_id;
  if (p.tsval != 0) me->tsval = p.tsval;
  return bits;
}

inline uint16_t Tracker::NoteChange(Side* me, const Segment& p, uint16_t bits) {
  if (p.ip_id != 0) {
    const uint16_t step = static_cast<uint16_t>(p.ip_id - me->ip_id);
    if ((bits & SideBit::kIpIdNonZero) != 0 && step > kIpIdStep) bits |= SideBit::kIpIdJumps;
    bits |= SideBit::kIpIdNonZero;
  }
  if ((p.tcp_flags & TcpFlag::kSyn) == 0) {
    if (me->ttl_data != p.ttl && me->ttl_data != 0) bits |= SideBit::kTtlVaries;
    me->ttl_data = p.ttl;
  }
  return bits;
}

inline void Tracker::NotePlace(HotFlow* f, const Segment& p) {
  f->frame = static_cast<uint32_t>(p.number);
  f->seen_in = p.seen_in;
  f->packets += f->packets < 0xff;
}

inline void Tracker::TakeRoundTrip(const HotFlow& f, Side& me, uint64_t at_ns) {
  const uint32_t ticks = static_cast<uint32_t>(at_ns >> kProbeShift) - f.probe_tick;
  const uint32_t ns = std::min(std::max(ticks, 1u), 0xffffffffu >> kProbeShift) << kProbeShift;
  if (me.min_rtt == 0 || ns < me.min_rtt) me.min_rtt = ns;
}

// The step of the alive strips at this time, kept in hand: most packets fall into the same.
inline uint16_t Tracker::AliveStep(uint64_t at_ns) {
  if (at_ns - step_begins_ < step_ns_) [[likely]]
    return step_;
  const uint64_t length = uint64_t{alive_every_} * 1000000000;
  if (at_ns / 1000000000 > UINT32_MAX)  // seconds wrap (the year 2106)
    return static_cast<uint16_t>(static_cast<uint32_t>(at_ns / 1000000000) / alive_every_);
  step_ns_ = length;
  step_begins_ = at_ns - at_ns % length;
  return step_ = static_cast<uint16_t>(at_ns / length);
}

inline void Tracker::MarkAlive(uint32_t id, HotFlow& f, uint64_t at_ns) {
  const uint16_t step = AliveStep(at_ns);
  if (step == f.alive_step && f.responder != kNobody) return;
  f.alive_step = step;
  NoteAlive(id, f, at_ns);
}

// What Observe does, for a packet that is in step. The state is held in hand: a store through a
// side would make the compiler read the rest of the flow again.
inline void Tracker::Advance(uint32_t id, HotFlow& f, const Segment& p, int s) {
  Side& me = f.side[s];
  uint32_t state = f.state;
  uint16_t bits = me.bits;
  if (SeqDistance(me.ack, p.ack) > 0) {
    me.ack = p.ack;
    const bool timed = (state & (FlowBit::kProbing | FlowBit::kProbeSide)) ==
                       (FlowBit::kProbing | (s ? 0 : FlowBit::kProbeSide));
    if (timed && SeqDistance(f.probe_end, p.ack) >= 0) {
      state &= ~FlowBit::kProbing;
      TakeRoundTrip(f, me, p.at_ns);
    }
    if (s == 1) MarkAlive(id, f, p.at_ns);
  }
  const uint32_t fin = p.tcp_flags & TcpFlag::kFin;
  if (p.payload + fin != 0) {
    const uint32_t end = p.seq + p.payload + fin;
    me.nxt = end;
    if ((state & FlowBit::kProbing) == 0) {
      state = (state & ~FlowBit::kProbeSide) | FlowBit::kProbing | (s ? FlowBit::kProbeSide : 0);
      f.probe_end = end;
      f.probe_tick = static_cast<uint32_t>(p.at_ns >> kProbeShift);
    }
    if (p.payload != 0) [[likely]] {
      const uint32_t tick = TickOf(p.at_ns);
      const uint64_t idle = static_cast<uint64_t>(tick - f.payload_tick) << kTickShift;
      if (idle >= options_.shortest_ns && (state & FlowBit::kHasPayload) != 0) [[unlikely]]
        PayloadResumes(id, f, p.at_ns, p.number, s, idle);
      f.payload_tick = tick;
      state |= FlowBit::kHasPayload;
      bits |= SideBit::kPayload;
    }
    if (fin != 0) bits |= SideBit::kFin;
  }
  me.bits = NoteHeader(&me, p, bits);
  f.state = (state & ~FlowBit::kLastSide) | (s ? FlowBit::kLastSide : 0);
  f.last_at = p.at_ns;
  NotePlace(&f, p);
}

}  // namespace deadair
