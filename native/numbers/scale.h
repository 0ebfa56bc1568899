// A path's decisions as windows of one width see them.
//
// A window reaches from a decision up to its width, and windows only move forward: every decision
// is added once and passed once, however many there are.
#pragma once
#include <cstdint>
#include <vector>

#include "numbers/background.h"
#include "numbers/decisions.h"
#include "numbers/width.h"

namespace deadair {

class Scale {
 public:
  Scale(const ClosesByIdle& closes, const Width& width, Decisions* decisions, double shortest_ns);

  // Those that hold `alike` decisions or more and stand out from their neighbours; `moments` are
  // the closes'. Their indexes are decisions'.
  std::vector<Stretch> Windows(std::span<const double> moments, int32_t alike) const;

  // The close that a decision begins with.
  int32_t FirstOf(int32_t decision) const { return firsts_[decision]; }

  Background& background() { return background_; }

 private:
  Width width_;
  std::vector<int32_t> firsts_;
  // Of decisions: how long their first closes were idle.
  Background background_;
};

}  // namespace deadair
