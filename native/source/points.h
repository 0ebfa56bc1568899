// Capture points by what makes two of them one: name, link type, and the ordinal among those of
// both in a section. So a rotation of files, or sections behind each other in one file, go on at
// the same point, while interfaces side by side stay apart.
#pragma once
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "source/source.h"

namespace deadair {

class PointTable {
 public:
  // `apart`: points of different sources are never one (captures from several vantages).
  explicit PointTable(bool apart = false) : apart_(apart) {}
  // The index of this point, added when it is new. Beyond 65535 points all share the last (an index
  // has 16 bits).
  uint16_t IndexOf(const CapturePoint& point);
  const std::vector<CapturePoint>& all() const { return points_; }

 private:
  std::vector<CapturePoint> points_;
  std::map<std::tuple<std::string, uint16_t, uint32_t, uint32_t>, uint16_t> index_;
  bool apart_;
};

}  // namespace deadair
