#include "numbers/background.h"

#include <algorithm>
#include <cmath>

#include "numbers/ascending.h"
#include "numbers/poisson.h"

namespace deadair {
namespace {

// Chosen: so many widths, or whole seconds, to either side are near: enough to count on, few
// enough to be alike.
constexpr double kNear = 8;
// Chosen: so many whole seconds are around, for where eight hold too few to count on.
constexpr double kAround = 32;

constexpr double kSecondNs = 1'000'000'000;

// A window of seconds that begins at a close on a whole second reaches as many such as begin in it.
double ReachOf(double width_ns) {
  return width_ns < kSecondNs ? width_ns : std::ceil(width_ns / kSecondNs) * kSecondNs;
}

}  // namespace

void Background::Take(double from_ns, double until_ns) {
  const int32_t until = FirstAtLeast(idles_, until_ns);
  for (int32_t i = FirstAtLeast(idles_, from_ns); i < until; i++) taken_.Add(i);
}

bool Background::IsChance(const Stretch& window, const Doubt& doubt) const {
  const double others = window.until - window.from - 1;
  const auto fills = [&](double mean) {
    return LogPoissonAtLeast(others, mean) + doubt.log_places > doubt.log_seldom;
  };
  return fills(Around(window)) || fills(WholeSecondsAway(window, kNear)) ||
         fills(WholeSecondsAway(window, kAround));
}

double Background::Around(const Stretch& window) const {
  const double width_ns = window.width_ns;
  const double idle_ns = idles_[window.from];
  const double end_ns = idle_ns + width_ns;
  const double beside =
      (CountWithin(idle_ns - width_ns, idle_ns) + CountWithin(end_ns, end_ns + width_ns)) / 2.0;
  const double near_ns = kNear * width_ns;
  return std::max({beside, Rate(std::max(shortest_ns_, idle_ns - near_ns), idle_ns, width_ns),
                   Rate(end_ns, end_ns + near_ns, width_ns),
                   Rate(std::max(shortest_ns_, idle_ns / 2), idle_ns, width_ns),
                   Rate(end_ns, 2 * idle_ns, width_ns)});
}

// Closes a width; 0 where less than a width is left to look at.
double Background::Rate(double from_ns, double until_ns, double width_ns) const {
  const double span_ns = until_ns - from_ns;
  return span_ns < width_ns ? 0 : (CountWithin(from_ns, until_ns) * ReachOf(width_ns)) / span_ns;
}

// Closes in each of the windows that begin up to `most` whole seconds away, on the side that has
// more.
double Background::WholeSecondsAway(const Stretch& window, double most) const {
  // A wider one reaches over whole seconds itself (ReachOf).
  if (window.width_ns >= kSecondNs) return 0;
  const double idle_ns = idles_[window.from];
  const double least = std::max(shortest_ns_, idle_ns / 2), longest = 2 * idle_ns;
  const double shorter = std::min(most, std::floor((idle_ns - least) / kSecondNs));
  const double longer = std::min(most, std::floor((longest - idle_ns) / kSecondNs));
  return std::max(InStep(idle_ns - shorter * kSecondNs, shorter, window.width_ns),
                  InStep(idle_ns + kSecondNs, longer, window.width_ns));
}

// Closes a window: of `windows` that begin a second apart, but the fullest, which may be another
// timer's.
double Background::InStep(double first_ns, double windows, double width_ns) const {
  if (windows < 2) return 0;
  int32_t closes = 0, fullest = 0;
  for (int i = 0; i < windows; i++) {
    const double from_ns = first_ns + i * kSecondNs;
    const int32_t size = CountWithin(from_ns, from_ns + width_ns);
    closes += size;
    fullest = std::max(fullest, size);
  }
  return (closes - fullest) / (windows - 1);
}

int32_t Background::CountWithin(double from_ns, double until_ns) const {
  const int32_t from = FirstAtLeast(idles_, from_ns), until = FirstAtLeast(idles_, until_ns);
  return until - from - taken_.Within(from, until);
}

}  // namespace deadair
