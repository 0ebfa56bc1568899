#include "numbers/accidents.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <vector>

namespace deadair {
namespace {

struct Rates {
  double a;  // −ln of the share that outlives what strikes whatever the length
  double b;  // what strikes per unit of time, times the longest length
};

struct Deaths {
  // Lengths at which silences were killed, of the longest, and how many.
  std::vector<double> at, killed;
  double all_killed, survived;
  double survived_lengths = 0;  // their sum

  explicit Deaths(const Ladder& ladder)
      : all_killed(ladder.killed_below.back()), survived(ladder.survived_below.back()) {
    for (size_t i = 0; i < ladder.at.size(); i++) {
      const double length = ladder.at[i] / ladder.at.back();
      survived_lengths += length * (ladder.survived_below[i + 1] - ladder.survived_below[i]);
      const double died = ladder.killed_below[i + 1] - ladder.killed_below[i];
      if (died == 0) continue;
      at.push_back(length);
      killed.push_back(died);
    }
  }
};

constexpr int kRounds = 60;      // chosen: many more than Newton's method takes
constexpr double kClose = 1e-9;  // chosen: less than any decision hangs on
// Chosen: rounding leaves as much of a determinant that is none.
constexpr double kFlat = 1e-12;

class Hill {
 public:
  explicit Hill(const Deaths& deaths) : deaths_(deaths), odds_(deaths.at.size()) {}

  // −∞ where a kill would have had no chance at all.
  double Height(Rates at) {
    double log = -at.a * deaths_.survived - at.b * deaths_.survived_lengths;
    for (size_t i = 0; i < odds_.size(); i++) {
      const double x = at.a + at.b * deaths_.at[i];
      if (x <= 0) return -std::numeric_limits<double>::infinity();
      odds_[i] = 1 / std::expm1(x);
      log -= deaths_.killed[i] * std::log1p(odds_[i]);
    }
    return log;
  }

  // Kills of one length tell the two rates apart by nothing: they stand on a ridge, which rises to
  // the rates of which one is 0.
  bool is_ridge() const { return is_ridge_; }

  // From `from` to the top, along b alone where a is held at 0. → how high it is
  double Climb(Rates* from, bool holds_a) {
    double log = Height(*from);
    for (int round = 0; round < kRounds; round++) {
      const Step step = Newton(holds_a);
      double rises = 0;
      for (double part = 1; rises == 0 && part * step.slope >= kClose; part /= 2) {
        const Rates next = {from->a + part * step.by.a, from->b + part * step.by.b};
        const double there = Height(next);
        if (!(there > log)) continue;
        rises = there - log;
        log = there;
        *from = next;
      }
      if (rises < kClose) break;  // else Height was asked about `from` last
    }
    return log;
  }

 private:
  struct Step {
    Rates by;
    double slope;  // how fast it rises along it: being concave, by no more than that at its end
  };

  // From where Height was asked about last.
  Step Newton(bool holds_a) {
    double da = -deaths_.survived, db = -deaths_.survived_lengths;
    double daa = 0, dab = 0, dbb = 0;
    for (size_t i = 0; i < odds_.size(); i++) {
      const double u = deaths_.at[i], slope = deaths_.killed[i] * odds_[i];
      const double bend = -slope * (1 + odds_[i]);
      da += slope;
      db += slope * u;
      daa += bend;
      dab += bend * u;
      dbb += bend * u * u;
    }
    const auto step = [&](double a, double b) { return Step{{a, b}, a * da + b * db}; };
    if (holds_a) return step(0, -db / dbb);
    const double determinant = daa * dbb - dab * dab;
    is_ridge_ = !(determinant > kFlat * daa * dbb);
    if (is_ridge_) return step(0, 0);
    return step((dab * db - dbb * da) / determinant, (dab * da - daa * db) / determinant);
  }

  const Deaths& deaths_;
  std::vector<double> odds_;  // of outliving, by length, where Height was asked about last
  bool is_ridge_ = false;
};

// Numbers all, each in this relation to the one before it, and the last above 0.
template <class Relation>
bool Rise(std::span<const double> numbers) {
  const auto breaks = [](double before, double next) { return !Relation()(next, before); };
  return std::adjacent_find(numbers.begin(), numbers.end(), breaks) == numbers.end() &&
         std::isfinite(numbers.back()) && numbers.back() > 0;
}

bool Count(std::span<const double> sums) {
  return sums[0] == 0 && Rise<std::greater_equal<>>(sums);
}

}  // namespace

bool IsSound(const Ladder& ladder) {
  const auto& [at, killed_below, survived_below] = ladder;
  if (at.empty() || killed_below.size() != at.size() + 1 || survived_below.size() != at.size() + 1)
    return false;
  return Rise<std::greater<>>(at) && at[0] >= 0 && Count(killed_below) && Count(survived_below);
}

double LogAccidents(const Ladder& ladder) {
  const Deaths deaths(ladder);
  Hill hill(deaths);
  const double constant = std::log1p(deaths.all_killed / deaths.survived);
  Rates top = {constant / 2, constant / 2};
  const double free = hill.Climb(&top, false);
  if (!hill.is_ridge() && top.a >= 0 && top.b >= 0) return free;
  // It lies at an edge of what rates may be.
  const double whatever_length = hill.Height({constant, 0});
  top = {0, constant};
  return std::max(whatever_length, hill.Climb(&top, true));
}

}  // namespace deadair
