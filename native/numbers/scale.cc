#include "numbers/scale.h"

#include <cstddef>

#include "numbers/ascending.h"

namespace deadair {
namespace {

// Chosen: a window must hold twice as many closes as both its neighbours of the same width
// together.
constexpr int64_t kStandsOut = 2;

std::vector<double> Picked(std::span<const double> values, const std::vector<int32_t>& indexes) {
  std::vector<double> picked;
  picked.reserve(indexes.size());
  for (const int32_t index : indexes) picked.push_back(values[index]);
  return picked;
}

// The earliest (sign 1) or latest (sign −1) moment of a window that only moves forward: of those
// added, kept are the indexes that no later one beats.
class Extreme {
 public:
  Extreme(std::span<const double> moments, double sign)
      : moments_(moments), sign_(sign), kept_(moments.size()) {}

  // A window is never empty, nor begins or ends before the one asked about last.
  double Within(int32_t from, int32_t until) {
    for (; added_ < until; added_++) Add(added_);
    while (kept_[head_] < from) head_++;
    return moments_[kept_[head_]];
  }

 private:
  double Rank(int32_t index) const { return sign_ * moments_[index]; }

  void Add(int32_t index) {
    while (end_ > head_ && Rank(kept_[end_ - 1]) >= Rank(index)) end_--;
    kept_[end_++] = index;
  }

  std::span<const double> moments_;
  double sign_;
  std::vector<int32_t> kept_;
  size_t head_ = 0, end_ = 0;
  int32_t added_ = 0;
};

}  // namespace

Scale::Scale(const ClosesByIdle& closes, const Width& width, Decisions* decisions,
             double shortest_ns)
    : width_(width),
      firsts_(decisions->FirstsAt(width)),
      background_(Picked(closes.idles, firsts_), shortest_ns) {}

std::vector<Stretch> Scale::Windows(std::span<const double> moments, int32_t alike) const {
  const std::span<const double> idles = background_.idles();
  const std::vector<double> own = Picked(moments, firsts_);
  Extreme earliest(own, 1), latest(own, -1);
  std::vector<Stretch> windows;
  const int64_t last = static_cast<int64_t>(idles.size()) - alike;
  int32_t below = 0, until = 0, beyond = 0;
  for (int32_t from = FirstAtLeast(idles, width_.least_idle_ns()); from <= last; from++) {
    const double idle_ns = idles[from];
    const double width_ns = width_.Of(idle_ns);
    // What is asked for only grows from window to window.
    until = NextAtLeast(idles, idle_ns + width_ns, until);
    const int32_t size = until - from;
    if (size < alike) continue;
    below = NextAtLeast(idles, idle_ns - width_ns, below);
    beyond = NextAtLeast(idles, idle_ns + 2 * width_ns, beyond);
    const int64_t around = int64_t{from - below} + (beyond - until);
    if (size < kStandsOut * around) continue;
    // Connections used together and torn down together are one event, however many they are.
    if (latest.Within(from, until) - earliest.Within(from, until) < width_ns) continue;
    windows.push_back({from, until, width_ns});
  }
  return windows;
}

}  // namespace deadair
