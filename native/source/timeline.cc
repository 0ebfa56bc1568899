#include "source/timeline.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>

#include "source/cooked.h"
#include "source/guard.h"

namespace deadair {
namespace {

constexpr size_t kBlock = 64;
// More files than this are opened to learn when they begin, closed, and opened again at their time
// (chosen: far below any limit on descriptors, and threads of decompression).
constexpr size_t kOpenAtOnce = 64;
// A source that has not begun waits this long behind those that have: the interfaces of one file
// are not in perfect order, so that a rotated file's last packets may be younger than the next
// one's first (chosen: beyond the skew between interfaces, below what a silence is measured in).
constexpr uint64_t kRotationNs = 50000000;
// Stands for the points that a capture of `any` has; an index never gets there (PointTable).
constexpr uint16_t kCooked = UINT16_MAX;

bool CanBeReadTwice(const std::string& path) {
  struct stat status;
  return path != "-" && stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode);
}

}  // namespace

// A source and those of its frames that were read but not handed out.
struct Timeline::Track {
  std::string path;
  uint64_t number_base = 0;
  uint32_t index = 0;
  std::unique_ptr<Source> source;  // null while it sleeps, and after its end
  SourceFacts facts;               // of one that is not open
  std::vector<uint16_t> points;    // its capture points in ours
  bool has_cooked = false;         // some of them are of `any`: a point for each interface
  CookedPoints cooked;
  std::array<Frame, kBlock> held;
  size_t next = 0;
  size_t count = 0;
  bool begun = false;
};

Timeline::Timeline(bool apart) : points_(apart), apart_(apart) {}
Timeline::~Timeline() = default;

std::unique_ptr<Timeline> Timeline::Open(const std::vector<std::string>& paths, Problem* problem,
                                         std::string* culprit, bool apart) {
  std::unique_ptr<Timeline> timeline(new Timeline(apart));
  for (const std::string& path : paths) {
    if (timeline->Add(path, paths.size() > kOpenAtOnce, problem)) continue;
    *culprit = path;
    return nullptr;
  }
  return timeline;
}

bool Timeline::Add(const std::string& path, bool many, Problem* problem) {
  const size_t index = tracks_.size();
  auto track = std::make_unique<Track>();
  track->path = path;
  track->index = static_cast<uint32_t>(index);
  track->number_base = static_cast<uint64_t>(index) << kFrameBits;
  track->source = OpenSource(path, problem);
  if (track->source == nullptr) return false;
  Track* const added = tracks_.emplace_back(std::move(track)).get();
  ++open_;
  headless_.push_back(index);
  if (!many || !CanBeReadTwice(path)) return true;
  // A fault leaves it headless; it ends as it should when it is asked again.
  if (!GuardMapped([this] { FillLast(); }) || added->source == nullptr || added->count == 0)
    return true;
  added->facts = added->source->facts();
  added->facts.frames = 0;
  added->source.reset();
  added->next = added->count = 0;
  return true;
}

size_t Timeline::Next(std::span<Frame> out) {
  if (tracks_.size() == 1) return NextOfOne(out);
  size_t count = 0;
  // A source whose held frames are all in `out` must not be asked again before the next call: they
  // are its bytes.
  while (count < out.size() && FillHeads() && !heads_.empty()) {
    const Head head = heads_.top();
    if (tracks_[head.track]->source == nullptr) {
      Wake(head.track);
      continue;
    }
    count += TakeRun(head, out.subspan(count));
    if (!headless_.empty()) break;
  }
  return count;
}

size_t Timeline::NextOfOne(std::span<Frame> out) {
  Track& track = *tracks_[0];
  const size_t count = track.source->Next(out);
  if (track.points.size() != track.source->capture_points().size()) SharePoints(&track);
  if (track.has_cooked) Place(&track, out.first(count));
  if (count == 0 && track.source->ended()) {
    open_ = 0;
    PlaceNothing(&track);
  }
  return count;
}

// Every source that is open has a frame to compare, or false: one is silent, and may yet bring the
// earliest.
bool Timeline::FillHeads() {
  while (!headless_.empty())
    if (!FillLast()) return false;
  return true;
}

// The last of the headless gets a head, or ends.
bool Timeline::FillLast() {
  const size_t index = headless_.back();
  Track& track = *tracks_[index];
  const size_t count = track.source->Next(track.held);
  SharePoints(&track);
  if (count == 0 && !track.source->ended()) return false;
  headless_.pop_back();
  track.next = 0;
  track.count = count;
  for (Frame& frame : std::span(track.held).first(count)) {
    frame.number |= track.number_base;
  }
  Place(&track, std::span(track.held).first(count));
  if (count == 0)
    Close(&track);
  else
    heads_.push({HeadOf(track), index});
  return true;
}

// When the next frame of this source is due.
uint64_t Timeline::HeadOf(const Track& track) const {
  const uint64_t at_ns = track.held[track.next].at_ns;
  if (track.begun || apart_) return at_ns;
  return at_ns > UINT64_MAX - kRotationNs ? at_ns : at_ns + kRotationNs;
}

// Opens a source again at its time. When it is gone by now, that is its end, and said so.
void Timeline::Wake(size_t index) {
  heads_.pop();
  Track& track = *tracks_[index];
  track.points.clear();
  Problem problem;
  track.source = OpenSource(track.path, &problem);
  if (track.source != nullptr) return headless_.push_back(index);
  track.facts.complete = false;
  track.facts.problem = problem;
  --open_;
}

// Frames of the earliest source, up to the head of the next one.
size_t Timeline::TakeRun(const Head& head, std::span<Frame> out) {
  heads_.pop();
  Track& track = *tracks_[head.track];
  track.begun = true;
  const size_t most = std::min(out.size(), track.count - track.next);
  const Head until = heads_.empty() ? Head{UINT64_MAX, SIZE_MAX} : heads_.top();
  size_t taken = 0;
  do {
    out[taken++] = track.held[track.next++];
  } while (taken < most && until > Head{track.held[track.next].at_ns, head.track});
  if (track.next == track.count)
    headless_.push_back(head.track);
  else
    heads_.push({track.held[track.next].at_ns, head.track});
  return taken;
}

void Timeline::SharePoints(Track* track) {
  const std::vector<CapturePoint>& own = track->source->capture_points();
  while (track->points.size() < own.size()) {
    CapturePoint point = own[track->points.size()];
    point.source = track->index;
    const bool cooked = point.link_type == kSll2;
    track->has_cooked = track->has_cooked || cooked;
    track->points.push_back(cooked ? kCooked : points_.IndexOf(point));
  }
}

// From the source's own capture points to ours.
void Timeline::Place(Track* track, std::span<Frame> frames) {
  for (Frame& frame : frames) {
    const uint16_t own = frame.capture_point;
    frame.capture_point = track->points[own];
    if (frame.capture_point != kCooked) continue;
    const CapturePoint& base = track->source->capture_points()[own];
    frame.capture_point = track->cooked.Of(frame, own, base, track->index, &points_);
  }
}

// A source of `any` that held no frame was captured somewhere too.
void Timeline::PlaceNothing(Track* track) {
  if (!track->has_cooked || track->source->facts().frames > 0) return;
  for (CapturePoint point : track->source->capture_points()) {
    point.source = track->index;
    points_.IndexOf(point);
  }
}

void Timeline::Close(Track* track) {
  PlaceNothing(track);
  track->facts = track->source->facts();
  track->source.reset();
  --open_;
}

const SourceFacts& Timeline::facts(size_t source) const {
  const Track& track = *tracks_[source];
  return track.source != nullptr ? track.source->facts() : track.facts;
}

uint64_t Timeline::bytes_read() const {
  uint64_t sum = 0;
  for (size_t i = 0; i < tracks_.size(); ++i) sum += facts(i).bytes_read;
  return sum;
}

uint64_t Timeline::bytes_total() const {
  uint64_t sum = 0;
  for (size_t i = 0; i < tracks_.size(); ++i) {
    if (facts(i).bytes_total == 0) return 0;
    sum += facts(i).bytes_total;
  }
  return sum;
}

}  // namespace deadair
