// Silences: what breaks one, and how it goes on from there.
#include <algorithm>

#include "decode/decode.h"
#include "flow/tracker.h"

namespace deadair {
namespace {

bool IsProbe(const Side& me, const Packet& p) {
  return p.payload <= 1 && SeqDistance(p.seq, me.nxt) == 1 &&
         (p.tcp_flags & (TcpFlag::kSyn | TcpFlag::kFin)) == 0;
}

// What asks whether a closed window has opened: one byte at most, new (BSD, Windows) or the last
// one again (Linux). RFC 9293 §3.8.6.1.
bool AsksForWindow(const Side& me, const Side& it, const Packet& p) {
  return it.window == 0 && (p.tcp_flags & (TcpFlag::kSyn | TcpFlag::kFin)) == 0 &&
         (IsProbe(me, p) || (p.payload == 1 && p.seq == me.nxt));
}

uint8_t TriggerKindOf(const HotFlow& f, const Packet& p, int s) {
  if ((p.tcp_flags & TcpFlag::kFin) != 0) return Trigger::kFin;
  if (AsksForWindow(f.side[s], f.side[1 - s], p)) return Trigger::kWindowProbe;
  if (IsProbe(f.side[s], p)) return Trigger::kKeepalive;
  return p.payload > 0 ? Trigger::kData : Trigger::kAck;
}

uint32_t EndOf(const Packet& p) {
  return p.seq + p.payload + ((p.tcp_flags & TcpFlag::kFin) != 0 ? 1 : 0);
}

void PutTrigger(const Packet& p, int s, uint8_t kind, Silence* out) {
  out->triggerKind = kind;
  out->triggerBy = static_cast<uint8_t>(s);
  out->triggerAtNs = p.at_ns;
  out->frameTrigger = p.number;
  out->triggerSeq = p.seq;
  out->triggerAck = p.ack;
  out->triggerEnd = EndOf(p);
  out->triggerPayload =
      kind == Trigger::kKeepalive || kind == Trigger::kWindowProbe ? 0 : p.payload;
  out->triggerTcpFlags = p.tcp_flags;
  const TcpOptions options = ParseOptions(p);
  out->triggerTsval = options.timestamps == Tristate::kYes ? options.tsval : 0;
  out->triggerIpId = p.ip_id;
  out->triggerTtl = p.ttl;
}

uint8_t StateBefore(const Silence& record) {
  const bool fin = ((record.sideFlags0 | record.sideFlags1) & SideFlag::kFin) != 0;
  return fin ? TcpState::kHalfClosed : TcpState::kEstablished;
}

}  // namespace

// Data or a probe on a connection that one side has closed: it is still in use. A second FIN only
// ends what was ending.
bool Tracker::GoesOnHalfClosed(const HotFlow& f, const Packet& p, int s) {
  return HalfClosed(f) && (p.tcp_flags & TcpFlag::kFin) == 0 &&
         (p.payload > 0 || IsProbe(f.side[s], p));
}

// The first packet after a pause of at least `shortest`. Not a silence: retransmission back-off.
// Not observed: the capture was blind, or the packet speaks of bytes that were never captured.
void Tracker::MeetSilence(uint32_t id, HotFlow& f, const Packet& p, int s) {
  const Side& me = f.side[s];
  const Side& it = f.side[1 - s];
  if (f.epoch() != epoch_of(f) && !PausedThrough(f, p, s)) {
    NotObserved(id, f, p, s);
    return;
  }
  const bool asks = AsksForWindow(me, it, p);
  // The byte that asked before was not taken: nothing is stuck.
  const bool mine_unacked = SeqDistance(it.ack, me.nxt) > (asks ? 1 : 0);
  const bool probe = asks || (IsProbe(me, p) && !mine_unacked);
  const bool again = !probe && EndOf(p) != p.seq && SeqDistance(me.nxt, EndOf(p)) <= 0;
  if (again && mine_unacked) return;
  const int32_t beyond = SeqDistance(it.nxt, p.ack);
  if (beyond == 1 && (it.bits & SideBit::kNxtCertain) != 0) {
    Silence record = Snapshot(id, f, p);
    record.outcome = Outcome::kClosed;
    record.endingKind = Ending::kFinInferred;
    record.endingBy = static_cast<uint8_t>(1 - s);
    record.endingAtNs = p.at_ns;
    record.frameEnding = p.number;
    const bool put = Put(id, record, PartitionOf(p.hash), Shelf::kClosed);
    (put ? count_.silences.closed_in_records : count_.silences.closed)++;
    return;
  }
  const bool unseen = beyond > 0 || SeqDistance(me.nxt, p.seq) > 0;
  const bool theirs_unacked = SeqDistance(me.ack, it.nxt) > 0;
  if (unseen || mine_unacked || theirs_unacked) {
    NotObserved(id, f, p, s);
    return;
  }
  StartWatching(id, f, p, s);
}

// All connections paused at once, which looks like a capture that lost its feed. One that had
// spoken all the time until then, and goes on exactly where it stopped, paused as well: nothing of
// it is missing. One whose numbers went on says that the capture was blind.
bool Tracker::PausedThrough(const HotFlow& f, const Packet& p, int s) {
  constexpr uint64_t kDue =
      16;  // chosen: packets that were due at its pace; by chance none comes once in e^16
  constexpr uint64_t kSecond = 1000000000;
  BlindSpot* hole = clocks_[f.capture_point]->HoleSince(f.epoch());
  if (hole == nullptr || f.last_at + kSecond < hole->fromNs) return false;
  const Side& me = f.side[s];
  const Side& it = f.side[1 - s];
  const bool reset = (p.tcp_flags & TcpFlag::kRst) != 0;
  const bool numbered = (p.tcp_flags & TcpFlag::kAck) != 0;
  const int32_t beyond = numbered ? SeqDistance(it.nxt, p.ack) : 0;
  if (!reset && (beyond > 0 || SeqDistance(me.nxt, p.seq) > 0)) {
    hole->spokeMeanwhile += hole->spokeMeanwhile != 0xffff;
    return false;
  }
  const bool next = reset ? p.seq == it.ack : p.seq == me.nxt || IsProbe(me, p);
  const bool quiet = it.ack == me.nxt && me.ack == it.nxt;
  const uint64_t age = std::max<uint64_t>(f.last_at / kSecond - f.born_second, 1);
  const bool due = f.packets * ((p.at_ns - f.last_at) / kSecond) >= kDue * age;
  if (!next || !quiet || beyond != 0 || !due) return false;
  hole->pausedThrough += hole->pausedThrough != 0xffff;
  return true;
}

void Tracker::StartWatching(uint32_t id, HotFlow& f, const Packet& p, int s) {
  Silence record = Snapshot(id, f, p);
  const uint8_t kind = TriggerKindOf(f, p, s);
  if (kind == Trigger::kFin) PutEnding(f, p, s, Ending::kFin, &record);  // unless more comes of it
  PutTrigger(p, s, kind, &record);
  if (!Watch(f, record, PartitionOf(p.hash))) count_.silences.not_examined++;
}

void Tracker::Watched(uint32_t id, HotFlow& f, const Packet& p, int s, int64_t gap) {
  pending(f).lastPacketAtNs = p.at_ns;
  return pending(f).triggerBy == s ? WatchedSameSide(id, f, p, s)
                                   : WatchedOtherSide(id, f, p, s, gap);
}

// The side that broke the silence speaks again: it tries once more, says more, or gives up. Where
// it acknowledges what was never captured, the other side answers, and the capture does not see it.
void Tracker::WatchedSameSide(uint32_t id, HotFlow& f, const Packet& p, int s) {
  Silence& record = pending(f);
  const Side& me = f.side[s];
  const Side& it = f.side[1 - s];
  const bool numbered = (p.tcp_flags & TcpFlag::kAck) != 0 && (it.bits & SideBit::kNxtCertain) != 0;
  if (numbered && SeqDistance(it.nxt, p.ack) > 0) return WatchedInVain(id, f);
  if (record.triggerKind == Trigger::kAck && p.payload > 0 && !IsProbe(me, p)) {
    PutTrigger(p, s, TriggerKindOf(f, p, s), &record);  // the acknowledgement only came first
    return;
  }
  const bool fin = (p.tcp_flags & TcpFlag::kFin) != 0;
  const bool again = IsProbe(me, p) || (EndOf(p) != p.seq && SeqDistance(me.nxt, EndOf(p)) <= 0);
  // A burst that is sent again is one attempt, and a mirror's copies may lie between its packets.
  const uint64_t tried = std::max(record.triggerAtNs, record.lastRetransmissionAtNs);
  if (again && p.at_ns >= tried + kMirrorNs) {
    record.retransmissions += record.retransmissions != 0xffff;
    record.lastRetransmissionAtNs = p.at_ns;
    Listen(f);
  }
  if (fin && record.triggerKind != Trigger::kFin) record.flowFlags |= FlowFlag::kTriggerSideClosed;
}

// The other side speaks: an answer, or something that crossed the trigger on its way.
void Tracker::WatchedOtherSide(uint32_t id, HotFlow& f, const Packet& p, int s, int64_t gap) {
  Silence& record = pending(f);
  const bool ack = (p.tcp_flags & TcpFlag::kAck) != 0;
  const bool numbered = record.triggerKind == Trigger::kData || record.triggerKind == Trigger::kFin;
  const bool answers = ack && (!numbered || SeqDistance(record.triggerSeq, p.ack) > 0);
  if (answers) {
    if (record.triggerKind == Trigger::kFin) {
      ClosedByFin(id, f);
    } else {
      Survived(id, f, p);
    }
    return;
  }
  if ((p.tcp_flags & TcpFlag::kFin) != 0) {
    // It closes without having seen the trigger; what it sent did cross the box.
    ForgetEnding(&record);
    PutEnding(f, p, s, Ending::kFin, &record);
    ClosedByFin(id, f);
    return;
  }
  if (static_cast<uint64_t>(gap) >= options_.shortest_ns) {
    record.flowFlags |= FlowFlag::kOtherSpokeLater;
    Unanswered(id, f);
  } else {
    record.flowFlags |= FlowFlag::kCrossed;
    record.endingFlags |= EndingFlag::kSenderSpokeBetween;
  }
}

void Tracker::Survived(uint32_t id, HotFlow& f, const Packet& p) {
  Silence& record = pending(f);
  const uint32_t partition = PartitionOf(p.hash);
  record.outcome = Outcome::kSurvived;
  record.answeredAtNs = p.at_ns;
  count_.silences.survived++;
  const bool keepalive = record.triggerKind == Trigger::kKeepalive;
  notes_.Survived(ResponderOf(id, f),
                  {record.triggerAtNs - record.startedAtNs, record.frameTrigger, record.triggerBy,
                   SilenceKind::kPacket, Outcome::kSurvived, StateBefore(record), keepalive});
  Put(id, record, partition, Shelf::kSurvived);
  DropPending(f, partition);
}

// An orderly close after a silence. Where the trigger itself was the FIN, the close was the first
// word.
void Tracker::ClosedByFin(uint32_t id, HotFlow& f) {
  Silence record = pending(f);
  const uint32_t partition = PartitionOf(table_.HashOf(id));
  DropPending(f, partition);
  record.outcome = Outcome::kClosed;
  if (record.triggerKind == Trigger::kFin) {
    record.triggerKind = Trigger::kNone;
    record.triggerAtNs = 0;
    record.frameTrigger = 0;
  }
  const bool put = Put(id, record, partition, Shelf::kClosed);
  (put ? count_.silences.closed_in_records : count_.silences.closed)++;
}

// Nothing came back, and nothing more will: unanswered for good, or too little seen to say.
void Tracker::Unanswered(uint32_t id, HotFlow& f) {
  constexpr uint16_t kEnough = 4;  // domain: at least four unanswered retransmissions or probes
  Silence record = pending(f);
  if (record.triggerKind == Trigger::kFin && record.retransmissions < kEnough) {
    return ClosedByFin(id, f);
  }
  const uint32_t partition = PartitionOf(table_.HashOf(id));
  DropPending(f, partition);
  if (record.retransmissions >= kEnough) {
    if (record.triggerKind == Trigger::kFin) ForgetEnding(&record);
    record.outcome = Outcome::kKilled;
    return PutKilled(id, record, partition, 0);
  }
  record.outcome = Outcome::kOpen;
  const bool put = Put(id, record, partition, Shelf::kOpen);
  (put ? count_.silences.open_in_records : count_.silences.open)++;
  Undecided(id, f, record, Outcome::kOpen);
}

// Counted on its path, whoever judges it.
void Tracker::Undecided(uint32_t id, HotFlow& f, const Silence& record, uint8_t outcome) {
  notes_.Undecided(ResponderOf(id, f),
                   {record.endedAtNs - record.startedAtNs, record.frameLastBefore, record.triggerBy,
                    SilenceKind::kPacket, outcome, StateBefore(record), false});
}

// What was watched was not observed: some of it the capture did not see.
void Tracker::WatchedInVain(uint32_t id, HotFlow& f) {
  const Silence record = pending(f);
  DropPending(f, PartitionOf(table_.HashOf(id)));
  count_.silences.unobserved++;
  Undecided(id, f, record, Outcome::kUnobserved);
}

// A silence that `p` of side `s` seems to break: what happened meanwhile was not captured.
void Tracker::NotObserved(uint32_t id, HotFlow& f, const Packet& p, int s) {
  count_.silences.unobserved++;
  Silence record = Snapshot(id, f, p);
  record.triggerBy = static_cast<uint8_t>(s);
  Undecided(id, f, record, Outcome::kUnobserved);
}

// Packets crossed (answered keepalives), but the application had been silent: what an idle timer of
// an application or a proxy looks like.
void Tracker::PayloadSilence(uint32_t id, HotFlow& f, const Packet& p, int s, uint8_t ending) {
  const bool rst = ending == Ending::kRst;
  if (!Established(f) || AnyFin(f) || (f.state & FlowBit::kHasPayload) == 0) return;
  const uint64_t last = TickBefore(f.last_at, f.payload_tick);
  const int64_t gap = static_cast<int64_t>(p.at_ns - f.last_at);
  const bool silent = p.at_ns > last && p.at_ns - last >= options_.shortest_ns;
  if (!rst && (!silent || gap >= static_cast<int64_t>(options_.shortest_ns))) return;
  Silence record = Snapshot(id, f, p);
  record.kind = SilenceKind::kPayload;
  record.startedAtNs = last;
  record.outcome = Outcome::kClosed;
  PutEnding(f, p, s, ending, &record);
  const bool put = Put(id, record, PartitionOf(p.hash), Shelf::kPayload);
  if (rst) (put ? count_.resets.in_records : count_.resets.not_examined)++;
}

// Still silent when the capture ends: nobody knows how it went on. A million may be open: where the
// shelf is full, no record is made.
void Tracker::OpenAtTheEnd(uint32_t id, HotFlow& f, uint64_t now) {
  const uint32_t partition = PartitionOf(table_.HashOf(id));
  Packet last{};
  last.at_ns = now;
  last.number = static_cast<uint64_t>(f.source()) << kFrameBits | f.frame;
  if (HasRoom(partition, Shelf::kOpen)) {
    Silence record = Snapshot(id, f, last);
    record.outcome = Outcome::kOpen;
    record.lastPacketAtNs = f.last_at;
    Put(id, record, partition, Shelf::kOpen);
    count_.silences.open_in_records++;
  } else {
    count_.silences.open++;
  }
  const uint8_t state = AnyFin(f) ? TcpState::kHalfClosed : TcpState::kEstablished;
  notes_.Undecided(ResponderOf(id, f), {now - f.last_at, last.number, 0, SilenceKind::kPacket,
                                        Outcome::kOpen, state, false});
}

}  // namespace deadair
