#include "flow/live_shard.h"

#include <poll.h>

#include <algorithm>
#include <chrono>
#include <thread>

namespace deadair {
namespace {

using Clock = std::chrono::steady_clock;
constexpr uint64_t kMillisecond = 1000000;
// A block of the kernel's ring is handed over 100 ms after its first frame at the latest; what is
// older than this is here when nothing more is (chosen: twice that and some).
constexpr uint64_t kLag = 250 * kMillisecond;
// A ring of 64 MiB holds half a second of 400 000 packets a second: this rest is far from filling
// it, and one full batch says that it pays (chosen).
constexpr auto kRest = std::chrono::milliseconds(50);
constexpr uint32_t kRestful = 64u << 20;
// Of one interface before the others, and before the clocks are looked at (chosen: a tenth of a
// millisecond of work).
constexpr size_t kBatches = 16;
constexpr auto kLookEvery = std::chrono::milliseconds(200);
// Inside of a blind stretch a pause between two frames may be the loss itself (chosen).
constexpr uint64_t kJump = 20 * kMillisecond;

uint64_t Monotonic() {
  return static_cast<uint64_t>(Clock::now().time_since_epoch() / std::chrono::nanoseconds(1));
}

}  // namespace

LiveShard::LiveShard(const LiveOptions& options)
    : intake_(options.tracker, "", options.interfaces.size()),
      ring_(options.ring_bytes == 0 ? nullptr : std::make_unique<HeaderRing>(options.ring_bytes)),
      shortest_ns_(options.tracker.shortest_ns),
      may_rest_(options.buffer_bytes >= kRestful) {}

std::unique_ptr<LiveShard> LiveShard::Open(const LiveOptions& options, Problem* problem,
                                           std::string* culprit) {
  std::unique_ptr<LiveShard> shard(new LiveShard(options));
  shard->tracker().StayForDays();
  for (size_t i = 0; i < options.interfaces.size(); i++) {
    *culprit = options.interfaces[i];
    const int group = options.fanout_group < 0 ? -1 : options.fanout_group + static_cast<int>(i);
    Track track;
    const bool any = options.interfaces[i] == "any";
    const DeviceOptions device = {
        options.interfaces[i],
        options.filter,
        options.buffer_bytes,
        group,
        options.first_frame,
        options.frame_stride,
        any ? options.places : std::vector<std::string>(),
        static_cast<uint32_t>(i),
        [self = shard.get(), i](const CapturePoint& point) { return self->Meet(i, point); }};
    track.device = Device::Open(device, &shard->clock_, problem);
    if (track.device == nullptr) return nullptr;
    shard->tracks_.push_back(std::move(track));
  }
  return shard;
}

void LiveShard::Run(uint32_t milliseconds) {
  const auto until = Clock::now() + std::chrono::milliseconds(milliseconds);
  const uint64_t news = tracker().news();
  do {
    BlindInterval step;
    if (clock_.Stepped(&step)) {
      for (Track& track : tracks_) track.device->blind().push_back(step);
    }
    bool more = false;
    for (size_t i = 0; i < tracks_.size(); i++) more |= ReadOne(i);
    busy_ |= more;
    if (Monotonic() - looked_at_ >= static_cast<uint64_t>(kLookEvery / std::chrono::nanoseconds(1)))
      Look();
    const bool told = tracker().news() != news || !tracker().silences().empty();
    const auto left = until - Clock::now();
    if (!more && busy_ && may_rest_ && left > left.zero()) {
      // The kernel fills its ring meanwhile: fewer, larger meals cost less than to wake for each
      // block.
      std::this_thread::sleep_for(std::min<Clock::duration>(kRest, left));
      busy_ = false;
    } else if (!more && !told && left > left.zero()) {
      Wait(static_cast<uint32_t>(left / std::chrono::milliseconds(1)) + 1);
    }
    if (told) return;
  } while (Clock::now() < until);
}

// Some batches of one interface; true when more is likely there.
bool LiveShard::ReadOne(size_t index) {
  Track& track = tracks_[index];
  bool more = true;
  for (size_t i = 0; i < kBatches && more; i++) {
    const std::span<const Frame> got = track.device->Read();
    more = got.size() == Device::kChunk;
    Feed(track, track.tidy.Order(got, !more));
  }
  if (!more) Settle(track);
  return more;
}

uint16_t LiveShard::Meet(size_t index, CapturePoint point) {
  point.source = static_cast<uint32_t>(index);
  point.sources = {point.source};
  const uint16_t named = points_.IndexOf(point);
  tracker().clock(named).TrustKernel();
  return named;
}

void LiveShard::Feed(Track& track, std::span<const Frame> frames) {
  if (ring_ != nullptr) {
    for (const Frame& frame : frames) ring_->Keep(frame);
  }
  if (track.device->blind().empty()) return Take(frames);
  for (size_t i = 0; i < frames.size(); i++) {
    MarkUntil(track, frames[i]);
    Take(frames.subspan(i, 1));
  }
}

void LiveShard::Take(std::span<const Frame> frames) {
  while (!frames.empty()) {
    const auto some = frames.first(std::min(frames.size(), Tracker::kBlock));
    intake_.Take(some);
    frames = frames.subspan(some.size());
  }
}

// Every mark that belongs before this frame. The loss itself is somewhere between two answers of
// the kernel: what was silent across any part of that stretch is not known to have been.
void LiveShard::MarkUntil(Track& track, const Frame& frame) {
  std::deque<BlindInterval>& all = track.device->blind();
  for (auto blind = all.begin(); blind != all.end();) {
    if (frame.at_ns < blind->from) {
      ++blind;
      continue;
    }
    if (!blind->begun) Mark(track, *blind, frame.number);
    const uint64_t pause = frame.at_ns - std::min(frame.at_ns, track.marked_at);
    const bool over = frame.at_ns >= blind->until;
    if (over || pause >= std::min(kJump, shortest_ns_ / 2)) NewEpoch(track, *blind);
    track.marked_at = frame.at_ns;
    blind = over ? all.erase(blind) : blind + 1;
  }
}

void LiveShard::Mark(const Track& track, BlindInterval& blind, uint64_t frame) {
  blind.begun = true;
  for (size_t i = 0; i < track.device->names().size(); i++) {
    if (blind.point != kEveryPoint && blind.point != i) continue;
    BlindSpot spot{};
    spot.fromNs = blind.from;
    spot.untilNs = blind.until;
    spot.frame = frame;
    spot.capturePoint = track.device->names()[i];
    spot.because = blind.because;
    tracker().clock(track.device->names()[i]).Blind(spot);
  }
}

void LiveShard::NewEpoch(const Track& track, const BlindInterval& blind) {
  for (size_t i = 0; i < track.device->names().size(); i++)
    if (blind.point == kEveryPoint || blind.point == i)
      tracker().clock(track.device->names()[i]).NewEpoch();
}

// All that the kernel held was seen: what is marked up to now is behind us, and time went on.
void LiveShard::Settle(Track& track) {
  std::deque<BlindInterval>& blind = track.device->blind();
  for (; !blind.empty(); blind.pop_front()) {
    if (!blind.front().begun) Mark(track, blind.front(), track.device->facts().frames);
    NewEpoch(track, blind.front());
  }
  const uint64_t now = clock_.Now();
  for (size_t i = 0; i < track.device->names().size(); i++) {
    if (track.device->BlindSince(i) == 0)
      tracker().clock(track.device->names()[i]).AdvanceTo(now - kLag);
  }
}

void LiveShard::Look() {
  looked_at_ = Monotonic();
  for (Track& track : tracks_) track.device->Look();
  tracker().Mature(clock_.Now() - kLag);
}

void LiveShard::Wait(uint32_t milliseconds) {
  std::vector<pollfd> fds;
  for (const Track& track : tracks_) {
    const int descriptor = track.device->descriptor();
    if (descriptor >= 0) fds.push_back({descriptor, POLLIN, 0});
  }
  poll(fds.data(), fds.size(), static_cast<int>(std::min(milliseconds, 100u)));
}

void LiveShard::Finish() {
  const auto until = Clock::now() + std::chrono::nanoseconds(kLag);
  while (Clock::now() < until) {
    bool more = false;
    for (size_t i = 0; i < tracks_.size(); i++) more |= ReadOne(i);
    if (!more) Wait(20);
  }
  tracker().Finish();
}

uint64_t LiveShard::BlindNs(size_t point) {
  uint64_t blind = tracker().clock(static_cast<uint16_t>(point)).blind_ns();
  for (const Track& track : tracks_) {
    for (size_t i = 0; i < track.device->names().size(); i++) {
      if (track.device->names()[i] != point) continue;
      const uint64_t since = track.device->BlindSince(i);
      if (since != 0 && clock_.Now() > since) blind += clock_.Now() - since;
    }
  }
  return blind;
}

std::vector<BlindSpot> LiveShard::BlindSpots() {
  std::vector<BlindSpot> out;
  for (size_t i = 0; i < points_.all().size(); i++) {
    const auto& spots = tracker().clock(static_cast<uint16_t>(i)).blind_spots();
    out.insert(out.end(), spots.begin(), spots.end());
  }
  for (const Track& track : tracks_) {
    for (size_t i = 0; i < track.device->names().size(); i++) {
      BlindSpot spot{};
      spot.fromNs = track.device->BlindSince(i);
      if (spot.fromNs == 0) continue;
      spot.untilNs = clock_.Now();
      spot.capturePoint = track.device->names()[i];
      spot.because = Unobserved::kInterfaceDown;
      out.push_back(spot);
    }
  }
  return out;
}

}  // namespace deadair
