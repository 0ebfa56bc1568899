// Silences that are counted in bins: whenever somebody asks, all that came before are in the rows,
// or among those that found no place.
//
//   notes_test EVENTS SEED → "EVENTS silences, asked N times, M in no row"
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>
#include <tuple>

#include "flow/notes.h"

namespace {

using namespace deadair;

using Key = std::tuple<uint8_t, uint16_t, uint8_t>;  // place, bin, outcome
struct Row {
  uint64_t count = 0, keepalives = 0, longest_ns = 0, longest_frame = 0;
  bool operator==(const Row&) const = default;
};

[[noreturn]] void Fail(const char* what, uint64_t events) {
  std::printf("after %lu silences: %s\n", static_cast<unsigned long>(events), what);
  std::exit(1);
}

class Story {
 public:
  Story(uint32_t seed, const NoteCeilings& most) : chance_(seed), notes_(1, most) {}

  void Go(uint64_t events) {
    for (events_ = 1; events_ <= events; events_++) {
      Add();
      if (Below(11) == 0) Ask();
    }
    events_ = events;
    Ask();
    notes_.Settle();
    Check();
  }

  uint64_t asked() const { return asked_; }
  uint64_t in_no_row() { return notes_.overflow(); }

 private:
  uint32_t Below(uint32_t most) { return static_cast<uint32_t>(chance_() % most); }

  void Add() {
    Place place{};
    place.address[0] = static_cast<uint8_t>(Below(40));
    place.ip_version = 4;
    const uint32_t responder = Responder(place);
    Notes::Ended ended{};
    ended.ns = 20'000'000'000 + uint64_t{Below(60)} * 1'000'000'000 + Below(1000);
    ended.frame = events_;
    ended.outcome = static_cast<uint8_t>(Below(3) == 0 ? Outcome::kOpen : Outcome::kSurvived);
    ended.keepalive = Below(4) == 0;
    const bool open = ended.outcome == Outcome::kOpen;
    open ? notes_.Undecided(responder, ended) : notes_.Survived(responder, ended);
    Row& row = rows_[{place.address[0], BinOf(ended.ns), ended.outcome}];
    row.count++;
    row.keepalives += ended.keepalive;
    if (ended.ns > row.longest_ns) {
      row.longest_ns = ended.ns;
      row.longest_frame = ended.frame;
    }
  }

  uint32_t Responder(const Place& place) {
    const uint32_t responder = notes_.Intern(place);
    return notes_.crowded() ? notes_.Forget()[responder] : responder;
  }

  // By one of the ways in which it can be asked, each first at times.
  void Ask() {
    asked_++;
    const auto levels = [&] {
      std::array<uint32_t, 6> out{};
      std::ranges::transform(notes_.thinned(), out.begin(), &Notes::Thinned::level);
      return out;
    };
    switch (Below(4)) {
      case 0:
        return Check();
      case 1: {
        const uint64_t overflow = notes_.overflow();
        Check();
        if (notes_.overflow() != overflow) Fail("those in no row came late", events_);
        return;
      }
      case 2: {
        const auto before = levels();
        Check();
        if (levels() != before) Fail("a level came late", events_);
        return;
      }
      default:
        if (InRows(notes_.undecided()) + InRows(notes_.survivors()) + notes_.overflow() != events_)
          Fail("they do not add up", events_);
    }
  }

  void Check() {
    const uint64_t counted = InRows(notes_.survivors()) + InRows(notes_.undecided());
    if (counted + notes_.overflow() != events_) Fail("they do not add up", events_);
  }

  uint64_t InRows(const PagedVector<SurvivorBin>& bins) {
    uint64_t count = 0;
    for (const SurvivorBin& bin : bins) {
      const Row row = {bin.count, bin.keepalives, bin.longestNs, bin.longestFrame};
      if (rows_[{bin.responderAddress[0], bin.bin, bin.outcome}] != row)
        Fail("a row is not what came", events_);
      count += bin.count;
    }
    return count;
  }

  std::minstd_rand chance_;
  Notes notes_;
  std::map<Key, Row> rows_;
  uint64_t events_ = 0, asked_ = 0;
};

}  // namespace

int main(int count, char** words) {
  if (count != 3) return 2;
  const uint64_t events = std::strtoull(words[1], nullptr, 10);
  const auto seed = static_cast<uint32_t>(std::strtoul(words[2], nullptr, 10));
  uint64_t asked = 0, in_no_row = 0;
  for (const NoteCeilings& most :
       {NoteCeilings{.places = 100}, NoteCeilings{.places = 100, .survivors = 300, .undecided = 90},
        NoteCeilings{.places = 12, .survivors = 500, .undecided = 500}}) {
    Story story(seed, most);
    story.Go(events);
    asked += story.asked();
    in_no_row += story.in_no_row();
  }
  std::printf("%lu silences, asked %lu times, %lu in no row\n", static_cast<unsigned long>(events),
              static_cast<unsigned long>(asked), static_cast<unsigned long>(in_no_row));
  return 0;
}
