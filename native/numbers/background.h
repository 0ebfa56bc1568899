// How many closes of a path a stretch of idle time holds by chance: what a window of closes alike
// has to stand out from.
//
// People close things at any time, and many do: of two hundred closes that are spread over minutes
// some stand four to a window. So a window is a timer's only where chance would hardly fill it
// anywhere on the path. Closes around it tell how many it holds by chance: those beside it, those
// near it, those down to half its idle time and those up to twice; the densest counts. Programs
// that wait wait whole seconds, whichever: their closes stand in narrow rows a second apart, with
// nothing between them that a row would not stand out from. So a window is also compared with the
// windows whole seconds away. Chance is a Poisson process of that density (of decisions, see
// decisions.h), and every place that a window was looked for at could have held one (Bonferroni).
#pragma once
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "numbers/tally.h"

namespace deadair {

struct Stretch {
  // Indexes into the idle times: `until` is the first behind.
  int32_t from, until;
  double width_ns;
};

// How often chance may be taken for a timer, and among how many places that were looked at:
// logarithms.
struct Doubt {
  double log_seldom;
  double log_places;
};

class Background {
 public:
  // `idles`: of one path, ascending. `shortest_ns`: below it no close is on record.
  Background(std::vector<double> idles, double shortest_ns)
      : idles_(std::move(idles)), shortest_ns_(shortest_ns), taken_(idles_.size()) {}

  std::span<const double> idles() const { return idles_; }

  // Closes of these idle times are a timer's: they are no background for others.
  void Take(double from_ns, double until_ns);

  // The window begins at a close: all but this one are there by chance or by a timer.
  bool IsChance(const Stretch& window, const Doubt& doubt) const;

 private:
  double Around(const Stretch& window) const;
  double Rate(double from_ns, double until_ns, double width_ns) const;
  double WholeSecondsAway(const Stretch& window, double most) const;
  double InStep(double first_ns, double windows, double width_ns) const;
  int32_t CountWithin(double from_ns, double until_ns) const;

  std::vector<double> idles_;
  double shortest_ns_;
  Tally taken_;
};

}  // namespace deadair
