// The native core alone, as far as one stage: what each adds is the difference to the one before.
//   stages FILE read|decode|table|tracker|other|parts → one line of JSON
// read: frames out of the file · decode: … and packets · table: … and each packet's connection
// looked up or made · tracker: everything a shard does, its records thrown away · other: the same
// for one shard of 64, so that nearly every packet is another's · parts: as tracker, in two parts
// on two threads.
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>

#include "decode/decode.h"
#include "flow/shard.h"

namespace {

using namespace deadair;

struct Tally {
  uint64_t packets = 0,
           mark = 0;  // the mark depends on all work done, so that none can be left out
};

// The table as the tracker uses it, without anything the tracker knows.
void LookUp(FlowTable* table, std::span<const Packet> packets, Tally* tally) {
  uint32_t guess[Tracker::kBlock];
  for (const Packet& p : packets) table->PrefetchIndex(p.hash);
  for (size_t i = 0; i < packets.size(); ++i) {
    guess[i] = table->Guess(packets[i].hash);
    if (guess[i] != kNoFlow) table->PrefetchFlow(guess[i]);
  }
  for (size_t i = 0; i < packets.size(); ++i) {
    const Packet& p = packets[i];
    int side = 0;
    uint32_t id = guess[i];
    if (id == kNoFlow || !table->Matches(id, p, &side)) id = table->Find(p, &side);
    if (id == kNoFlow) id = table->Insert(p, 0);
    table->hot(id).last_at = p.at_ns;
    tally->mark += id;
  }
}

size_t DecodeAll(std::span<const Frame> frames, std::span<Packet> packets) {
  size_t tcp = 0;
  for (const Frame& frame : frames)
    if (Decode(frame, &packets[tcp]) == Fate::kTcp) ++tcp;
  return tcp;
}

Tally Stage(const std::string& path, const std::string& stage) {
  Problem problem;
  std::string culprit;
  Tally tally;
  const auto timeline = Timeline::Open({path}, &problem, &culprit);
  if (timeline == nullptr) return tally;
  const auto table = std::make_unique<FlowTable>(TrackerOptions{}.max_flows, 0, 1);
  std::array<Frame, Tracker::kBlock> frames;
  std::array<Packet, Tracker::kBlock> packets;
  while (const size_t got = timeline->Next(frames)) {
    tally.packets += got;
    tally.mark += frames[got - 1].at_ns;
    if (stage == "read") continue;
    const size_t tcp = DecodeAll({frames.data(), got}, packets);
    tally.mark += tcp == 0 ? 0 : packets[tcp - 1].hash;
    if (stage == "table") LookUp(table.get(), {packets.data(), tcp}, &tally);
  }
  return tally;
}

Tally Everything(const std::string& path, uint32_t shards, uint32_t helpers) {
  Problem problem;
  std::string culprit;
  Tally tally;
  ShardOptions options;
  options.paths = {path};
  options.tracker.shards = shards;
  options.helpers = helpers;
  const auto shard = Shard::Open(options, &problem, &culprit);
  if (shard == nullptr) return tally;
  while (!shard->Run(100)) continue;
  shard->Finish();
  tally.packets = shard->progress().frames;
  tally.mark = shard->progress().records;
  for (Shard* part : shard->parts()) tally.mark += part->tracker().counters().silences.survived;
  return tally;
}

}  // namespace

int main(int count, char** words) {
  if (count != 3) return 2;
  const std::string path = words[1], stage = words[2];
  using Clock = std::chrono::steady_clock;
  const Clock::time_point began = Clock::now();
  const bool parts = stage == "parts";
  const uint32_t shards = stage == "tracker" || parts ? 1 : stage == "other" ? kPartitions : 0;
  const Tally tally = shards != 0 ? Everything(path, shards, parts) : Stage(path, stage);
  const std::chrono::duration<double> took = Clock::now() - began;
  std::printf("{\"packets\":%llu,\"seconds\":%.6f,\"mark\":\"%llx\"}\n",
              static_cast<unsigned long long>(tally.packets), took.count(),
              static_cast<unsigned long long>(tally.mark));
  return tally.packets == 0 ? 1 : 0;
}
