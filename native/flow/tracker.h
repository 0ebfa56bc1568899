// Packets in, silences out: the state of every connection of one shard.
//
// A silence begins when nobody knows it: it is recognised at the packet that breaks it. From then
// on the connection is *watched* until something shows how it went: an answer (survived), a reset,
// unanswered retransmissions, the end of the capture. Everything else is counted.
#pragma once
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <vector>

#include "flow/callers.h"
#include "flow/clock.h"
#include "flow/listeners.h"
#include "flow/notes.h"
#include "flow/records.h"
#include "flow/segment.h"
#include "flow/table.h"

namespace deadair {

struct TrackerOptions {
  uint64_t shortest_ns = 20000000000;
  uint32_t max_flows = 1u << 21;
  uint32_t shard = 0;
  uint32_t shards = 1;
  NoteCeilings notes;
  bool shared = false;  // live: other workers have connections of the same clients
};

struct TrackerCounters {
  uint64_t flows_seen, flows_established, flows_mid_stream;
  uint64_t evicted[4];  // by Usefulness
  struct Resets {
    uint64_t refused, after_fin, abort, unknown_connection, out_of_window, duplicate, no_silence,
        in_records, not_examined;
  } resets;
  struct Silences {
    uint64_t survived, closed, open, unobserved, killed_in_records, closed_in_records,
        open_in_records, not_examined;
  } silences;
  uint64_t mirrored;  // second sightings of one packet at one capture point
  uint64_t notes_overflow;
};

class Tracker {
 public:
  explicit Tracker(const TrackerOptions& options);

  bool ok() const { return table_.ok(); }
  CaptureClock& clock(uint16_t capture_point);

  // A packet of this hash comes with the next Process: its slot of the index is on its way.
  void Expect(uint64_t hash) const { table_.PrefetchIndex(hash); }
  // Owned packets in capture order, at most kBlock at a time; `decoded`: those that are not
  // straight, each at the index of its glance.
  static constexpr size_t kBlock = 64;
  void Process(std::span<const Glance> packets, const Packet* decoded);
  // An ICMP error that quotes an owned tuple.
  void Quote(const Packet& quote);
  // The end of the capture: what is watched is decided as far as it can be, what is silent is open.
  void Finish();

  // live.cc: what is known while the capture goes on
  // For days: what is counted rolls off, and every taking of records makes room for as many again.
  void StayForDays();
  void MakeShelfRoom();
  // Changes with everything that Previews may tell anew.
  uint64_t news() const { return news_; }
  // Kills that still wait for what else belongs to them, as they stand now: at most `most`.
  void Previews(uint64_t now_ns, size_t most, std::vector<Silence>* out);
  // Kills that have waited long enough go out.
  void Mature(uint64_t now_ns);
  // With other workers: whose return this one waits for, those of them that came to it, and those
  // that came elsewhere.
  std::vector<Caller> Wanted() const;
  std::vector<Caller> Seek(std::span<const Caller> wanted) const;
  void Hear(std::span<const Caller> callers);
  // Connections that are silent at this moment.
  uint64_t OpenSilences();

  Records<Silence>& silences() { return silences_; }
  const Records<Silence>& silences() const { return silences_; }
  Records<Birth>& births() { return births_; }
  Notes& notes() { return notes_; }
  TrackerCounters counters();
  size_t table_bytes() const { return table_.bytes(); }

 private:
  // Chosen: a mirror's copies are closer, another attempt is not (the least RTO of Linux is 200
  // ms).
  static constexpr int64_t kMirrorNs = 50000000;

  enum class Step : uint8_t { kGoOn, kIgnore };  // what to do with a packet after the slow path

  // tracker.cc: the life of a connection
  void One(const Packet& p, uint32_t guess);
  static void NoteCopy(Side& me, const Packet& p);
  void Begin(const Packet& p);
  void Restart(uint32_t id, const Packet& p);
  void MeetSyn(HotFlow& f, ColdFlow& cold, const Packet& p, int s);
  void MeetSynAck(HotFlow& f, const Packet& p, int s);
  static bool OpensUnseen(const HotFlow& f, const Packet& p, int s);
  void Slow(uint32_t id, const Packet& p, int s, int64_t gap);
  void KnockOf(const Glance& glance, const Packet& decoded);
  void Whole(const Glance& glance, const Packet& decoded, uint32_t guess);
  [[gnu::always_inline]] bool GoesOn(uint32_t id, const Glance& glance);
  [[gnu::always_inline]] bool GoesOnFrom(uint32_t id, const Segment& p, int s);
  // What is handed on goes by value: the hot path keeps its segment in registers.
  static bool EndsHandshake(const HotFlow& f, uint32_t seq, uint32_t ack, uint8_t tcp_flags);
  bool JustCloses(const HotFlow& f, int s, uint64_t at_ns) const;
  bool Greets(const HotFlow& f, int s, uint64_t at_ns) const;
  [[gnu::always_inline]] static bool InStep(const HotFlow& f, const Segment& p, int s);
  [[gnu::always_inline]] void Advance(uint32_t id, HotFlow& f, const Segment& p, int s);
  [[gnu::always_inline]] static uint16_t NoteHeader(Side* me, const Segment& p, uint16_t bits);
  static uint16_t NoteChange(Side* me, const Segment& p, uint16_t bits);
  static void NotePlace(HotFlow* f, const Segment& p);
  static void MeetSide(HotFlow& f, const Packet& p, int s);
  static void TakeRoundTrip(const HotFlow& f, Side& me, uint64_t at_ns);
  void Observe(uint32_t id, HotFlow& f, const Packet& p, int s, int64_t gap);
  void ObserveAck(uint32_t id, HotFlow& f, const Packet& p, int s);
  void ObservePayload(uint32_t id, HotFlow& f, const Packet& p, int s);
  void Shake(HotFlow& f, int s);
  void PayloadResumes(uint32_t id, HotFlow& f, uint64_t at_ns, uint64_t number, int s,
                      uint64_t idle);
  void Greet(const HotFlow& f, const Packet& p, int s);
  uint32_t ResponderOf(uint32_t id, HotFlow& f);
  uint16_t AliveStep(uint64_t at_ns);
  void MarkAlive(uint32_t id, HotFlow& f, uint64_t at_ns);
  void NoteAlive(uint32_t id, HotFlow& f, uint64_t at_ns);
  void Close(uint32_t id, bool evicted, uint64_t now);
  void Disturbed(uint32_t id, HotFlow& f);
  void MakeRoom(const Packet& p);
  void RecordBirth(const Packet& p);

  // watch.cc: silences
  static bool GoesOnHalfClosed(const HotFlow& f, const Packet& p, int s);
  void MeetSilence(uint32_t id, HotFlow& f, const Packet& p, int s);
  void Watched(uint32_t id, HotFlow& f, const Packet& p, int s, int64_t gap);
  void WatchedSameSide(uint32_t id, HotFlow& f, const Packet& p, int s);
  void WatchedInVain(uint32_t id, HotFlow& f);
  void WatchedOtherSide(uint32_t id, HotFlow& f, const Packet& p, int s, int64_t gap);
  bool PausedThrough(const HotFlow& f, const Packet& p, int s);
  void StartWatching(uint32_t id, HotFlow& f, const Packet& p, int s);
  void Survived(uint32_t id, HotFlow& f, const Packet& p);
  void ClosedByFin(uint32_t id, HotFlow& f);
  void Unanswered(uint32_t id, HotFlow& f);
  void Undecided(uint32_t id, HotFlow& f, const Silence& record, uint8_t outcome);
  void NotObserved(uint32_t id, HotFlow& f, const Packet& p, int s);
  void PayloadSilence(uint32_t id, HotFlow& f, const Packet& p, int s, uint8_t ending);
  void OpenAtTheEnd(uint32_t id, HotFlow& f, uint64_t now);

  // reconnect.cc: the client that comes back
  void Listen(const HotFlow& f);
  void Hold(HotFlow& f, uint32_t id, uint32_t partition);
  void StopListening(uint32_t index);
  struct Held {
    uint32_t id;
    uint64_t ending_at;
  };
  void LetGo(const Held& oldest, uint32_t partition);
  void Knock(const Caller& caller);

  // reset.cc
  Step SilenceEndsInReset(uint32_t id, HotFlow& f, const Packet& p, int s);
  void WatchedEndsInReset(uint32_t id, HotFlow& f, const Packet& p, int s);
  bool FlushHeld(uint32_t id, HotFlow& f, const Packet* next, int s);
  Step MeetReset(uint32_t id, HotFlow& f, const Packet& p, int s);
  static bool InWindow(const HotFlow& f, const Packet& p, int s);
  void PutEnding(const HotFlow& f, const Packet& p, int s, uint8_t kind, Silence* out) const;

  static void ForgetEnding(Silence* record);
  void CloseByReset(HotFlow& f, const Packet& p, int s) const;
  void LivesOn(HotFlow& f, const Packet& p, int s);

  // record.cc
  Silence Snapshot(uint32_t id, const HotFlow& f, const Packet& p) const;
  Place PlaceOf(uint32_t id, const HotFlow& f) const;
  enum class Shelf : uint8_t { kKilled, kClosed, kPayload, kSurvived, kOpen, kCount };
  bool HasRoom(uint32_t partition, Shelf shelf) const;
  bool Put(uint32_t id, const Silence& record, uint32_t partition, Shelf shelf);
  Silence& pending(const HotFlow& f) { return pending_[f.pending - 1]; }
  void PutKilled(uint32_t id, const Silence& record, uint32_t partition, uint32_t resets);
  bool Watch(HotFlow& f, const Silence& record, uint32_t partition);
  void DropPending(HotFlow& f, uint32_t partition);
  uint16_t epoch_of(const HotFlow& f) const { return clocks_[f.capture_point]->epoch(); }

  TrackerOptions options_;
  uint32_t alive_every_;  // seconds between two notes that a responder answers on one connection
  uint64_t step_begins_ = 0, step_ns_ = 0;  // the alive step in hand, in capture time
  uint16_t step_ = 0;
  FlowTable table_;
  std::vector<std::unique_ptr<CaptureClock>> clocks_;  // one does not move when more come
  Notes notes_;
  TrackerCounters count_{};
  Records<Silence> silences_;
  Records<Birth> births_;
  std::vector<Silence> pending_;
  std::vector<uint32_t> pending_free_;
  std::vector<uint32_t> pending_flow_;  // whose it is; kNoFlow: nobody's
  uint64_t news_ = 0;
  Listeners listeners_;               // by pending index
  std::unique_ptr<Callers> callers_;  // where there are other workers
  std::deque<Held> held_[kPartitions];
  uint32_t shelf_count_[kPartitions][static_cast<size_t>(Shelf::kCount)] = {};
  uint32_t birth_count_[kPartitions] = {};
  uint32_t pending_count_[kPartitions] = {};
};

}  // namespace deadair
