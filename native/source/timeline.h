// Several files of one vantage as one time line: a rotation, or one file an interface.
//
// Frames leave in the order of their packet times across sources; within one source they keep the
// source's own order, even where its clock steps back (a reordered connection would be a lie; a
// step is evidence). Sources that do not overlap are read at the speed of one: whole blocks are
// taken while they stay before the next source's head.
#pragma once
#include <functional>
#include <memory>
#include <queue>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "source/points.h"
#include "source/source.h"

namespace deadair {

class Timeline {
 public:
  // `apart`: several vantages of one network (`--together`), whose capture points are never one.
  // Null when a path cannot be opened: `problem` says why, `culprit` which (an operator's mistake
  // ends it all).
  static std::unique_ptr<Timeline> Open(const std::vector<std::string>& paths, Problem* problem,
                                        std::string* culprit, bool apart = false);
  ~Timeline();

  // As Source::Next, with `number` = source << kFrameBits | the source's own, and a capture_point
  // of this time line. 0 and not ended(): nothing yet (a pipe is silent).
  size_t Next(std::span<Frame> out);
  bool ended() const { return open_ == 0; }

  size_t sources() const { return tracks_.size(); }
  const SourceFacts& facts(size_t source) const;
  // Grows while reading. Points of the same name, link type and ordinal are one across files and
  // sections: plain pcap files of one link type are one vantage's rotation, interfaces side by side
  // in a pcapng are apart.
  const std::vector<CapturePoint>& capture_points() const { return points_.all(); }
  uint64_t bytes_read() const;
  uint64_t bytes_total() const;  // 0 when one of them is unknown (a pipe)

 private:
  struct Track;

  // The next frame of a source, or of one that is not open now: its first, as it was learned.
  struct Head {
    uint64_t at_ns;
    size_t track;
    bool operator>(const Head& other) const {
      return std::tie(at_ns, track) > std::tie(other.at_ns, other.track);
    }
  };

  explicit Timeline(bool apart);
  bool Add(const std::string& path, bool many, Problem* problem);
  size_t NextOfOne(std::span<Frame> out);
  bool FillHeads();
  bool FillLast();
  uint64_t HeadOf(const Track& track) const;
  void Wake(size_t track);
  size_t TakeRun(const Head& head, std::span<Frame> out);
  void SharePoints(Track* track);
  void Place(Track* track, std::span<Frame> frames);
  void PlaceNothing(Track* track);
  void Close(Track* track);

  std::vector<std::unique_ptr<Track>> tracks_;
  size_t open_ = 0;               // sources that have not ended
  std::vector<size_t> headless_;  // of these, those whose next frame is not known
  std::priority_queue<Head, std::vector<Head>, std::greater<>> heads_;  // … and all others
  PointTable points_;
  const bool apart_;
};

}  // namespace deadair
