#include "numbers/decisions.h"

#include <algorithm>
#include <cstddef>
#include <tuple>

namespace deadair {

Decisions::Decisions(const ClosesByIdle& closes)
    : idles_(closes.idles), occasions_(closes.idles.size()) {
  acts_.reserve(idles_.size());
  for (size_t i = 0; i < idles_.size(); i++)
    acts_.push_back({closes.moments[i], closes.originators[i], static_cast<int32_t>(i)});
  // One sort answers what came before and who did it: an originator's occasions are its own.
  std::sort(acts_.begin(), acts_.end(), [](const Act& a, const Act& b) {
    return std::tie(a.originator, a.moment, a.close) < std::tie(b.originator, b.moment, b.close);
  });
}

std::vector<int32_t> Decisions::FirstsAt(const Width& width) {
  FindOccasions(width);
  ends_at_.assign(idles_.size(), 0);
  std::vector<int32_t> firsts;
  for (size_t close = 0; close < idles_.size(); close++) {
    const double idle_ns = idles_[close];
    double& ends_at = ends_at_[occasions_[close]];
    if (idle_ns < ends_at) continue;
    ends_at = idle_ns + width.Of(idle_ns);
    firsts.push_back(static_cast<int32_t>(close));
  }
  return firsts;
}

void Decisions::FindOccasions(const Width& width) {
  const Act* first = nullptr;
  for (const Act& act : acts_) {
    const bool same = first != nullptr && first->originator == act.originator &&
                      act.moment - first->moment < width.Of(idles_[act.close]);
    if (!same) first = &act;
    occasions_[act.close] = first->close;
  }
}

}  // namespace deadair
