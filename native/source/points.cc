#include "source/points.h"

#include <algorithm>

namespace deadair {

uint16_t PointTable::IndexOf(const CapturePoint& point) {
  const auto key =
      std::tuple(point.name, point.link_type, point.ordinal, apart_ ? point.source : 0u);
  if (const auto known = index_.find(key); known != index_.end()) {
    CapturePoint& shared = points_[known->second];
    shared.source = std::min(shared.source, point.source);
    const auto at = std::lower_bound(shared.sources.begin(), shared.sources.end(), point.source);
    if (at == shared.sources.end() || *at != point.source) shared.sources.insert(at, point.source);
    return known->second;
  }
  if (points_.size() == UINT16_MAX) return UINT16_MAX - 1;
  const auto index = static_cast<uint16_t>(points_.size());
  points_.push_back(point);
  points_.back().sources = {point.source};
  index_.emplace(key, index);
  return index;
}

}  // namespace deadair
