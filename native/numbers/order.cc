#include "numbers/order.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace deadair {

bool IsSound(std::span<const double> keys) {
  return keys.size() <= INT32_MAX &&
         std::none_of(keys.begin(), keys.end(), [](double key) { return std::isnan(key); });
}

std::vector<int32_t> OrderOf(std::span<const double> keys) {
  std::vector<int32_t> order(keys.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](int32_t a, int32_t b) { return keys[a] < keys[b]; });
  return order;
}

}  // namespace deadair
