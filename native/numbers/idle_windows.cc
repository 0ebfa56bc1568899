#include "numbers/idle_windows.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "numbers/ascending.h"
#include "numbers/background.h"
#include "numbers/scale.h"
#include "numbers/tally.h"
#include "numbers/width.h"

namespace deadair {
namespace {

// Is any window full enough? Most paths are done with here.
bool HoldsAlike(std::span<const double> idles, const Width& width, int32_t alike) {
  const size_t others = static_cast<size_t>(alike) - 1;
  const int32_t begin = FirstAtLeast(idles, width.least_idle_ns());
  for (size_t i = static_cast<size_t>(begin); i + others < idles.size(); i++)
    if (idles[i + others] - idles[i] < width.Of(idles[i])) return true;
  return false;
}

// Places of one path that windows are looked for at. As many as are looked at, or more: one close
// may be less than a decision.
double PlacesOn(std::span<const double> idles, const std::vector<Width>& widths) {
  double places = 0;
  for (const Width& width : widths)
    places += static_cast<double>(idles.size()) - FirstAtLeast(idles, width.least_idle_ns());
  return places;
}

struct ScaledWindow {
  Stretch stretch;
  size_t scale;
};

// The fullest first; of equally full ones the narrower, of equally wide ones the shorter.
std::vector<ScaledWindow> WindowsOf(const std::vector<Scale>& scales,
                                    std::span<const double> moments, int32_t alike) {
  std::vector<ScaledWindow> windows;
  for (size_t i = 0; i < scales.size(); i++)
    for (const Stretch& stretch : scales[i].Windows(moments, alike))
      windows.push_back({stretch, i});
  std::stable_sort(windows.begin(), windows.end(), [](const auto& a, const auto& b) {
    return a.stretch.until - a.stretch.from > b.stretch.until - b.stretch.from;
  });
  return windows;
}

class Search {
 public:
  Search(const GroupedCloses& all, const IdleQuestion& question)
      : all_(all), question_(question), path_(all) {
    found_.starts.push_back(0);
  }

  Clusters Run() {
    for (size_t path = 0; path < all_.paths(); path++) paths_ += IsLookedAt(path);
    for (size_t path = 0; path < all_.paths(); path++)
      if (IsLookedAt(path)) LookAt(path);
    return std::move(found_);
  }

 private:
  bool IsLookedAt(size_t path) const {
    const std::span<const int32_t> some = all_.Path(path);
    const auto counts = [&](int32_t close) { return all_.Counts(close); };
    return std::count_if(some.begin(), some.end(), counts) >= question_.alike;
  }

  void LookAt(size_t path) {
    path_.Enter(path);
    const std::span<const double> idles = path_.idles();
    const std::vector<Width> widths = WidthsUpTo(idles.back());
    std::vector<Width> worth;
    for (const Width& width : widths)
      if (HoldsAlike(idles, width, question_.alike)) worth.push_back(width);
    if (worth.empty()) return;
    // Every place of every path that is looked at could have held it.
    LookAt(worth, {question_.log_seldom, std::log(paths_ * PlacesOn(idles, widths))});
  }

  void LookAt(const std::vector<Width>& widths, const Doubt& doubt) {
    const ClosesByIdle closes = path_.Closes();
    Decisions decisions(closes);
    std::vector<Scale> scales;
    scales.reserve(widths.size());
    for (const Width& width : widths)
      scales.emplace_back(closes, width, &decisions, question_.shortest_ns);
    Tally taken(closes.idles.size());
    for (const auto& [window, scale] : WindowsOf(scales, closes.moments, question_.alike)) {
      const int32_t from = scales[scale].FirstOf(window.from);
      const double first_ns = closes.idles[from], end_ns = first_ns + window.width_ns;
      const int32_t until = FirstAtLeast(closes.idles, end_ns);
      if (taken.Within(from, until) > 0) continue;
      if (scales[scale].background().IsChance(window, doubt)) continue;
      for (int32_t close = from; close < until; close++) taken.Add(close);
      for (Scale& each : scales) each.background().Take(first_ns, end_ns);
      Keep(path_.order().subspan(from, until - from), window.until - window.from);
    }
  }

  void Keep(std::span<const int32_t> closes, int32_t decisions) {
    found_.decisions.push_back(decisions);
    found_.closes.insert(found_.closes.end(), closes.begin(), closes.end());
    found_.starts.push_back(static_cast<int32_t>(found_.closes.size()));
  }

  const GroupedCloses& all_;
  const IdleQuestion& question_;
  SortedPath path_;
  // So many are looked at.
  double paths_ = 0;
  Clusters found_;
};

}  // namespace

Clusters IdleWindows(const GroupedCloses& closes, const IdleQuestion& question) {
  return Search(closes, question).Run();
}

}  // namespace deadair
