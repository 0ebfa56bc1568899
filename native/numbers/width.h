// How wide windows of idle times are.
//
// A program's timer is exact, one that is swept now and then is not, and nobody knows how often: so
// there is a row of widths, each four times the one before, from a tenth of a second up to the
// widest that is asked for, 2 % of the idle time. A width more costs little (it is one more place
// to look at, and counts with its logarithm), a width too many times a timer's own costs as many
// times the background.
#pragma once
#include <cmath>
#include <vector>

namespace deadair {

class Width {
 public:
  // The same for every idle time from `least_idle_ns` on.
  static Width Fixed(double ns, double least_idle_ns) { return {ns, least_idle_ns}; }
  // As wide as is asked for, in whole nanoseconds.
  static Width Widest(double least_idle_ns) { return {0, least_idle_ns}; }
  static constexpr double kSpreadPart = 50;  // 2 %

  double Of(double idle_ns) const {
    return fixed_ns_ > 0 ? fixed_ns_ : std::floor(idle_ns / kSpreadPart);
  }
  // After less it is wider than what is asked for.
  double least_idle_ns() const { return least_idle_ns_; }

 private:
  Width(double fixed_ns, double least_idle_ns)
      : fixed_ns_(fixed_ns), least_idle_ns_(least_idle_ns) {}

  double fixed_ns_;
  double least_idle_ns_;
};

// Narrow ones first: of two windows with the same closes the narrower says more.
std::vector<Width> WidthsUpTo(double longest_idle_ns);

}  // namespace deadair
