// Columns at random, and some that nobody should send: what IdleWindows, MakeLadder and
// LogAccidents find is what their headers say, and nothing outside of a column is read.
//
//   numbers_test COUNT SEED → "COUNT columns, CLUSTERS clusters, LADDERS ladders"
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <random>
#include <utility>
#include <vector>

#include "numbers/accidents.h"
#include "numbers/idle_windows.h"
#include "numbers/ladder.h"
#include "numbers/sha1.h"

namespace {

using namespace deadair;

constexpr double kSecond = 1e9;
constexpr IdleQuestion kQuestion = {20 * kSecond, 4, -4.6};

struct Columns {
  std::vector<double> idles, moments;
  std::vector<int32_t> originators, order, starts = {0};

  GroupedCloses closes() const { return {idles, moments, originators, order, starts}; }
};

struct Rungs {
  std::vector<double> at, killed_below = {0}, survived_below = {0};

  Ladder ladder() const { return {at, killed_below, survived_below}; }
  double killed() const { return killed_below.back(); }
  double survived() const { return survived_below.back(); }
};

class Chance {
 public:
  explicit Chance(uint32_t seed) : engine_(seed) {}
  int32_t Below(int32_t most) {
    return static_cast<int32_t>(engine_() % static_cast<uint32_t>(most));
  }
  double Part() { return engine_() / 4294967296.0; }
  template <class Things>
  void Shuffle(Things* things) {
    std::shuffle(things->begin(), things->end(), engine_);
  }

  // Silences by length: as many or few as a path has, dying by chance, by length or at once.
  Rungs Any(int32_t most) {
    Rungs out;
    const int32_t kind = Below(3), step = Below(most);
    for (int32_t i = 0; i < most; i++) {
      const double last = out.at.empty() ? 0 : out.at.back();
      out.at.push_back(last * (1 + Part()) + 0.02 + Part());
      const double dies = kind == 0 ? 0.3 : kind == 1 ? (i + 1.0) / most : i >= step;
      const auto all = Below(Below(10) == 0 ? 1000 : 6);
      const auto died = static_cast<int32_t>(all * dies * Part() + Part());
      out.killed_below.push_back(out.killed_below.back() + died);
      out.survived_below.push_back(out.survived_below.back() + std::max(0, all - died));
    }
    return out;
  }

  // Closes of one path: timers, whole seconds, people, or all of them at once.
  void Path(Columns* out) {
    const int32_t size = Below(Below(10) == 0 ? 3000 : 60), people = 1 + Below(size + 1);
    const int32_t kind = Below(5);
    const double day = Below(3) == 0 ? 0 : 86400 * kSecond * Part();
    for (int32_t i = 0; i < size; i++) {
      const auto close = static_cast<int32_t>(out->idles.size());
      out->idles.push_back(Below(50) == 0 ? -1 : std::floor(Idle(kind == 4 ? Below(4) : kind)));
      out->moments.push_back(std::floor(day * Part()));
      out->originators.push_back(Below(people) - 2);
      out->order.push_back(close);
    }
    out->starts.push_back(static_cast<int32_t>(out->order.size()));
  }

  Columns Any() {
    Columns out;
    for (int32_t paths = Below(5); paths > 0; paths--) Path(&out);
    return out;
  }

 private:
  double Idle(int32_t kind) {
    if (kind == 0) return (60 + 5 * Below(2)) * kSecond + 5e7 * Part();
    if (kind == 1) return (20 + Below(30)) * kSecond + 3e6 * Part();
    if (kind == 2) return 20 * kSecond * std::pow(1440, Part());
    return Below(20) * 1e8;
  }

  std::mt19937 engine_;
};

size_t PathOf(const Columns& columns, int32_t close) {
  size_t path = 0;
  while (columns.starts[path + 1] <= close) path++;
  return path;
}

const char* WrongWith(const Columns& columns, const Clusters& found) {
  if (found.starts.size() != found.decisions.size() + 1) return "starts";
  std::vector<bool> taken(columns.idles.size());
  for (size_t i = 0; i < found.decisions.size(); i++) {
    const int32_t from = found.starts[i], until = found.starts[i + 1];
    if (found.decisions[i] < kQuestion.alike || found.decisions[i] > until - from)
      return "decisions";
    for (int32_t at = from; at < until; at++) {
      const int32_t close = found.closes[at];
      if (taken[close]) return "a close in two clusters";
      if (columns.idles[close] < 0) return "a close that does not count";
      taken[close] = true;
      if (PathOf(columns, close) != PathOf(columns, found.closes[from])) return "two paths in one";
      if (at > from && columns.idles[close] < columns.idles[found.closes[at - 1]]) return "order";
    }
  }
  return nullptr;
}

// One change that no caller may make; false where these columns have no room for it.
bool Spoil(Columns* columns, Chance* chance) {
  if (columns->order.empty()) return false;
  const int32_t at = chance->Below(static_cast<int32_t>(columns->order.size()));
  const double numbers[] = {std::nan(""), std::numeric_limits<double>::infinity()};
  switch (chance->Below(8)) {
    case 0:
      columns->order[at] = static_cast<int32_t>(columns->idles.size());
      break;
    case 1:
      columns->order[at] = -1 - chance->Below(INT32_MAX);
      break;
    case 2:
      columns->idles[columns->order[at]] = numbers[chance->Below(2)];
      break;
    case 3:
      columns->moments[columns->order[at]] = numbers[chance->Below(2)];
      break;
    case 4:
      columns->originators.pop_back();
      break;
    case 5:
      columns->moments.push_back(0);
      break;
    case 6:
      columns->starts.back() += chance->Below(2) == 0 ? 1 : -1;
      break;
    default:
      columns->starts.front() = -1;
  }
  return true;
}

// One rate for all lengths is one of those that accidents may have, and no likelihood is above 1.
const char* WrongWith(const Rungs& rungs, double log) {
  const double k = rungs.killed(), s = rungs.survived();
  const double constant = k * std::log(k / (k + s)) + s * std::log(s / (k + s));
  if (!(log <= 0)) return "above 1";
  return log >= constant - 1e-6 * (1 - constant) ? nullptr : "worse than one rate";
}

// The silences of these rungs, in any order, survivors of a length in one row or in two, make a
// ladder of those rungs on which some stand.
const char* WrongWithMade(const Rungs& rungs, Chance* chance) {
  std::vector<std::pair<double, double>> survived;
  std::vector<double> kills;
  Rungs wanted;
  for (size_t i = 0; i < rungs.at.size(); i++) {
    const double died = rungs.killed_below[i + 1] - rungs.killed_below[i];
    const double lived = rungs.survived_below[i + 1] - rungs.survived_below[i];
    kills.insert(kills.end(), static_cast<size_t>(died), rungs.at[i]);
    const double some = std::floor(lived * chance->Part());
    if (some > 0) survived.push_back({rungs.at[i], some});
    if (lived > some) survived.push_back({rungs.at[i], lived - some});
    if (died + lived == 0) continue;
    wanted.at.push_back(rungs.at[i]);
    wanted.killed_below.push_back(rungs.killed_below[i + 1]);
    wanted.survived_below.push_back(rungs.survived_below[i + 1]);
  }
  chance->Shuffle(&kills);
  chance->Shuffle(&survived);
  std::vector<double> seconds, counts;
  for (const auto& [length, count] : survived) seconds.push_back(length), counts.push_back(count);
  const OwnLadder made = MakeLadder(seconds, counts, kills);
  if (made.at != wanted.at) return "rungs";
  if (made.killed_below != wanted.killed_below) return "killed below";
  return made.survived_below == wanted.survived_below ? nullptr : "survived below";
}

// One change that no caller may make.
void Spoil(Rungs* rungs, Chance* chance) {
  const auto at = static_cast<size_t>(chance->Below(static_cast<int32_t>(rungs->at.size())));
  const double numbers[] = {std::nan(""), std::numeric_limits<double>::infinity()};
  switch (chance->Below(6)) {
    case 0:
      rungs->at[at] = numbers[chance->Below(2)];
      break;
    case 1:
      rungs->at[at] = -chance->Part() - 1e-9;
      break;
    case 2:
      rungs->killed_below[at + 1] = numbers[chance->Below(2)];
      break;
    case 3:
      rungs->survived_below[at + 1] = -1;
      break;
    case 4:
      rungs->killed_below.pop_back();
      break;
    default:
      rungs->at.push_back(rungs->at.back() + 1);
  }
}

// → whether it may be asked; what is wrong otherwise.
bool TryLadder(Chance* chance, const char** wrong) {
  Rungs rungs = chance->Any(1 + chance->Below(chance->Below(10) == 0 ? 500 : 20));
  *wrong = WrongWithMade(rungs, chance);
  const bool asked = rungs.killed() > 0 && rungs.survived() > 0;
  if (IsSound(rungs.ladder()) != asked) *wrong = "sound, or not";
  if (!asked || *wrong != nullptr) return false;
  *wrong = WrongWith(rungs, LogAccidents(rungs.ladder()));
  Spoil(&rungs, chance);
  if (IsSound(rungs.ladder())) *wrong = "a ladder is sound although spoiled";
  return true;
}

}  // namespace

int main(int, char** words) {
  const int count = std::atoi(words[1]);
  Chance chance(static_cast<uint32_t>(std::atoi(words[2])));
  size_t clusters = 0, ladders = 0;
  for (int i = 0; i < count; i++) {
    Columns columns = chance.Any();
    if (!IsSound(columns.closes())) return std::printf("%d: not sound\n", i), 1;
    const Clusters found = IdleWindows(columns.closes(), kQuestion);
    if (const char* wrong = WrongWith(columns, found)) return std::printf("%d: %s\n", i, wrong), 1;
    clusters += found.decisions.size();
    if (Spoil(&columns, &chance) && IsSound(columns.closes()))
      return std::printf("%d: sound although spoiled\n", i), 1;
    // What it says of them is compared with OpenSSL in test/sha1.test.ts.
    Sha1(std::vector<uint8_t>(static_cast<size_t>(chance.Below(200))));
    const char* wrong = nullptr;
    ladders += TryLadder(&chance, &wrong);
    if (wrong != nullptr) return std::printf("%d: %s\n", i, wrong), 1;
  }
  std::printf("%d columns, %zu clusters, %zu ladders\n", count, clusters, ladders);
}
