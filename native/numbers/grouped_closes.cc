#include "numbers/grouped_closes.h"

#include <algorithm>
#include <cmath>

namespace deadair {
namespace {

// Records hold nanoseconds in 64 bits.
constexpr double kMostNs = 18446744073709551616.0;

bool AreStarts(std::span<const int32_t> starts, size_t end) {
  return !starts.empty() && starts.front() == 0 && starts.back() >= 0 &&
         static_cast<size_t>(starts.back()) == end && std::is_sorted(starts.begin(), starts.end());
}

template <class Number>
void Pick(std::span<const Number> values, const std::vector<int32_t>& indexes,
          std::vector<Number>* into) {
  into->clear();
  for (const int32_t index : indexes) into->push_back(values[index]);
}

}  // namespace

bool IsSound(const GroupedCloses& closes) {
  const size_t count = closes.idles.size();
  if (closes.moments.size() != count || closes.originators.size() != count) return false;
  if (!AreStarts(closes.starts, closes.order.size())) return false;
  return std::all_of(closes.order.begin(), closes.order.end(), [&](int32_t close) {
    // No comparison holds for what is no number.
    return close >= 0 && static_cast<size_t>(close) < count && closes.idles[close] <= kMostNs &&
           std::abs(closes.moments[close]) <= kMostNs;
  });
}

void SortedPath::Enter(size_t path) {
  order_.clear();
  for (const int32_t close : all_.Path(path))
    if (all_.Counts(close)) order_.push_back(close);
  Sort();
  Pick(all_.idles, order_, &idles_);
}

ClosesByIdle SortedPath::Closes() {
  Pick(all_.moments, order_, &moments_);
  Pick(all_.originators, order_, &originators_);
  return {idles_, moments_, originators_};
}

// Most come sorted, the others with a few behind that are not.
void SortedPath::Sort() {
  const auto sooner = [&](int32_t a, int32_t b) { return all_.idles[a] < all_.idles[b]; };
  const auto behind = std::is_sorted_until(order_.begin(), order_.end(), sooner);
  if (behind == order_.end()) return;
  std::stable_sort(behind, order_.end(), sooner);
  std::inplace_merge(order_.begin(), behind, order_.end(), sooner);
}

}  // namespace deadair
