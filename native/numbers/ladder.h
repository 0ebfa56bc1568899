// Silences of one path by their length: how many of each survived and how many were killed, with
// running sums, so that any split into "below T" and "above T" costs two look-ups.
#pragma once
#include <span>
#include <vector>

namespace deadair {

struct Ladder {
  // Lengths, ascending, each once; in any unit.
  std::span<const double> at;
  // How many were killed, and survived, below each of them; at the end, one more, how many in all.
  std::span<const double> killed_below, survived_below;
};

struct OwnLadder {
  std::vector<double> at, killed_below, survived_below;
};

// counts[i] silences survived seconds[i], in any order; of kills each is one. Numbers that order.h
// finds sound, as many counts as seconds.
OwnLadder MakeLadder(std::span<const double> seconds, std::span<const double> counts,
                     std::span<const double> kills);

}  // namespace deadair
