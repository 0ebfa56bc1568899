#include "flow/tracker.h"

#include <algorithm>

#include "decode/decode.h"

namespace deadair {
namespace {

constexpr int64_t kMirrorNs =
    50000000;  // chosen: a mirror's copies are closer, a retransmission is not
constexpr uint32_t kMostBirths = 1024;  // a partition

int OriginatorByPort(const Packet& p) { return p.source_port >= p.destination_port ? 0 : 1; }

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

void StartProbe(HotFlow& f, int s, uint32_t end, uint64_t at_ns) {
  f.state = (f.state & ~FlowBit::kProbeSide) | FlowBit::kProbing | (s ? FlowBit::kProbeSide : 0);
  f.probe_end = end;
  f.probe_tick = static_cast<uint32_t>(at_ns >> kProbeShift);
}

bool FromStart(const HotFlow& f) { return (f.state & (FlowBit::kSyn | FlowBit::kSynAck)) != 0; }

NoteCeilings CeilingsOf(const TrackerOptions& options) {
  NoteCeilings most = options.notes;
  if (most.places == 0) most.places = std::max(1024u, options.max_flows / 4);
  return most;
}

int ProbeSide(const HotFlow& f) { return (f.state & FlowBit::kProbeSide) != 0 ? 1 : 0; }

}  // namespace

Tracker::Tracker(const TrackerOptions& options)
    : options_(options),
      alive_every_(
          static_cast<uint32_t>(std::clamp<uint64_t>(options.shortest_ns / 4000000000, 1, 5))),
      table_(options.max_flows, options.shard, options.shards),
      notes_(alive_every_, CeilingsOf(options)),
      callers_(options.shared ? std::make_unique<Callers>() : nullptr) {}

CaptureClock& Tracker::clock(uint16_t capture_point) {
  while (capture_point >= clocks_.size()) clocks_.push_back(std::make_unique<CaptureClock>());
  return *clocks_[capture_point];
}

TrackerCounters Tracker::counters() const {
  TrackerCounters out = count_;
  out.notes_overflow = notes_.overflow();
  return out;
}

void Tracker::Process(std::span<const Glance> packets) {
  uint32_t guess[kBlock];
  for (size_t i = 0; i < packets.size(); i++) {
    guess[i] = table_.Guess(packets[i].hash);
    if (guess[i] != kNoFlow) table_.PrefetchFlow(guess[i]);
  }
  for (size_t i = 0; i < packets.size(); i++) {
    const Glance& p = packets[i];
    if (!listeners_.empty() && OpensConnection(p)) KnockOf(p);
    if (!p.owned) continue;
    uint32_t id = guess[i];
    if (id == kNoFlow) [[unlikely]]
      id = table_.Guess(p.hash);  // it may have begun in this block
    if (p.packet == nullptr && id != kNoFlow && GoesOn(id, *p.frame, p.ip)) [[likely]]
      continue;
    Whole(p, id);
  }
}

// A packet that has to be looked at in full.
[[gnu::noinline]] void Tracker::Whole(const Glance& glance, uint32_t guess) {
  if (glance.packet != nullptr) return One(*glance.packet, guess);
  Packet packet;
  Decode(*glance.frame, &packet);
  One(packet, guess);
}

// A SYN, whichever shard keeps it: the one who opens may be a client of ours that comes back.
void Tracker::KnockOf(const Glance& glance) {
  if (glance.packet != nullptr) return Knock(*glance.packet);
  Packet packet;
  Decode(*glance.frame, &packet);
  Knock(packet);
}

// A straight packet that is the next in its connection: read from the wire, and done. False:
// nothing was done, it has to be looked at in full. Each side has its own copy of the code, in
// which the fields of both sides lie at known places.
inline bool Tracker::GoesOn(uint32_t id, const Frame& frame, const uint8_t* ip) {
  const int s = table_.SideOf(id, ip, frame.capture_point);
  if (s < 0) return false;
  const Segment p = SegmentOf(frame, ip);
  return s == 0 ? GoesOnFrom(id, p, 0) : GoesOnFrom(id, p, 1);
}

inline bool Tracker::GoesOnFrom(uint32_t id, const Segment& p, int s) {
  HotFlow& f = table_.hot(id);
  Side& me = f.side[s];
  if (p.at_ns - f.last_at >= options_.shortest_ns) return false;
  const bool shakes = !InStep(f, p, s);
  if (shakes && !EndsHandshake(f, p, s)) return false;
  if ((p.tcp_flags & TcpFlag::kFin) != 0 && !JustCloses(f, s, p.at_ns)) [[unlikely]]
    return false;
  if (p.payload != 0 && (me.bits & SideBit::kPayload) == 0 && Greets(f, s)) [[unlikely]]
    return false;
  const uint32_t fingerprint = FingerprintOf(p);
  if (fingerprint == me.fingerprint) return false;
  me.fingerprint = fingerprint;
  if (shakes) [[unlikely]] {
    f.state |= FlowBit::kHandshake;
    count_.flows_established++;
    me.bits |= SideBit::kAckKnown;
    me.ack = p.ack - 1;  // what it acknowledges is news
  }
  Advance(id, f, p, s);
  return true;
}

// The originator's answer to a SYN ACK, both of which were captured.
bool Tracker::EndsHandshake(const HotFlow& f, Segment p, int s) {
  constexpr uint8_t kLooked = TcpFlag::kSyn | TcpFlag::kFin | TcpFlag::kRst | TcpFlag::kAck;
  constexpr uint16_t kNumbered = SideBit::kSeen | SideBit::kNxtCertain;
  constexpr uint16_t kOdd = SideBit::kAckKnown | SideBit::kFinInferred;
  constexpr uint32_t kLook = FlowBit::kSynAck | FlowBit::kHandshake | FlowBit::kMidStream |
                             FlowBit::kKeepaliveOut | FlowBit::kDoubtful;
  const Side& it = f.side[1];
  return s == 0 && (p.tcp_flags & kLooked) == TcpFlag::kAck && f.pending == 0 &&
         (f.state & kLook) == FlowBit::kSynAck &&
         (f.side[0].bits & (kNumbered | kOdd)) == kNumbered &&
         (it.bits & (kNumbered | kOdd)) == (kNumbered | SideBit::kAckKnown) &&
         p.seq == f.side[0].nxt && p.ack == it.nxt;
}

// Whether a FIN in step is the side's first and ends nothing that was silent (Slow knows better).
bool Tracker::JustCloses(const HotFlow& f, int s, uint64_t at_ns) const {
  if ((f.side[s].bits & SideBit::kFin) != 0 || f.epoch != epoch_of(f)) return false;
  const uint64_t last = TickBefore(f.last_at, f.payload_tick);
  return (f.state & FlowBit::kHasPayload) == 0 ||
         (at_ns >= last && at_ns - last < options_.shortest_ns);
}

// Whether the first payload of this side is one that the notes would keep.
bool Tracker::Greets(const HotFlow& f, int s) const {
  return f.responder != kNobody && notes_.Listens(f.responder, s, FromStart(f));
}

void Tracker::One(const Packet& p, uint32_t guess) {
  int s = 0;
  uint32_t id = guess;
  if (id == kNoFlow || !table_.Matches(id, p, &s)) {
    id = table_.Find(p, &s);
    if (id == kNoFlow) return Begin(p);
  }
  HotFlow& f = table_.hot(id);
  const int64_t gap = static_cast<int64_t>(p.at_ns - f.last_at);
  const Segment segment = SegmentOf(p);
  const uint32_t fingerprint = FingerprintOf(segment);
  if (fingerprint == f.side[s].fingerprint && gap <= kMirrorNs) {
    count_.mirrored++;
    if ((p.tcp_flags & TcpFlag::kRst) != 0) count_.resets.duplicate++;
    return;
  }
  f.side[s].fingerprint = fingerprint;
  if (p.payload != 0 && (f.side[s].bits & SideBit::kPayload) == 0) [[unlikely]]
    Greet(f, p, s);
  constexpr uint8_t kSpecial = TcpFlag::kSyn | TcpFlag::kFin | TcpFlag::kRst;
  const bool slow = static_cast<uint64_t>(gap) >= options_.shortest_ns ||
                    (p.tcp_flags & kSpecial) != 0 || f.pending != 0 ||
                    (f.state & FlowBit::kDoubtful) != 0;
  if (slow) return Slow(id, p, s, gap);
  if (InStep(f, segment, s)) return Advance(id, f, segment, s);
  if (segment.tsval != 0) f.side[s].tsval = segment.tsval;
  Observe(id, f, p, s, gap);
}

// The next segment, or a bare acknowledgement, of an established connection that nobody watches:
// nine packets of ten.
inline bool Tracker::InStep(const HotFlow& f, const Segment& p, int s) {
  constexpr uint8_t kLooked = TcpFlag::kSyn | TcpFlag::kRst | TcpFlag::kAck;
  constexpr uint16_t kKnown = SideBit::kSeen | SideBit::kAckKnown | SideBit::kNxtCertain;
  constexpr uint32_t kEstablished = FlowBit::kHandshake | FlowBit::kMidStream;
  const Side& me = f.side[s];
  const Side& it = f.side[1 - s];
  return (p.tcp_flags & kLooked) == TcpFlag::kAck && p.seq == me.nxt && f.pending == 0 &&
         (f.state & kEstablished) != 0 &&
         (f.state & (FlowBit::kKeepaliveOut | FlowBit::kDoubtful)) == 0 &&
         (me.bits & (it.bits | SideBit::kFinInferred) & (kKnown | SideBit::kFinInferred)) ==
             kKnown &&
         SeqDistance(it.nxt, p.ack) <= 0;
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
    me.nxt = p.seq + p.payload + fin;
    if ((state & FlowBit::kProbing) == 0) {
      state = (state & ~FlowBit::kProbeSide) | FlowBit::kProbing | (s ? FlowBit::kProbeSide : 0);
      f.probe_end = me.nxt;
      f.probe_tick = static_cast<uint32_t>(p.at_ns >> kProbeShift);
    }
    if (fin != 0) bits |= SideBit::kFin;
  }
  if (p.payload != 0) {
    const uint32_t tick = TickOf(p.at_ns);
    const uint64_t idle = static_cast<uint64_t>(tick - f.payload_tick) << kTickShift;
    if (idle >= options_.shortest_ns && (state & FlowBit::kHasPayload) != 0) [[unlikely]]
      PayloadResumes(id, f, p, s, idle);
    f.payload_tick = tick;
    state |= FlowBit::kHasPayload;
    bits |= SideBit::kPayload;
  }
  me.bits = NoteHeader(&me, p, bits);
  f.state = (state & ~FlowBit::kLastSide) | (s ? FlowBit::kLastSide : 0);
  f.last_at = p.at_ns;
  NotePlace(&f, p.number);
}

void Tracker::MakeRoom(const Packet& p) {
  if (!table_.Full(p.hash)) [[likely]]
    return;
  const std::vector<uint32_t> victims = table_.Victims(p.hash);
  for (const uint32_t id : victims) {
    count_.evicted[static_cast<size_t>(UsefulnessOf(table_.hot(id)))]++;
    Close(id, true, p.at_ns);
    table_.Remove(id);
  }
}

void Tracker::Begin(const Packet& p) {
  MakeRoom(p);
  // A segment with both SYN and RST opens nothing (RFC 9293 §3.10.7.4 looks at RST first).
  const bool syn = (p.tcp_flags & (TcpFlag::kSyn | TcpFlag::kRst)) == TcpFlag::kSyn;
  const bool ack = (p.tcp_flags & TcpFlag::kAck) != 0;
  const int sender = syn ? (ack ? 1 : 0) : OriginatorByPort(p);
  const uint32_t id = table_.Insert(p, sender);
  HotFlow& f = table_.hot(id);
  count_.flows_seen++;
  if (callers_ != nullptr && syn && !ack) callers_->Note(p);
  f.last_at = p.at_ns;
  f.born_second = static_cast<uint32_t>(p.at_ns / 1000000000);
  f.epoch = epoch_of(f);
  f.side[sender].fingerprint = FingerprintOf(SegmentOf(p));
  if (syn) {
    if (ack) {
      MeetSynAck(f, p, sender);
    } else {
      MeetSyn(f, table_.cold(id), p, sender);
    }
    return Observe(id, f, p, sender, 0);
  }
  f.state |= FlowBit::kMidStream;
  count_.flows_mid_stream++;
  if ((p.tcp_flags & TcpFlag::kRst) != 0) {
    count_.resets.unknown_connection++;
    f.state |= FlowBit::kReset;
    f.side[sender].bits |= SideBit::kRst;
  } else {
    RecordBirth(p);
  }
  if ((p.tcp_flags & TcpFlag::kFin) != 0) f.side[sender].bits |= SideBit::kFin;
  Observe(id, f, p, sender, 0);
}

// What remap and leak are matched with. At the start of a capture every connection is met
// mid-stream; only those met after a silence could have passed count.
void Tracker::RecordBirth(const Packet& p) {
  const CaptureClock& clock = *clocks_[p.capture_point];
  if (p.at_ns < clock.first_at() + options_.shortest_ns) return;
  if (birth_count_[PartitionOf(p.hash)]++ >= kMostBirths) return;
  Birth b{};
  b.atNs = p.at_ns;
  b.frame = p.number;
  std::memcpy(b.sourceAddress, p.source, 16);
  std::memcpy(b.destinationAddress, p.destination, 16);
  b.sourcePort = p.source_port;
  b.destinationPort = p.destination_port;
  b.capturePoint = p.capture_point;
  b.vlan = p.vlan;
  b.tunnelId = p.tunnel_id;
  b.seq = p.seq;
  b.ack = p.ack;
  const TcpOptions options = ParseOptions(p);
  b.hasTimestamps = options.timestamps;
  b.tsval = options.timestamps == Tristate::kYes ? options.tsval : 0;
  b.payload = p.payload;
  b.window = p.window;
  b.ipId = p.ip_id;
  b.tcpFlags = p.tcp_flags;
  b.ttl = p.ttl;
  b.ipVersion = p.ip_version;
  b.tunnelKind = p.tunnel_kind;
  births_.push_back(b);
}

void Tracker::MeetSyn(HotFlow& f, ColdFlow& cold, const Packet& p, int s) {
  f.state |= FlowBit::kSyn | FlowBit::kOriginatorKnown;
  cold.isn = p.seq;
  f.side[s].nxt = p.seq + 1;
  f.side[s].ttl_handshake = p.ttl;
  StartProbe(f, s, p.seq + 1, p.at_ns);
}

void Tracker::MeetSynAck(HotFlow& f, const Packet& p, int s) {
  f.state |= FlowBit::kSynAck | FlowBit::kOriginatorKnown;
  f.side[s].nxt = p.seq + 1;
  f.side[s].ttl_handshake = p.ttl;
}

// A SYN on a known tuple opens a new connection (port reuse): the old one ends here.
void Tracker::Restart(uint32_t id, const Packet& p) {
  Close(id, false, p.at_ns);
  table_.Remove(id);
  Begin(p);
  int s = 0;
  const uint32_t fresh = table_.Find(p, &s);
  if (fresh != kNoFlow) table_.hot(fresh).state |= FlowBit::kReused;
}

void Tracker::Slow(uint32_t id, const Packet& p, int s, int64_t gap) {
  HotFlow& f = table_.hot(id);
  const bool syn = (p.tcp_flags & (TcpFlag::kSyn | TcpFlag::kRst)) == TcpFlag::kSyn;
  const bool ack = (p.tcp_flags & TcpFlag::kAck) != 0;
  if (syn && !ack) {
    const bool again = (f.state & FlowBit::kSyn) != 0 && s == 0 && table_.cold(id).isn == p.seq;
    const bool crossing = (f.side[s].bits & SideBit::kSeen) == 0;  // simultaneous or split open
    if (!again && !crossing) return Restart(id, p);
    if (again) f.state &= ~FlowBit::kProbing;  // Karn: a retransmitted SYN times nothing
    if (crossing) {
      f.side[s].nxt = p.seq + 1;
      f.side[s].ttl_handshake = p.ttl;
    }
    return Observe(id, f, p, s, gap);
  }
  if (syn && (f.side[s].bits & SideBit::kSeen) == 0) MeetSynAck(f, p, s);
  if (f.epoch != epoch_of(f)) Disturbed(id, f);
  if (gap < 0) {
    gap = 0;
    if (f.epoch != epoch_of(f)) f.last_at = p.at_ns;
  }
  const bool reset = (p.tcp_flags & TcpFlag::kRst) != 0;
  if ((f.state & FlowBit::kDoubtful) != 0 && !reset) LivesOn(f, p, s);
  if ((f.state & FlowBit::kHeld) != 0 && FlushHeld(id, f, &p, s)) {
    f.side[s].bits |= SideBit::kRst;
    return Observe(id, f, p, s, gap);
  }
  const bool silent = static_cast<uint64_t>(gap) >= options_.shortest_ns;
  // A bare acknowledgement asks for no answer: nobody knows how that silence went on, and this is
  // another one.
  if (silent && f.pending != 0 && pending(f).triggerKind == Trigger::kAck &&
      (f.state & FlowBit::kHeld) == 0)
    Unanswered(id, f);
  if (reset) {
    if (MeetReset(id, f, p, s) == Step::kIgnore) return;
  } else if (f.pending != 0 && (f.state & FlowBit::kHeld) == 0) {
    Watched(id, f, p, s, gap);
  } else if (silent && Established(f) && (f.state & FlowBit::kReset) == 0 &&
             (!AnyFin(f) || GoesOnHalfClosed(f, p, s))) {
    MeetSilence(id, f, p, s);
  }
  if ((p.tcp_flags & TcpFlag::kFin) != 0 && (f.side[s].bits & SideBit::kFin) == 0) {
    if (f.pending == 0) PayloadSilence(id, f, p, s, Ending::kFin);
    f.side[s].bits |= SideBit::kFin;
  }
  const uint32_t tsval = QuickTsval(p.options, p.options_captured);
  if (tsval != 0) f.side[s].tsval = tsval;
  Observe(id, f, p, s, gap);
}

// The capture was blind, or its clock stepped, since the connection's last packet: what was watched
// was not observed, and the last payload cannot be dated.
void Tracker::Disturbed(uint32_t id, HotFlow& f) {
  f.state &= ~FlowBit::kHasPayload;
  if (f.pending == 0) return;
  if ((f.state & FlowBit::kHeld) != 0) {
    FlushHeld(id, f, nullptr, 0);
    return;
  }
  const Silence record = pending(f);
  DropPending(f, PartitionOf(table_.HashOf(id)));
  count_.silences.unobserved++;
  Undecided(id, f, record, Outcome::kUnobserved);
}

// What every accepted packet leaves behind. A reset leaves its side's clocks and numbers alone: it
// may be forged.
void Tracker::Observe(uint32_t id, HotFlow& f, const Packet& p, int s, int64_t gap) {
  Side& me = f.side[s];
  const bool reset = (p.tcp_flags & TcpFlag::kRst) != 0;
  if (!reset) {
    if ((me.bits & SideBit::kSeen) == 0) MeetSide(f, p, s);
    if ((p.tcp_flags & TcpFlag::kAck) != 0) ObserveAck(id, f, p, s);
    ObservePayload(id, f, p, s);
    if ((f.state & (FlowBit::kHandshake | FlowBit::kMidStream)) == 0) Shake(f, s);
    me.bits = NoteHeader(&me, SegmentOf(p), me.bits);
  }
  f.state = (f.state & ~FlowBit::kLastSide) | (s ? FlowBit::kLastSide : 0);
  if (gap > 0) f.last_at = p.at_ns;
  NotePlace(&f, p.number);
}

// Window, IP-ID, TTL and timestamp as this packet has them; returns the side's bits.
inline uint16_t Tracker::NoteHeader(Side* me, const Segment& p, uint16_t bits) {
  me->window = p.window;
  if (p.tsval != 0) me->tsval = p.tsval;
  if (p.ip_id != 0) {
    const uint16_t step = static_cast<uint16_t>(p.ip_id - me->ip_id);
    if ((bits & SideBit::kIpIdNonZero) != 0 && step > 2048) bits |= SideBit::kIpIdJumps;
    bits |= SideBit::kIpIdNonZero;
  }
  me->ip_id = p.ip_id;
  if ((p.tcp_flags & TcpFlag::kSyn) == 0) {
    if (me->ttl_data != p.ttl && me->ttl_data != 0) bits |= SideBit::kTtlVaries;
    me->ttl_data = p.ttl;
  }
  return bits;
}

inline void Tracker::NotePlace(HotFlow* f, uint64_t number) const {
  f->frame = static_cast<uint32_t>(number);
  f->source = static_cast<uint16_t>(number >> kFrameBits);
  f->epoch = epoch_of(*f);
  f->packets += f->packets != 0xff;
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

void Tracker::TakeRoundTrip(const HotFlow& f, Side& me, uint64_t at_ns) {
  const uint32_t ticks = static_cast<uint32_t>(at_ns >> kProbeShift) - f.probe_tick;
  const uint32_t ns = std::min(std::max(ticks, 1u), 0xffffffffu >> kProbeShift) << kProbeShift;
  if (me.min_rtt == 0 || ns < me.min_rtt) me.min_rtt = ns;
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
    PayloadResumes(id, f, SegmentOf(p), s, idle);
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
void Tracker::PayloadResumes(uint32_t id, HotFlow& f, Segment p, int s, uint64_t idle) {
  const int64_t gap = static_cast<int64_t>(p.at_ns - f.last_at);
  const bool forward = static_cast<int32_t>(TickOf(p.at_ns) - f.payload_tick) > 0;
  if (!forward || gap >= static_cast<int64_t>(options_.shortest_ns)) return;
  notes_.Survived(
      ResponderOf(id, f),
      {idle, p.number, static_cast<uint8_t>(s), SilenceKind::kPayload, Outcome::kSurvived,
       AnyFin(f) ? TcpState::kHalfClosed : TcpState::kEstablished, false});
}

// The first payload of a side, where it follows what is known of its numbers: what tells which
// protocol is spoken.
void Tracker::Greet(const HotFlow& f, const Packet& p, int s) {
  if (f.responder == kNobody || p.seq != f.side[s].nxt) return;
  if ((p.tcp_flags & (TcpFlag::kSyn | TcpFlag::kRst)) != 0 || p.payload_captured == 0) return;
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

[[gnu::noinline]] void Tracker::NoteAlive(uint32_t id, HotFlow& f, uint64_t at_ns) {
  notes_.Alive(ResponderOf(id, f), static_cast<uint32_t>(at_ns / 1000000000), f.born_second);
}

void Tracker::Close(uint32_t id, bool evicted, uint64_t now) {
  HotFlow& f = table_.hot(id);
  if ((f.state & FlowBit::kHeld) != 0) {
    FlushHeld(id, f, nullptr, 0);
    return;
  }
  if (f.pending != 0) return Unanswered(id, f);
  const bool silent = Established(f) && !AnyFin(f) && (f.state & FlowBit::kReset) == 0 &&
                      f.epoch == epoch_of(f) && now > f.last_at &&
                      now - f.last_at >= options_.shortest_ns;
  if (!silent) return;
  if (evicted) {
    Packet last{};
    last.at_ns = now;
    NotObserved(id, f, last, 0);
  } else {
    OpenAtTheEnd(id, f, now);
  }
}

void Tracker::Finish() {
  table_.ForEach(
      [this](uint32_t id) { Close(id, false, clocks_[table_.hot(id).capture_point]->last_at()); });
}

void Tracker::Quote(const Packet& quote) {
  int s = 0;
  const uint32_t id = table_.Find(quote, &s);
  if (id == kNoFlow) return;
  HotFlow& f = table_.hot(id);
  if (f.pending == 0) return;
  Silence& record = pending(f);
  if (record.icmpAtNs != 0) return;
  record.icmpAtNs = quote.at_ns;
  record.icmpType = quote.icmp_type;
  record.icmpCode = quote.icmp_code;
}

}  // namespace deadair
