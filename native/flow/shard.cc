#include "flow/shard.h"

#include <chrono>

#include "decode/decode.h"
#include "source/guard.h"

namespace deadair {
namespace {

constexpr size_t kRecordBuffer = 8192;   // records in hand at which Run comes back
constexpr int kBlocksBetweenLooks = 64;  // blocks between two looks at the clock

}  // namespace

std::unique_ptr<Shard> Shard::Open(const ShardOptions& options, Problem* problem,
                                   std::string* culprit) {
  std::unique_ptr<Timeline> timeline =
      Timeline::Open(options.paths, problem, culprit, options.apart);
  if (timeline == nullptr) return nullptr;
  return std::unique_ptr<Shard>(new Shard(options, std::move(timeline)));
}

Shard::Shard(const ShardOptions& options, std::unique_ptr<Timeline> timeline)
    : timeline_(std::move(timeline)),
      filter_(options.filter.empty() ? nullptr : std::make_unique<Filter>(options.filter)),
      tracker_(options.tracker),
      partitions_(PartitionsOf(options.tracker.shard, options.tracker.shards)),
      fates_(timeline_->sources()),
      filtered_(timeline_->sources()) {}

bool Shard::Run(uint32_t milliseconds) {
  using Clock = std::chrono::steady_clock;
  const auto until = Clock::now() + std::chrono::milliseconds(milliseconds);
  do {
    for (int i = 0; i < kBlocksBetweenLooks; i++) {
      // A file that shrinks under the mapping costs the block in hand, not the process.
      size_t got = 0;
      if (!GuardMapped([&] { got = Block(); })) continue;
      if (got == 0) {
        if (timeline_->ended()) return true;
        break;
      }
    }
    if (tracker_.silences().size() >= kRecordBuffer) return false;
  } while (Clock::now() < until);
  return timeline_->ended();
}

size_t Shard::Block() {
  owned_ = 0;
  const size_t got = timeline_->Next(frames_in_hand_);
  frames_ += got;
  const size_t before = tracker_.silences().size();
  for (size_t i = 0; i < got; i++) Take(frames_in_hand_[i]);
  Flush();
  records_ += tracker_.silences().size() - before;
  return got;
}

void Shard::Take(const Frame& frame) {
  const uint64_t source = frame.number >> kFrameBits;
  if (source != source_in_hand_ || frame.capture_point != point_in_hand_) [[unlikely]]
    Meet(frame);
  if (filter_ != nullptr && !filter_->Matches(frame)) {
    filtered_[source]++;
    return;
  }
  CaptureClock& clock = *clock_in_hand_;
  if (clock.MayDisturb(frame)) [[unlikely]]
    Flush();  // what is in hand belongs to the time before
  clock.Tick(frame);
  Packet& packet = packets_[owned_];
  const Fate fate = Decode(frame, &packet, partitions_);
  fates_in_hand_[static_cast<size_t>(fate)]++;
  if (fate == Fate::kTcp) [[likely]] {
    clock.Heard(packet.hash);
    owned_ += IsIn(partitions_, packet.hash);
  } else if (fate == Fate::kIcmpQuote && IsIn(partitions_, packet.hash)) {
    const Packet quote = packet;
    Flush();
    tracker_.Quote(quote);
  }
}

// Another source or capture point than the last frame's.
void Shard::Meet(const Frame& frame) {
  source_in_hand_ = frame.number >> kFrameBits;
  point_in_hand_ = frame.capture_point;
  fates_in_hand_ = fates_[source_in_hand_].data();
  clock_in_hand_ = &tracker_.clock(frame.capture_point);
}

void Shard::Flush() {
  if (owned_ == 0) return;
  tracker_.Process({packets_.data(), owned_});
  owned_ = 0;
}

}  // namespace deadair
