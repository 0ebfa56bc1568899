// Windows of closes alike, on numbers alone: which stretches of a path's idle times stand out as a
// timer of their own.
//
// What is counted are decisions (decisions.h), in windows of several widths (width.h) that move
// over the idle times (scale.h); those that chance would fill as well are none (background.h). Of
// the others the fullest come first, and none shares a close with another.
//
// Nothing here is quadratic: a gateway brings a million closes on one path. Most paths hold no
// window that is full enough, and cost a look at each close for each width.
#pragma once
#include <cstdint>
#include <vector>

#include "numbers/grouped_closes.h"

namespace deadair {

// What the judge asks for.
struct IdleQuestion {
  // Below it no close is on record.
  double shortest_ns;
  // So many decisions are in a window at least.
  int32_t alike;
  // The logarithm of how often, of many captures without a timer, chance may be taken for one.
  double log_seldom;
};

struct Clusters {
  // By cluster; in the order of the paths, of one path the fullest first.
  std::vector<int32_t> decisions;
  // Those of cluster c are closes[starts[c]] up to closes[starts[c + 1]], by idle time.
  std::vector<int32_t> closes, starts;
};

// `closes`: sound. `alike`: at least one; the other two are numbers.
Clusters IdleWindows(const GroupedCloses& closes, const IdleQuestion& question);

}  // namespace deadair
