// Closes of all paths in columns, and one path's out of them.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "numbers/decisions.h"

namespace deadair {

struct GroupedCloses {
  // By close, nanoseconds: how long it was idle, negative where it does not count; and when it was
  // closed, from an origin that all share.
  std::span<const double> idles, moments;
  // By close: equal numbers within a path are one address.
  std::span<const int32_t> originators;
  // Those of path g are order[starts[g]] up to order[starts[g + 1]]. They need not come by idle
  // time, but then cost a sort; equal idle times stay as they come.
  std::span<const int32_t> order, starts;

  size_t paths() const { return starts.size() - 1; }
  std::span<const int32_t> Path(size_t path) const {
    return order.subspan(starts[path], starts[path + 1] - starts[path]);
  }
  bool Counts(int32_t close) const { return idles[close] >= 0; }
};

// Whether all else may be asked: every index leads somewhere, every number looked at is one.
bool IsSound(const GroupedCloses& closes);

// One path's closes that count, by idle time. Its memory serves path after path.
class SortedPath {
 public:
  explicit SortedPath(const GroupedCloses& all) : all_(all) {}

  void Enter(size_t path);

  std::span<const int32_t> order() const { return order_; }
  std::span<const double> idles() const { return idles_; }
  // With what few paths are asked for; until the next one is entered.
  ClosesByIdle Closes();

 private:
  void Sort();

  const GroupedCloses& all_;
  std::vector<int32_t> order_, originators_;
  std::vector<double> idles_, moments_;
};

}  // namespace deadair
