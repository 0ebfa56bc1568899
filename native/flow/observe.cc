// What an accepted packet leaves behind in its connection.
#include <algorithm>

#include "decode/decode.h"
#include "flow/in_step.h"

namespace deadair {
namespace {

// First packet of a side: does it use timestamps, and how far does it scale its window?
void LearnOptions(HotFlow& f, const Packet& p, int s) {
  const TcpOptions options = ParseOptions(p);
  Side& me = f.side[s];
  if (options.timestamps == Tristate::kYes) {
    me.bits |= SideBit::kTimestamps;
    me.tsval = options.tsval;
  } else if (options.timestamps == Tristate::kUnknown) {
    me.bits |= SideBit::kTimestampsUnknown;
  }
  if ((p.tcp_flags & TcpFlag::kSyn) != 0 && options.timestamps != Tristate::kUnknown) {
    me.bits |= SideBit::kScaleKnown;
    f.scale[s] = options.window_scale;
  }
}

int ProbeSide(const HotFlow& f) { return (f.state & FlowBit::kProbeSide) != 0 ? 1 : 0; }

// The ACK that ends a handshake tells how far away the client is. Karn: not if it was sent twice.
void TimeSynAck(HotFlow& f, const Packet& p, int s, bool again) {
  if (again) {
    if (ProbeSide(f) == s) f.state &= ~FlowBit::kProbing;
  } else if ((f.state & FlowBit::kProbing) == 0) {
    StartProbe(f, s, p.seq + 1, p.at_ns);
  }
}

}  // namespace

// What every accepted packet leaves behind. A reset leaves its side's clocks and numbers alone: it
// may be forged.
void Tracker::Observe(uint32_t id, HotFlow& f, const Packet& p, int s, int64_t gap) {
  Side& me = f.side[s];
  const Segment seen = SegmentOf(p, epoch_of(f));
  const bool reset = (p.tcp_flags & TcpFlag::kRst) != 0;
  if (!reset) {
    const bool met = (me.bits & SideBit::kSeen) != 0;
    if (!met) MeetSide(f, p, s);
    if ((p.tcp_flags & TcpFlag::kAck) != 0) ObserveAck(id, f, p, s);
    if ((p.tcp_flags & (TcpFlag::kSyn | TcpFlag::kAck)) == (TcpFlag::kSyn | TcpFlag::kAck))
      TimeSynAck(f, p, s, met);
    ObservePayload(id, f, p, s);
    if ((f.state & (FlowBit::kHandshake | FlowBit::kMidStream)) == 0) Shake(f, s);
    me.bits = NoteHeader(&me, seen, me.bits);
  }
  f.state = (f.state & ~FlowBit::kLastSide) | (s ? FlowBit::kLastSide : 0);
  if (gap > 0) f.last_at = p.at_ns;
  NotePlace(&f, seen);
}

// The first packet of a side: its options, and where its sequence numbers stand.
void Tracker::MeetSide(HotFlow& f, const Packet& p, int s) {
  Side& me = f.side[s];
  LearnOptions(f, p, s);
  me.bits |= SideBit::kSeen;
  const bool acked = (f.side[1 - s].bits & SideBit::kAckKnown) != 0;
  if ((p.tcp_flags & TcpFlag::kSyn) != 0) {
    me.bits |= SideBit::kNxtCertain;
  } else if (!acked || SeqDistance(me.nxt, p.seq) > 0) {
    me.nxt = p.seq;
  }
}

void Tracker::ObserveAck(uint32_t id, HotFlow& f, const Packet& p, int s) {
  Side& me = f.side[s];
  Side& it = f.side[1 - s];
  const bool known = (me.bits & SideBit::kAckKnown) != 0;
  if ((f.state & FlowBit::kKeepaliveOut) != 0 &&
      ((f.state & FlowBit::kKeepaliveSide) != 0) == (s == 0)) {
    f.state &= ~FlowBit::kKeepaliveOut;
    f.keepalives_answered += f.keepalives_answered != 0xff;
    if (s == 1) MarkAlive(id, f, p.at_ns);
  }
  if (known && SeqDistance(me.ack, p.ack) <= 0) return;
  const int32_t beyond = SeqDistance(it.nxt, p.ack);
  if ((it.bits & SideBit::kSeen) != 0) {
    // An acknowledgement one too high tells of a FIN that was not captured.
    if (beyond == 1 &&
        (it.bits & (SideBit::kAnyFin | SideBit::kNxtCertain)) == SideBit::kNxtCertain) {
      it.bits |= SideBit::kFinInferred;
    }
    if (beyond > 0) it.nxt = p.ack;
  } else {
    // One-way capture: a pure acknowledgement that grows by exactly one is a FIN as well.
    if (known && p.payload == 0 && SeqDistance(me.ack, p.ack) == 1)
      it.bits |= SideBit::kFinInferred;
    it.nxt = p.ack;
  }
  it.bits |= SideBit::kNxtCertain;
  me.ack = p.ack;
  me.bits |= SideBit::kAckKnown;
  if ((f.state & FlowBit::kProbing) != 0 && ProbeSide(f) == 1 - s &&
      SeqDistance(f.probe_end, p.ack) >= 0) {
    f.state &= ~FlowBit::kProbing;
    TakeRoundTrip(f, me, p.at_ns);
    if ((f.state & (FlowBit::kHandshake | FlowBit::kMidStream)) == 0)
      me.bits |= SideBit::kRttOfHandshake;
  }
  if (s == 1) MarkAlive(id, f, p.at_ns);
}

void Tracker::ObservePayload(uint32_t id, HotFlow& f, const Packet& p, int s) {
  Side& me = f.side[s];
  const bool syn = (p.tcp_flags & TcpFlag::kSyn) != 0;
  const bool fin = (p.tcp_flags & TcpFlag::kFin) != 0;
  if (p.payload <= 1 && !syn && !fin && SeqDistance(p.seq, me.nxt) == 1) {
    // Keepalive (or zero-window) probe: RFC 9293 §3.8.4, SEG.SEQ = SND.NXT-1, with or without a
    // garbage byte.
    const int64_t gap = static_cast<int64_t>(p.at_ns - f.last_at);
    if (gap >= 500000000 && f.side[1 - s].window != 0) {
      if (f.keepalives != 0) {
        f.keepalive_ds = static_cast<uint16_t>(std::min<int64_t>(gap / 100000000, 0xffff));
      }
      f.keepalives += f.keepalives != 0xff;
      f.state = (f.state & ~FlowBit::kKeepaliveSide) | FlowBit::kKeepaliveOut |
                (s ? FlowBit::kKeepaliveSide : 0);
    }
    return;
  }
  if (p.payload == 0 && !fin) return;
  // Who sends more has not closed: the acknowledgement one too high was for a byte that was not
  // captured.
  if ((me.bits & SideBit::kFinInferred) != 0 && p.payload != 0 &&
      SeqDistance(me.nxt, p.seq + p.payload) >= 0)
    me.bits &= ~SideBit::kFinInferred;
  const uint32_t end = p.seq + p.payload + (fin ? 1 : 0) + (syn ? 1 : 0);
  if (SeqDistance(me.nxt, end) > 0) {
    if ((f.state & FlowBit::kProbing) == 0) StartProbe(f, s, end, p.at_ns);
    me.nxt = end;
    if (p.payload > 1) me.bits |= SideBit::kNxtCertain;
  } else if (ProbeSide(f) == s) {
    f.state &= ~FlowBit::kProbing;  // Karn's algorithm: what was sent twice times nothing
  }
  if (p.payload == 0) return;
  const uint32_t tick = TickOf(p.at_ns);
  const uint64_t idle = static_cast<uint64_t>(tick - f.payload_tick) << kTickShift;
  if (idle >= options_.shortest_ns && (f.state & FlowBit::kHasPayload) != 0) [[unlikely]] {
    PayloadResumes(id, f, p.at_ns, p.number, s, idle);
  }
  f.payload_tick = tick;
  f.state |= FlowBit::kHasPayload;
  me.bits |= SideBit::kPayload;
}

// Has the handshake come to its end? The ACK itself may be missing; what follows shows it.
void Tracker::Shake(HotFlow& f, int s) {
  const bool answered = (f.state & FlowBit::kSynAck) != 0;
  const bool both = BothSeen(f);
  const bool done =
      answered ? (s == 0 && (f.side[0].bits & SideBit::kAckKnown) != 0)
               : both && (f.side[1].bits & SideBit::kAckKnown) != 0 && s == 1 && f.side[0].ack != 0;
  if (!done) return;
  f.state |= FlowBit::kHandshake;
  count_.flows_established++;
}

// Packets crossed (answered keepalives), the application was silent, and now speaks again. Where no
// packet crossed either, the packet clock tells the same.
void Tracker::PayloadResumes(uint32_t id, HotFlow& f, uint64_t at_ns, uint64_t number, int s,
                             uint64_t idle) {
  const int64_t gap = static_cast<int64_t>(at_ns - f.last_at);
  const bool forward = static_cast<int32_t>(TickOf(at_ns) - f.payload_tick) > 0;
  if (!forward || gap >= static_cast<int64_t>(options_.shortest_ns)) return;
  notes_.Survived(ResponderOf(id, f),
                  {idle, number, static_cast<uint8_t>(s), SilenceKind::kPayload, Outcome::kSurvived,
                   AnyFin(f) ? TcpState::kHalfClosed : TcpState::kEstablished, false});
}

// The first payload of a side, where it follows what is known of its numbers: what tells which
// protocol is spoken.
void Tracker::Greet(const HotFlow& f, const Packet& p, int s) {
  if (f.responder == kNobody || p.seq != f.side[s].nxt) return;
  if ((p.tcp_flags & (TcpFlag::kSyn | TcpFlag::kRst)) != 0 || p.payload_captured == 0) return;
  if (notes_.Listens(f.responder, s, FromStart(f), p.at_ns))
    notes_.Greet(f.responder, p, s, FromStart(f));
}

uint32_t Tracker::ResponderOf(uint32_t id, HotFlow& f) {
  if (f.responder != kNobody) return f.responder;
  f.responder = notes_.Intern(PlaceOf(id, f));
  if (notes_.crowded()) [[unlikely]] {
    const std::vector<uint32_t> moved = notes_.Forget();
    const uint32_t mine = moved[f.responder];
    table_.ForEach([&](uint32_t each) {
      uint32_t& responder = table_.hot(each).responder;
      responder = moved[responder];
    });
    f.responder = mine;
  }
  return f.responder;
}

[[gnu::noinline]] void Tracker::NoteAlive(uint32_t id, HotFlow& f, uint64_t at_ns) {
  notes_.Alive(ResponderOf(id, f), static_cast<uint32_t>(at_ns / 1000000000), f.born_second);
}

}  // namespace deadair
