// The client that comes back: its first SYN to the same service after a kill. It tells how much
// time was lost, and, when it is answered, that the service was there all along.
//
// Connections of one client fall into different shards, so every shard is shown every SYN. A kill
// takes the first SYN after its ending whatever other kills took, so that the answer is the same
// for any number of shards.
#include <algorithm>

#include "flow/tracker.h"

namespace deadair {
namespace {

// Chosen: pools and drivers come back within seconds, back-off included within a minute.
constexpr uint64_t kPatience = 60000000000;

// Who is waited for after a kill, and since when.
Caller Awaited(const Silence& record) {
  Caller one{};
  std::copy(record.originatorAddress, record.originatorAddress + 16, one.client);
  std::copy(record.responderAddress, record.responderAddress + 16, one.service);
  one.at_ns = std::max(record.endingAtNs, record.lastRetransmissionAtNs);
  one.tunnel_id = record.tunnelId;
  one.service_port = record.responderPort;
  one.capture_point = record.capturePoint;
  return one;
}

}  // namespace

// From its first retransmission on a connection may turn out to be dead: its client may already
// come back.
void Tracker::Listen(const HotFlow& f) {
  const uint32_t index = f.pending - 1;
  if (listeners_.Has(index) || pending_[index].reconnectedAtNs != 0) return;
  listeners_.Add(PairOf(Awaited(pending_[index])), index);
}

void Tracker::StopListening(uint32_t index) {
  if (listeners_.Has(index)) listeners_.Remove(index);
}

// A kill waits for its client's return; the partition's older kills have waited long enough, and
// never more than half of what it may watch.
void Tracker::Hold(HotFlow& f, uint32_t id, uint32_t partition) {
  f.state |= FlowBit::kHeld;
  Listen(f);
  news_++;
  const uint64_t now = pending(f).endingAtNs;
  std::deque<Held>& waiting = held_[partition];
  waiting.push_back({id, now});
  const size_t most = options_.max_flows / kPartitions / 32 + 32;
  while (!waiting.empty() &&
         (waiting.front().ending_at + kPatience < now || waiting.size() > most)) {
    const Held oldest = waiting.front();
    waiting.pop_front();
    LetGo(oldest, partition);
  }
}

// Live: a kill goes out when its patience is over, whether or not another one comes.
void Tracker::Mature(uint64_t now_ns) {
  for (uint32_t partition = 0; partition < kPartitions; partition++) {
    std::deque<Held>& waiting = held_[partition];
    while (!waiting.empty() && waiting.front().ending_at + kPatience < now_ns) {
      const Held oldest = waiting.front();
      waiting.pop_front();
      LetGo(oldest, partition);
    }
  }
}

void Tracker::LetGo(const Held& oldest, uint32_t partition) {
  HotFlow& f = table_.hot(oldest.id);
  const bool still = (f.state & FlowBit::kHeld) != 0 && f.pending != 0 &&
                     pending(f).endingAtNs == oldest.ending_at &&
                     PartitionOf(table_.HashOf(oldest.id)) == partition;
  if (still) FlushHeld(oldest.id, f, nullptr, 0);
}

// Whoever has waited too long stops: a further retransmission listens again.
void Tracker::Knock(const Caller& caller) {
  listeners_.ForEach(PairOf(caller), [&](uint32_t index) {
    Silence& record = pending_[index];
    const Caller awaited = Awaited(record);
    if (!IsFor(awaited, caller)) return;
    listeners_.Remove(index);
    if (caller.at_ns - awaited.at_ns > kPatience) return;
    record.reconnectedAtNs = caller.at_ns;
    record.frameReconnect = caller.number;
    record.reconnectPort = caller.client_port;
    news_++;
  });
}

// Live, with several workers: whose return this one waits for.
std::vector<Caller> Tracker::Wanted() const {
  constexpr size_t kMost = 4096;  // chosen: a quarter of a MiB, once a second
  std::vector<Caller> out;
  for (const uint32_t index : listeners_.Some(kMost)) out.push_back(Awaited(pending_[index]));
  return out;
}

std::vector<Caller> Tracker::Seek(std::span<const Caller> wanted) const {
  return callers_ == nullptr ? std::vector<Caller>() : callers_->Find(wanted);
}

// SYNs that came to another worker.
void Tracker::Hear(std::span<const Caller> callers) {
  for (const Caller& one : callers) Knock(one);
}

}  // namespace deadair
