// One close, one decision: how many times somebody decided to close, where many connections end at
// once.
//
// A browser closes the six connections of a page with its tab, a program all of a pool: they were
// last used together and end together, by whatever reason, so their idle times agree without any
// timer. Counted one by one, two such tabs would look like twelve closes alike. So closes that one
// originator takes part in within a moment, after about the same idle time, are one decision.
//
// About the same means within the width that windows have: then no window counts a decision twice,
// and a decision whose idle times are scattered counts in each window that it reaches, among the
// timers' closes and around them alike. A moment is such a width as well: closes of a timer that
// come further apart than that, as the last uses did, agree better in how long they were idle than
// in when they came, and no single decision does that.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "numbers/width.h"

namespace deadair {

// One path's closes, ascending by idle time.
struct ClosesByIdle {
  // nanoseconds
  std::span<const double> idles;
  // When each of them was closed, nanoseconds from an origin that all share.
  std::span<const double> moments;
  // Equal numbers are one address.
  std::span<const int32_t> originators;
};

// One path's decisions, at any width.
class Decisions {
 public:
  explicit Decisions(const ClosesByIdle& closes);

  // The first close of each.
  std::vector<int32_t> FirstsAt(const Width& width);

 private:
  struct Act {
    double moment;
    int32_t originator;
    int32_t close;
  };

  void FindOccasions(const Width& width);

  std::span<const double> idles_;
  // By originator, and those of one by moment.
  std::vector<Act> acts_;
  // By close the first of its occasion: all of one originator within a moment of it.
  std::vector<int32_t> occasions_;
  // By occasion: from here on a close is another decision.
  std::vector<double> ends_at_;
};

}  // namespace deadair
