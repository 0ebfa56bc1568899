// Live interfaces, tracked: what a file's shard is to files. One worker has one.
//
// The frames of each interface go to the tracker as they come, because connections at different
// capture points share no state; what several of them tell together is put in order above, on
// records. A loss that lies between two batches is marked before any frame that came after it is
// looked at.
#pragma once
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "flow/header_ring.h"
#include "flow/intake.h"
#include "flow/tidy.h"
#include "source/device.h"
#include "source/points.h"

namespace deadair {

struct LiveOptions {
  std::vector<std::string> interfaces;
  std::string filter;
  uint32_t buffer_bytes = 64u << 20;
  uint32_t ring_bytes = 0;  // of recent headers, for evidence; 0 none
  int fanout_group = -1;    // of the first interface, the others count up from it
  uint64_t first_frame = 1;
  uint32_t frame_stride = 1;
  std::vector<std::string> places;  // interfaces behind "any" that are known already
  TrackerOptions tracker;
};

class LiveShard {
 public:
  static std::unique_ptr<LiveShard> Open(const LiveOptions& options, Problem* problem,
                                         std::string* culprit);

  // Works until the time is over, or records are in hand that somebody waits for: those it hands
  // out after a rest of 50 ms at most.
  void Run(uint32_t milliseconds);
  // What the kernel still holds is read (a quarter of a second at most), what is open is recorded.
  void Finish();

  Tracker& tracker() { return intake_.tracker(); }
  const Tracker& tracker() const { return intake_.tracker(); }
  const Intake& intake() const { return intake_; }
  size_t sources() const { return tracks_.size(); }
  const Device& device(size_t source) const { return *tracks_[source].device; }
  const std::vector<CapturePoint>& points() const { return points_.all(); }
  uint64_t BlindNs(size_t point);
  // Blind stretches that have ended, and those that have not.
  std::vector<BlindSpot> BlindSpots();
  HeaderRing* ring() { return ring_.get(); }
  WallClock& clock() { return clock_; }
  uint64_t now() const { return clock_.Now(); }

 private:
  struct Track {
    std::unique_ptr<Device> device;
    Tidy tidy;
    uint64_t marked_at = 0;  // last frame or mark inside of a blind stretch
  };

  explicit LiveShard(const LiveOptions& options);
  bool ReadOne(size_t index);
  uint16_t Meet(size_t index, CapturePoint point);
  void Feed(Track& track, std::span<const Frame> frames);
  void Take(std::span<const Frame> frames);
  void MarkUntil(Track& track, const Frame& frame);
  void Mark(const Track& track, BlindInterval& blind, uint64_t frame);
  void NewEpoch(const Track& track, const BlindInterval& blind);
  void Settle(Track& track);
  void Look();
  void Wait(uint32_t milliseconds);

  WallClock clock_;
  std::vector<Track> tracks_;
  PointTable points_;
  Intake intake_;
  std::unique_ptr<HeaderRing> ring_;
  uint64_t shortest_ns_;
  const bool may_rest_;
  bool busy_ = false;       // a full batch was read since the last rest
  uint64_t looked_at_ = 0;  // monotonic
};

}  // namespace deadair
