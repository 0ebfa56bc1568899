// What chance does to counts, as logarithms: they are compared with how often it may be mistaken
// for something.
#pragma once
#include <cmath>
#include <limits>

namespace deadair {

// Chernoff's bound on the logarithm of a Poisson variable's chance to be `count` or more
// (Mitzenmacher and Upfal, theorem 5.4).
inline double LogPoissonAtLeast(double count, double mean) {
  if (count <= mean) return 0;
  if (mean == 0) return -std::numeric_limits<double>::infinity();
  return count - mean - count * std::log(count / mean);
}

}  // namespace deadair
