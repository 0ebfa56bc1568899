// How the tables of notes lose rows: below their level (thin.h), or the oldest of a capture of
// days.
#include "flow/notes.h"

#include <utility>

namespace deadair {

// `moved`: the responders' new numbers, where they change.
template <class Row>
void Notes::Sift(NoteTable<Row>* table, const std::vector<uint32_t>* moved) {
  table->Filter([&](Row& row) {
    const uint32_t responder = table->ResponderOf(row.key);
    if (!table->thinning.Admits(RankOfRow(responder))) {
      if constexpr (requires { row.count; }) overflow_ += row.count;
      return false;
    }
    if (moved != nullptr) row.key = table->KeyOf((*moved)[responder], table->RestOf(row.key));
    return true;
  });
}
template void Notes::Sift(NoteTable<Bin>*, const std::vector<uint32_t>*);
template void Notes::Sift(NoteTable<Resets>*, const std::vector<uint32_t>*);
template void Notes::Sift(NoteTable<Strip>*, const std::vector<uint32_t>*);

void Notes::SiftGreetings() {
  std::erase_if(greetings_, [&](const Greeting& row) {
    return !thinned_greetings_.Admits(RankOf(HashPlace(PlaceIn(row))));
  });
  LinkGreetings();
}

// After rows have moved; each row's responder is there.
void Notes::LinkGreetings() {
  for (Responder& who : responders_) who.greeting = kNoRow;
  greetings_before_.clear();
  for (const Greeting& row : greetings_) {
    const Place place = PlaceIn(row);
    const auto all = static_cast<uint32_t>(responders_.size());
    const uint32_t responder = by_place_.Find(
        HashPlace(place), all, [&](uint32_t i) { return responders_[i].place == place; });
    const auto at = static_cast<uint32_t>(greetings_before_.size());
    greetings_before_.push_back(std::exchange(responders_[responder].greeting, at));
  }
}

std::vector<uint32_t> Notes::Forget() {
  CountWaiting();
  std::vector<uint32_t> moved(responders_.size() + 1, kNobody);
  uint32_t kept = 0;
  for (uint32_t i = 0; i < responders_.size(); i++) {
    if (thinned_places_.Admits(responders_[i].rank)) moved[i + 1] = ++kept;
  }
  const uint32_t level = thinned_places_.level();
  for (Thinning* table :
       {&bins_.thinning, &undecided_.thinning, &resets_.thinning, &strips_.thinning})
    table->RaiseTo(level);
  Sift(&bins_, &moved);
  Sift(&undecided_, &moved);
  Sift(&resets_, &moved);
  Sift(&strips_, &moved);
  if (thinned_greetings_.RaiseTo(level)) SiftGreetings();
  std::erase_if(responders_, [&](const Responder& who) { return who.rank < level; });
  by_place_ = NoteIndex();
  for (uint32_t i = 0; i < responders_.size(); i++)
    by_place_.Find(HashPlace(responders_[i].place), i, [](uint32_t) { return false; });
  FindStripRows();
  crowded_ = false;
  return moved;
}

// The strips in hand, after rows have moved.
void Notes::FindStripRows() {
  for (Responder& who : responders_) who.strip_row = kNoRow;
  for (uint32_t i = 0; i < strips_.rows.size(); i++) {
    const uint64_t key = strips_.rows[i].key;
    Responder& who = responders_[strips_.ResponderOf(key) - 1];
    if (who.strip == strips_.RestOf(key)) who.strip_row = i;
  }
}

// The older half is forgotten.
void Notes::RollResets() {
  size_t old = resets_.rows.size() / 2;
  resets_.Filter([&](Resets& row) {
    if (old == 0) return true;
    old--;
    resets_.thinning.Remove(RankOfRow(resets_.ResponderOf(row.key)));
    return false;
  });
}

// The older half is forgotten, but for what is in hand.
void Notes::RollStrips() {
  size_t old = strips_.rows.size() / 2;
  strips_.Filter([&](Strip& row) {
    const uint32_t responder = strips_.ResponderOf(row.key);
    if (old == 0 || responders_[responder - 1].strip == strips_.RestOf(row.key)) return true;
    old--;
    strips_.thinning.Remove(RankOfRow(responder));
    return false;
  });
  FindStripRows();
}

std::vector<uint64_t> Notes::places() const {
  std::vector<uint64_t> out;
  out.reserve(responders_.size());
  for (const Responder& who : responders_) out.push_back(HashPlace(who.place));
  return out;
}

std::array<Notes::Thinned, 6> Notes::thinned() {
  CountWaiting();
  const auto of = [](const char* table, const Thinning& thinning) {
    return Thinned{table, thinning.level(), thinning.most()};
  };
  return {of("places", thinned_places_),        of("survivors", bins_.thinning),
          of("undecided", undecided_.thinning), of("alive", strips_.thinning),
          of("resetSeconds", resets_.thinning), of("greetings", thinned_greetings_)};
}

}  // namespace deadair
