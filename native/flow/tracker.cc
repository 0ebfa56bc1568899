#include <algorithm>
#include <cstdlib>

#include "decode/decode.h"
#include "flow/in_step.h"

namespace deadair {
namespace {

constexpr uint32_t kMostBirths = 1024;  // a partition

int OriginatorByPort(const Packet& p) { return p.source_port >= p.destination_port ? 0 : 1; }

NoteCeilings CeilingsOf(const TrackerOptions& options) {
  NoteCeilings most = options.notes;
  if (most.places == 0) most.places = std::max(1024u, options.max_flows / 4);
  return most;
}

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

TrackerCounters Tracker::counters() {
  TrackerCounters out = count_;
  out.notes_overflow = notes_.overflow();
  return out;
}

// `guess`: as the table guesses now, so that nothing is nothing.
void Tracker::One(const Packet& p, uint32_t guess) {
  int s = 0;
  uint32_t id = guess;
  if (id == kNoFlow) return Begin(p);
  if (!table_.Matches(id, p, &s)) {
    id = table_.Find(p, &s);
    if (id == kNoFlow) return Begin(p);
  }
  HotFlow& f = table_.hot(id);
  const int64_t gap = static_cast<int64_t>(p.at_ns - f.last_at);
  const Segment segment = SegmentOf(p, epoch_of(f));
  const uint32_t fingerprint = FingerprintOf(segment);
  if (fingerprint == f.side[s].fingerprint && gap <= kMirrorNs) {
    count_.mirrored++;
    NoteCopy(f.side[s], p);
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

// A mirror's copy from another hop has another TTL: so may one of a reset that comes first, or
// alone.
void Tracker::NoteCopy(Side& me, const Packet& p) {
  const int hops = std::abs(int{p.ttl} - int{me.ttl_data});
  if (me.ttl_data == 0 || hops == 0 || hops > SideBit::kMostCopyHops) return;
  if ((p.tcp_flags & (TcpFlag::kSyn | TcpFlag::kRst)) != 0) return;
  constexpr uint16_t kOthers = (1 << SideBit::kCopyHopsShift) - 1;
  me.bits = static_cast<uint16_t>((me.bits & kOthers) | hops << SideBit::kCopyHopsShift);
}

// The partition is at its ceiling: the least useful of its connections go.
void Tracker::MakeRoom(const Packet& p) {
  const std::vector<uint32_t> victims = table_.Victims(p.hash);
  constexpr size_t kStep = 4;  // chosen: of what is asked for a step ahead, all has come
  for (size_t i = 0; i < victims.size(); i++) {
    if (i + 3 * kStep < victims.size()) table_.PrefetchFlow(victims[i + 3 * kStep]);
    if (i + 2 * kStep < victims.size()) table_.PrefetchSlotOf(victims[i + 2 * kStep]);
    if (i + kStep < victims.size()) table_.PrefetchRunOf(victims[i + kStep]);
    const uint32_t id = victims[i];
    count_.evicted[static_cast<size_t>(UsefulnessOf(table_.hot(id)))]++;
    Close(id, true, p.at_ns);
    table_.Remove(id);
  }
}

void Tracker::Begin(const Packet& p) {
  if (table_.Full(p.hash)) [[unlikely]]
    MakeRoom(p);
  // A segment with both SYN and RST opens nothing (RFC 9293 §3.10.7.4 looks at RST first).
  const bool syn = (p.tcp_flags & (TcpFlag::kSyn | TcpFlag::kRst)) == TcpFlag::kSyn;
  const bool ack = (p.tcp_flags & TcpFlag::kAck) != 0;
  const int sender = syn ? (ack ? 1 : 0) : OriginatorByPort(p);
  const uint32_t id = table_.Insert(p, sender);
  HotFlow& f = table_.hot(id);
  count_.flows_seen++;
  if (callers_ != nullptr && syn && !ack) callers_->Note(CallerOf(p));
  f.last_at = p.at_ns;
  f.born_second = static_cast<uint32_t>(p.at_ns / 1000000000);
  f.side[sender].fingerprint = FingerprintOf(SegmentOf(p, epoch_of(f)));
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
  births_.Add(b);
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

// A SYN ACK that none of the connection's numbers explain, on a connection that is over or was met
// midway: the SYN of a new one was not captured.
bool Tracker::OpensUnseen(const HotFlow& f, const Packet& p, int s) {
  const Side& me = f.side[s];
  if ((me.bits & SideBit::kSeen) == 0 || me.nxt == p.seq + 1) return false;
  if ((f.state & FlowBit::kMidStream) != 0) return true;
  // A late copy of its own SYN ACK is behind; a new ISN is ahead (RFC 6528 §3).
  const bool over = AnyFin(f) || (f.state & FlowBit::kReset) != 0;
  return over && SeqDistance(me.nxt, p.seq + 1) > 0;
}

void Tracker::Slow(uint32_t id, const Packet& p, int s, int64_t gap) {
  HotFlow& f = table_.hot(id);
  const bool syn = (p.tcp_flags & (TcpFlag::kSyn | TcpFlag::kRst)) == TcpFlag::kSyn;
  const bool ack = (p.tcp_flags & TcpFlag::kAck) != 0;
  if (syn && !ack) {
    const bool again = (f.state & FlowBit::kSyn) != 0 && s == 0 && table_.cold(id).isn == p.seq;
    const bool crossing = (f.side[s].bits & SideBit::kSeen) == 0 &&
                          (f.state & FlowBit::kMidStream) == 0;  // simultaneous or split open
    // After a reset even the same SYN opens anew, where it had opened nothing yet (a refusal, RFC
    // 9293 §3.5.1: what was half open is gone): it is the same connection, tried once more. Behind
    // a whole connection it is a copy of it: no ISN comes twice so soon.
    const bool copy = again && (f.state & FlowBit::kHandshake) != 0;
    if (((f.state & FlowBit::kReset) != 0 && !copy) || (!again && !crossing)) {
      if (again) count_.flows_seen--;
      return Restart(id, p);
    }
    if (again) f.state &= ~FlowBit::kProbing;  // Karn: a retransmitted SYN times nothing
    if (crossing) {
      f.side[s].nxt = p.seq + 1;
      f.side[s].ttl_handshake = p.ttl;
    }
    return Observe(id, f, p, s, gap);
  }
  if (syn) {
    if (OpensUnseen(f, p, s)) return Restart(id, p);
    const bool shaking = (f.state & (FlowBit::kHandshake | FlowBit::kMidStream)) == 0;
    if (shaking || (f.side[s].bits & SideBit::kSeen) == 0) MeetSynAck(f, p, s);
  }
  if (f.epoch() != epoch_of(f)) Disturbed(id, f);
  if (gap < 0) {
    gap = 0;
    if (f.epoch() != epoch_of(f)) f.last_at = p.at_ns;
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
  WatchedInVain(id, f);
}

void Tracker::Close(uint32_t id, bool evicted, uint64_t now) {
  HotFlow& f = table_.hot(id);
  if ((f.state & FlowBit::kHeld) != 0) {
    FlushHeld(id, f, nullptr, 0);
    return;
  }
  if (f.pending != 0) return Unanswered(id, f);
  const bool silent = Established(f) && !AnyFin(f) && (f.state & FlowBit::kReset) == 0 &&
                      f.epoch() == epoch_of(f) && now > f.last_at &&
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
  notes_.Settle();
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
