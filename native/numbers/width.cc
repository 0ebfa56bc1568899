#include "numbers/width.h"

namespace deadair {
namespace {

constexpr double kExactNs = 100'000'000;
// Chosen: at worst a window is four times as wide as its timer needs.
constexpr double kWider = 4;

}  // namespace

std::vector<Width> WidthsUpTo(double longest_idle_ns) {
  std::vector<Width> widths = {Width::Fixed(kExactNs, 0)};
  for (double ns = kWider * kExactNs; ns * Width::kSpreadPart < longest_idle_ns; ns *= kWider)
    widths.push_back(Width::Fixed(ns, ns * Width::kSpreadPart));
  const Width widest = Width::Widest(kExactNs * Width::kSpreadPart);
  if (widest.Of(longest_idle_ns) > kExactNs) widths.push_back(widest);
  return widths;
}

}  // namespace deadair
