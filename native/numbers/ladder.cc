#include "numbers/ladder.h"

#include "numbers/order.h"

namespace deadair {

OwnLadder MakeLadder(std::span<const double> seconds, std::span<const double> counts,
                     std::span<const double> kills) {
  std::vector<double> all(seconds.begin(), seconds.end());
  all.insert(all.end(), kills.begin(), kills.end());
  OwnLadder out;
  out.at.reserve(all.size());
  out.killed_below.reserve(all.size() + 1);
  out.survived_below.reserve(all.size() + 1);
  double killed = 0, survived = 0;
  for (const auto i : OrderOf(all)) {
    if (out.at.empty() || out.at.back() != all[i]) {
      out.at.push_back(all[i]);
      out.killed_below.push_back(killed);
      out.survived_below.push_back(survived);
    }
    const auto at = static_cast<size_t>(i);
    if (at < seconds.size())
      survived += counts[at];
    else
      killed += 1;
  }
  out.killed_below.push_back(killed);
  out.survived_below.push_back(survived);
  return out;
}

}  // namespace deadair
