// Counts of marked indexes below any index (Fenwick 1994): to mark and to count take the logarithm
// of their number.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace deadair {

class Tally {
 public:
  explicit Tally(size_t size) : size_(size) {}

  void Add(int32_t index) {
    // Most are asked and never marked: they need no memory.
    if (sums_.empty()) sums_.resize(size_ + 1);
    for (size_t i = static_cast<size_t>(index) + 1; i < sums_.size(); i += i & -i) sums_[i]++;
  }

  // Those marked from `from` up to `until`.
  int32_t Within(int32_t from, int32_t until) const {
    return sums_.empty() ? 0 : Below(until) - Below(from);
  }

 private:
  int32_t Below(int32_t index) const {
    int32_t sum = 0;
    for (size_t i = static_cast<size_t>(index); i > 0; i -= i & -i) sum += sums_[i];
    return sum;
  }

  size_t size_;
  std::vector<int32_t> sums_;
};

}  // namespace deadair
