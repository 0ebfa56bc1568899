#include "flow/carver.h"

#include <array>
#include <chrono>
#include <cstring>

#include "decode/decode.h"
#include "source/guard.h"

namespace deadair {
namespace {

constexpr size_t kMostBytesInHand = 16u << 20;

}  // namespace

// The tuple's hash with capture point and tunnel left out: a finding is looked for wherever it was
// seen.
uint64_t PlainHash(Packet p) {
  p.capture_point = 0;
  p.tunnel_id = 0;
  p.tunnel_kind = 0;
  return HashTuple(p);
}

Packet PacketOf(const CarverTuple& tuple) {
  Packet p{};
  std::memcpy(p.source, tuple.address[0], 16);
  std::memcpy(p.destination, tuple.address[1], 16);
  p.source_port = tuple.port[0];
  p.destination_port = tuple.port[1];
  p.ip_version = tuple.ip_version;
  return p;
}

bool IsTuple(const CarverTuple& tuple, const Packet& p) {
  const size_t bytes = p.ip_version == 4 ? 4 : 16;
  const auto ends = [&](int from) {
    return std::memcmp(tuple.address[from], p.source, bytes) == 0 &&
           std::memcmp(tuple.address[1 - from], p.destination, bytes) == 0 &&
           tuple.port[from] == p.source_port && tuple.port[1 - from] == p.destination_port;
  };
  return tuple.ip_version == p.ip_version && (ends(0) || ends(1));
}

std::unique_ptr<Carver> Carver::Open(const std::vector<std::string>& paths,
                                     const std::string& filter,
                                     const std::vector<CarverTuple>& tuples, Problem* problem,
                                     std::string* culprit) {
  std::unique_ptr<Timeline> timeline = Timeline::Open(paths, problem, culprit);
  if (timeline == nullptr) return nullptr;
  return std::unique_ptr<Carver>(new Carver(std::move(timeline), filter, tuples));
}

Carver::Carver(std::unique_ptr<Timeline> timeline, const std::string& filter,
               const std::vector<CarverTuple>& tuples)
    : timeline_(std::move(timeline)),
      filter_(filter.empty() ? nullptr : std::make_unique<Filter>(filter)),
      tuples_(tuples) {
  for (uint32_t i = 0; i < tuples_.size(); i++) {
    by_hash_.emplace(PlainHash(PacketOf(tuples_[i])), i);
  }
}

bool Carver::Run(uint32_t milliseconds, std::vector<CarvedFrame>* out) {
  using Clock = std::chrono::steady_clock;
  const auto until = Clock::now() + std::chrono::milliseconds(milliseconds);
  std::array<Frame, 64> frames;
  bytes_in_hand_ = 0;
  while (Clock::now() < until && bytes_in_hand_ < kMostBytesInHand) {
    size_t got = 0;
    const bool whole = GuardMapped([&] {
      got = timeline_->Next(frames);
      for (size_t i = 0; i < got; i++) Take(frames[i], out);
    });
    if (whole && got == 0) break;
  }
  return timeline_->ended();
}

void Carver::Take(const Frame& frame, std::vector<CarvedFrame>* out) {
  if (filter_ != nullptr && !filter_->Matches(frame)) return;
  Packet p;
  const Fate fate = Decode(frame, &p);
  if (fate != Fate::kTcp && fate != Fate::kIcmpQuote) return;
  const auto [first, last] = by_hash_.equal_range(PlainHash(p));
  for (auto at = first; at != last; ++at) {
    if (!IsTuple(tuples_[at->second], p)) continue;
    out->push_back({at->second, frame.at_ns, frame.number, frame.link_type, frame.capture_point,
                    frame.wire, p.ip_offset, fate == Fate::kTcp ? p.payload : 0,
                    std::vector<uint8_t>(frame.data, frame.data + frame.captured)});
    bytes_in_hand_ += frame.captured + sizeof(CarvedFrame);
  }
}

}  // namespace deadair
