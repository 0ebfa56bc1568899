// Resets: is it one that its receiver would accept, does it end a silence, and if not, what else
// explains it?
#include <algorithm>

#include "decode/decode.h"
#include "flow/tracker.h"

namespace deadair {
namespace {

constexpr uint64_t kSecond = 1000000000;

// Packets of several queues may be a little out of order.
uint64_t Apart(uint64_t a, uint64_t b) { return a > b ? a - b : b - a; }

uint64_t PayloadIdle(const HotFlow& f, uint64_t at_ns) {
  if ((f.state & FlowBit::kHasPayload) == 0) return 0;
  const uint64_t last = TickBefore(f.last_at, f.payload_tick);
  return at_ns > last ? at_ns - last : 0;
}

}  // namespace

// RFC 9293 §3.10.7.4: a reset outside the receiver's window is dropped silently and closes nothing.
// The receiver may have taken more than it has acknowledged, and its window scale may be unknown
// (then the largest counts).
bool Tracker::InWindow(const HotFlow& f, const Packet& p, int s) {
  const Side& receiver = f.side[1 - s];
  const Side& me = f.side[s];
  if (!Established(f) || (receiver.bits & SideBit::kAckKnown) == 0) return true;
  const int scale = (receiver.bits & SideBit::kScaleKnown) == 0 ? 14
                    : (me.bits & SideBit::kScaleKnown) != 0 && f.scale[s] < 0
                        ? 0
                        : std::max<int>(0, f.scale[1 - s]);
  int64_t room = std::max<int64_t>(int64_t{receiver.window} << std::min(scale, 14), 1);
  if ((me.bits & SideBit::kSeen) != 0) {
    room = std::max<int64_t>(room, SeqDistance(receiver.ack, me.nxt));
  }
  const int64_t distance = SeqDistance(receiver.ack, p.seq);
  return distance >= 0 && distance <= room;
}

// How the packet that ended a silence relates to what came before; `out` holds the state before the
// trigger.
void Tracker::PutEnding(const HotFlow& f, const Packet& p, int s, uint8_t kind,
                        Silence* out) const {
  out->endingKind = kind;
  out->endingBy = static_cast<uint8_t>(s);
  out->endingAtNs = p.at_ns;
  out->frameEnding = p.number;
  out->endingTcpFlags = p.tcp_flags;
  out->endingTtl = p.ttl;
  out->endingIpId = p.ip_id;
  out->endingSeq = p.seq;
  out->endingAck = p.ack;
  out->endingWindow = p.window;
  out->endingPayload = p.payload;
  out->lastPacketAtNs = p.at_ns;
  const TcpOptions options = ParseOptions(p);
  uint32_t flags = 0;
  if (options.timestamps == Tristate::kYes) {
    flags |= EndingFlag::kHasTimestamps;
    out->endingTsval = options.tsval;
  } else if (options.timestamps == Tristate::kUnknown) {
    flags |= EndingFlag::kOptionsUnknown;
  }
  if ((p.bits & PacketBit::kDontFragment) != 0) flags |= EndingFlag::kDontFragment;
  const Side& receiver = f.side[1 - s];
  const bool ack = (p.tcp_flags & TcpFlag::kAck) != 0;
  const uint32_t receiver_nxt_before = s == 0 ? out->nxt1 : out->nxt0;
  if (out->triggerKind != Trigger::kNone && p.seq == out->triggerAck) {
    flags |= EndingFlag::kSeqIsTriggerAck;
  }
  if ((receiver.bits & SideBit::kAckKnown) != 0) {
    flags |= p.seq == receiver.ack ? EndingFlag::kSeqExact : EndingFlag::kSeqInWindow;
  }
  if (ack && p.ack == receiver_nxt_before) flags |= EndingFlag::kAckBeforeTrigger;
  if (ack && out->triggerPayload > 0 && out->triggerBy != s &&
      SeqDistance(receiver_nxt_before, p.ack) > 0) {
    flags |= EndingFlag::kAckCoversTrigger;
  }
  out->endingFlags |= flags;
}

// A FIN trigger stands as the ending until something else comes of it.
void Tracker::ForgetEnding(Silence* record) {
  record->endingKind = Ending::kNone;
  record->endingAtNs = 0;
  record->frameEnding = 0;
  record->endingFlags &= EndingFlag::kSenderSpokeBetween;
}

Tracker::Step Tracker::MeetReset(uint32_t id, HotFlow& f, const Packet& p, int s) {
  if ((f.state & FlowBit::kReset) != 0) {
    count_.resets.duplicate++;
    return Step::kGoOn;
  }
  if (!InWindow(f, p, s)) {
    count_.resets.out_of_window++;
    return Step::kIgnore;
  }
  if (f.pending != 0 ||
      (static_cast<int64_t>(p.at_ns - f.last_at) >= static_cast<int64_t>(options_.shortest_ns) &&
       Established(f) && !AnyFin(f))) {
    if (SilenceEndsInReset(id, f, p, s) == Step::kIgnore) {
      CloseByReset(f, p, s);
      return (f.state & FlowBit::kDoubtful) != 0 ? Step::kIgnore : Step::kGoOn;
    }
  }
  if (AnyFin(f)) {
    count_.resets.after_fin++;
  } else if (!Established(f)) {
    if ((f.state & FlowBit::kSyn) != 0 || (f.state & FlowBit::kSynAck) != 0) {
      count_.resets.refused++;
    } else {
      count_.resets.no_silence++;
      if ((f.side[1 - s].bits & SideBit::kSeen) != 0) RecordBirth(p);  // what it met says how
    }
  } else if (PayloadIdle(f, p.at_ns) >= options_.shortest_ns && f.epoch() == epoch_of(f)) {
    PayloadSilence(id, f, p, s, Ending::kRst);
  } else if ((p.tcp_flags & TcpFlag::kAck) != 0) {
    count_.resets.abort++;
  } else {
    count_.resets.no_silence++;
    const Side& me = f.side[s];
    const bool middlebox = me.ttl_data != 0 && p.ttl != me.ttl_data && p.ttl != me.ttl_handshake;
    if (s == 1) notes_.StatelessReset(ResponderOf(id, f), p.at_ns, p.number, middlebox);
  }
  CloseByReset(f, p, s);
  return Step::kGoOn;
}

// Whatever its receiver expected is exact; anything else in the window draws a challenge ACK from a
// receiver that obeys RFC 9293 §3.10.7.4 (RFC 5961), and closes one that does not: the next packet
// shows.
void Tracker::CloseByReset(HotFlow& f, const Packet& p, int s) const {
  const Side& receiver = f.side[1 - s];
  const bool known = Established(f) && (receiver.bits & SideBit::kAckKnown) != 0;
  if (known && p.seq != receiver.ack && !AnyFin(f)) f.state |= FlowBit::kDoubtful;
  f.state |= FlowBit::kReset;
  f.side[s].bits |= SideBit::kRst;
}

// Its receiver speaks: the reset was not taken.
void Tracker::LivesOn(HotFlow& f, const Packet& p, int s) {
  if ((f.side[1 - s].bits & SideBit::kRst) == 0) return;
  f.side[1 - s].bits &= ~SideBit::kRst;
  f.state &= ~(FlowBit::kReset | FlowBit::kDoubtful);
  if ((f.state & FlowBit::kHeld) == 0) return;
  count_.resets.out_of_window++;
  f.state &= ~FlowBit::kHeld;
  Silence& record = pending(f);
  if (record.triggerKind == Trigger::kNone) return DropPending(f, PartitionOf(p.hash));
  ForgetEnding(&record);
  record.outcome = Outcome::kSurvived;  // watched again; how it went is for the next packets to say
}

// The reset belongs to a silence: kIgnore says that it is accounted for.
Tracker::Step Tracker::SilenceEndsInReset(uint32_t id, HotFlow& f, const Packet& p, int s) {
  if (f.pending != 0) {
    WatchedEndsInReset(id, f, p, s);
    return Step::kIgnore;
  }
  const Side& me = f.side[s];
  const Side& it = f.side[1 - s];
  if (f.epoch() != epoch_of(f) && !PausedThrough(f, p, s)) {
    NotObserved(id, f, p, 0);
    return Step::kGoOn;
  }
  // Bytes that nobody acknowledged: the connection was not idle, it was stuck.
  if (SeqDistance(it.ack, me.nxt) > 0 || SeqDistance(me.ack, it.nxt) > 0) return Step::kGoOn;
  Silence record = Snapshot(id, f, p);
  record.outcome = Outcome::kKilled;
  PutEnding(f, p, s, Ending::kRst, &record);
  if (Watch(f, record, PartitionOf(p.hash))) {
    Hold(f, id, PartitionOf(p.hash));
  } else {
    PutKilled(id, record, PartitionOf(p.hash), 1);
  }
  return Step::kIgnore;
}

void Tracker::WatchedEndsInReset(uint32_t id, HotFlow& f, const Packet& p, int s) {
  Silence record = pending(f);
  if (record.triggerKind == Trigger::kFin && record.triggerBy == s) {
    // The side that closed resets as well (unread data, SO_LINGER): still its own close.
    count_.resets.after_fin++;
    return ClosedByFin(id, f);
  }
  ForgetEnding(&record);
  record.reconnectedAtNs = record.frameReconnect = record.reconnectPort = 0;  // it was another one
  PutEnding(f, p, s, Ending::kRst, &record);
  record.outcome = Outcome::kKilled;
  const bool exact = p.seq == f.side[1 - s].ack || p.seq == record.triggerAck;
  pending(f) = record;
  if (!exact && record.triggerBy != s) {
    f.state |= FlowBit::kHeld;
  } else {
    Hold(f, id, PartitionOf(p.hash));
  }
}

// A kill in hand goes out at the next packet of its tuple. A reset without a trigger first waits a
// second for its twin to the other end (load balancers reset both). True when `next` is that twin.
bool Tracker::FlushHeld(uint32_t id, HotFlow& f, const Packet* next, int s) {
  Silence record = pending(f);
  bool twin = false;
  if (next != nullptr && (next->tcp_flags & TcpFlag::kSyn) == 0 &&
      Apart(next->at_ns, record.endingAtNs) <= kSecond) {
    twin = (next->tcp_flags & TcpFlag::kRst) != 0 && s != record.endingBy &&
           record.triggerKind == Trigger::kNone;
    if (!twin) return false;
    record.pairAtNs = next->at_ns;
    record.framePair = next->number;
    record.pairTtl = next->ttl;
    record.pairTcpFlags = next->tcp_flags;
    record.pairBy = static_cast<uint8_t>(s);
  }
  const uint32_t partition = PartitionOf(table_.HashOf(id));
  DropPending(f, partition);
  PutKilled(id, record, partition, twin ? 2 : 1);
  return twin;
}

}  // namespace deadair
