// Numbers in ascending order.
#pragma once
#include <algorithm>
#include <cstdint>
#include <span>

namespace deadair {

// The first index whose number is at least `least`; their count where none is.
inline int32_t FirstAtLeast(std::span<const double> ascending, double least) {
  const auto found = std::lower_bound(ascending.begin(), ascending.end(), least);
  return static_cast<int32_t>(found - ascending.begin());
}

// The same, looked for step by step from `from` on: for questions that only grow.
inline int32_t NextAtLeast(std::span<const double> ascending, double least, int32_t from) {
  const auto size = static_cast<int32_t>(ascending.size());
  while (from < size && ascending[from] < least) from++;
  return from;
}

}  // namespace deadair
