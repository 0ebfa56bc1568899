#include "flow/notes.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace deadair {
namespace {

constexpr size_t kMostRolling = 1u << 16;  // strips and seconds of a capture of days: 9 MB
constexpr uint64_t kSecond = 1000000000;

template <class Record>
void PutPlace(const Place& place, Record* out) {
  std::memcpy(out->responderAddress, place.address, 16);
  out->responderPort = place.port;
  out->capturePoint = place.capture_point;
  out->tunnelId = place.tunnel_id;
  out->tunnelKind = place.tunnel_kind;
  out->ipVersion = place.ip_version;
}

}  // namespace

uint16_t BinOf(uint64_t ns) {
  if (ns < 1000000) return 0;
  const double bin = std::floor(std::log(static_cast<double>(ns) / 1e6) / std::log(1.01));
  return static_cast<uint16_t>(bin > 4095 ? 4095 : bin);
}

void NoteIndex::Grow() {
  const uint32_t old_slots = slots_;
  slots_ = old_slots == 0 ? 64 : old_slots * 2;
  const PagedVector<Slot> old = std::exchange(table_, PagedVector<Slot>(slots_));
  for (uint32_t i = 0; i < old_slots; i++) {
    if (old[i].next == 0) continue;
    uint32_t at = old[i].low & (slots_ - 1);
    while (table_[at].next != 0) at = (at + 1) & (slots_ - 1);
    table_[at] = old[i];
  }
}

Notes::Notes(uint32_t alive_seconds, const NoteCeilings& most)
    : alive_seconds_(alive_seconds),
      thinned_places_(most.places),
      bins_(most.survivors),
      undecided_(most.undecided),
      resets_(most.reset_seconds),
      strips_(most.strips + most.places),
      thinned_greetings_(most.greetings) {}

uint32_t Notes::Intern(const Place& place) {
  const uint64_t hash = HashPlace(place);
  const uint8_t rank = RankOf(hash);
  if (!thinned_places_.Admits(rank)) return kNobody;
  const uint32_t fresh = static_cast<uint32_t>(responders_.size());
  const uint32_t found =
      by_place_.Find(hash, fresh, [&](uint32_t i) { return responders_[i].place == place; });
  if (found == fresh) {
    responders_.push_back({place, kNoStrip, kNoRow, kNoRow, {}, {}, rank});
    crowded_ = thinned_places_.Add(rank);
  }
  return found + 1;
}

void Notes::Survived(uint32_t responder, const Ended& ended) { Wait(&bins_, responder, ended); }

void Notes::Undecided(uint32_t responder, const Ended& ended) {
  Wait(&undecided_, responder, ended);
}

void Notes::Wait(NoteTable<Bin>* table, uint32_t responder, const Ended& ended) {
  const uint64_t rest = static_cast<uint64_t>(ended.outcome) << 28 |
                        static_cast<uint64_t>(ended.clock) << 24 |
                        static_cast<uint64_t>(ended.state) << 22 |
                        static_cast<uint64_t>(ended.first_speaker) << 20 | BinOf(ended.ns);
  const uint64_t key = table->KeyOf(responder, rest);
  table->PrefetchSlot(key);
  waiting_[waits_++] = {table, key, ended.ns, ended.frame, ended.keepalive};
  if (waits_ == kWaiting) CountWaiting();
}

void Notes::CountWaiting() {
  for (uint32_t i = 0; i < waits_; i++) waiting_[i].table->PrefetchRow(waiting_[i].key);
  for (uint32_t i = 0; i < waits_; i++) Count(waiting_[i]);
  waits_ = 0;
}

void Notes::Count(const Waiting& one) {
  NoteTable<Bin>* const table = one.table;
  const uint32_t responder = table->ResponderOf(one.key);
  if (responder == kNobody || !table->thinning.Admits(RankOfRow(responder))) {
    overflow_++;
    return;
  }
  Bin& bin = table->rows[table->Find(one.key)];
  const bool fresh = bin.count == 0;
  bin.count++;
  bin.keepalives += one.keepalive;
  // Of two alike the smaller frame, as in the merge (gather.cc): with several files that is not
  // always the earlier one.
  if (one.ns > bin.longest_ns || (one.ns == bin.longest_ns && one.frame < bin.longest_frame)) {
    bin.longest_ns = one.ns;
    bin.longest_frame = one.frame;
  }
  if (fresh && table->thinning.Add(RankOfRow(responder))) Sift(table, nullptr);
}

void Notes::Greet(uint32_t responder, const Packet& p, int by, bool from_start) {
  Responder& who = responders_[responder - 1];
  if (!thinned_greetings_.Admits(who.rank)) return;
  uint8_t& greeted = who.greeted[by * 2 + from_start];
  const bool fresh = greeted < kGreetings;
  Greeting* latest = fresh ? nullptr : LatestGreeting(who, by, from_start);
  if (!fresh && std::pair(p.at_ns, p.number) >= std::pair(latest->atNs, latest->frame)) return;
  Greeting row{};
  PutPlace(who.place, &row);
  row.atNs = p.at_ns;
  row.frame = p.number;
  row.by = static_cast<uint8_t>(by);
  row.fromStart = from_start;
  row.captured = p.payload_captured;
  row.payload = p.payload;
  const uint8_t* bytes = p.options + p.options_bytes;
  std::memcpy(row.bytes0, bytes, std::min<size_t>(p.payload_captured, sizeof row.bytes0));
  if (p.payload_captured > sizeof row.bytes0) {
    std::memcpy(row.bytes1, bytes + sizeof row.bytes0, p.payload_captured - sizeof row.bytes0);
  }
  latest_greeting_ = std::max(latest_greeting_, p.at_ns);
  if (!fresh) {
    *latest = row;
    return;
  }
  greeted++;
  greetings_before_.push_back(
      std::exchange(who.greeting, static_cast<uint32_t>(greetings_.size())));
  greetings_.push_back(row);
  if (thinned_greetings_.Add(who.rank)) SiftGreetings();
}

// Of a kind of which there are some.
Greeting* Notes::LatestGreeting(const Responder& who, int by, bool from_start) {
  Greeting* latest = nullptr;
  for (uint32_t at = who.greeting; at != kNoRow; at = greetings_before_[at]) {
    Greeting& row = greetings_[at];
    if (row.by != by || row.fromStart != from_start) continue;
    if (latest == nullptr ||
        std::pair(row.atNs, row.frame) > std::pair(latest->atNs, latest->frame))
      latest = &row;
  }
  return latest;
}

void Notes::StatelessReset(uint32_t responder, uint64_t at_ns, uint64_t frame, bool middlebox) {
  if (responder == kNobody || !resets_.thinning.Admits(RankOfRow(responder))) {
    overflow_++;
    return;
  }
  if (rolls_ && resets_.rows.size() >= kMostRolling) RollResets();
  Resets& second = resets_.rows[resets_.Find(resets_.KeyOf(responder, at_ns / kSecond))];
  const bool fresh = second.count == 0;
  // As in the merge (gather.cc): who was met first differs with what else is met.
  second.first_frame = fresh ? frame : std::min(second.first_frame, frame);
  second.count++;
  second.middlebox += middlebox;
  if (fresh && resets_.thinning.Add(RankOfRow(responder))) Sift(&resets_, nullptr);
}

// The strip in hand is full (or time stepped): it goes to its row, another is taken in hand.
void Notes::TurnStrip(Responder* who, uint32_t strip) {
  if (who->strip_row != kNoRow)
    std::memcpy(strips_.rows[who->strip_row].nibbles, who->nibbles, sizeof who->nibbles);
  std::memset(who->nibbles, 0, sizeof who->nibbles);
  who->strip = strip;
  who->strip_row = kNoRow;
  if (!strips_.thinning.Admits(who->rank)) return;
  if (rolls_ && strips_.rows.size() >= kMostRolling + responders_.size()) RollStrips();
  const uint32_t fresh = static_cast<uint32_t>(strips_.rows.size());
  const uint32_t number = static_cast<uint32_t>(who - responders_.data()) + 1;
  who->strip_row = strips_.Find(strips_.KeyOf(number, strip));
  if (who->strip_row != fresh) {
    std::memcpy(who->nibbles, strips_.rows[who->strip_row].nibbles, sizeof who->nibbles);
  } else if (strips_.thinning.Add(who->rank)) {
    Sift(&strips_, nullptr);
    FindStripRows();
  }
}

AliveStrip Notes::StripOf(const Place& place, uint32_t strip, const uint8_t* nibbles) const {
  AliveStrip row{};
  PutPlace(place, &row);
  row.firstSecond = static_cast<uint64_t>(strip) * kNibbles * alive_seconds_;
  row.secondsPerNibble = static_cast<uint8_t>(alive_seconds_);
  std::memcpy(row.ages0, nibbles, kNibbles / 2);
  return row;
}

std::vector<AliveStrip> Notes::alive() const {
  std::vector<AliveStrip> out;
  out.reserve(strips_.rows.size());
  for (uint32_t i = 0; i < strips_.rows.size(); i++) {
    const Strip& strip = strips_.rows[i];
    const Responder& who = responders_[strips_.ResponderOf(strip.key) - 1];
    out.push_back(StripOf(who.place, static_cast<uint32_t>(strips_.RestOf(strip.key)),
                          who.strip_row == i ? who.nibbles : strip.nibbles));
  }
  return out;
}

// Of a crew's parts each in its own thread, where gathering is one thread's.
void Notes::Settle() {
  CountWaiting();
  std::vector<uint32_t> places(responders_.size()), rank(responders_.size());
  std::iota(places.begin(), places.end(), 0);
  std::sort(places.begin(), places.end(), [&](uint32_t a, uint32_t b) {
    return std::memcmp(&responders_[a].place, &responders_[b].place, sizeof(Place)) < 0;
  });
  for (uint32_t i = 0; i < places.size(); i++) rank[places[i]] = i;
  SortBins(&bins_, rank);
  SortBins(&undecided_, rank);
}

// Behind the place, a row's key has speaker, state, clock, outcome and bin, in this order
// (silence.h).
void Notes::SortBins(NoteTable<Bin>* table, const std::vector<uint32_t>& rank) {
  const auto order_of = [&](const Bin& bin) {
    const uint64_t speaker = bin.key >> 20 & 3, state = bin.key >> 22 & 3;
    const uint64_t clock = bin.key >> 24 & 15, outcome = bin.key >> 28 & 15;
    const uint64_t place = rank[(bin.key >> 32) - 1];
    return place << 32 | speaker << 26 | state << 24 | clock << 20 | outcome << 16 |
           (bin.key & 0xffff);
  };
  table->index = NoteIndex();  // before there is more memory in use than ever
  struct Entry {
    uint64_t order;
    uint32_t row;
  };
  PagedVector<Entry> entries;
  entries.reserve(table->rows.size());
  for (const Bin& bin : table->rows)
    entries.push_back({order_of(bin), static_cast<uint32_t>(entries.size())});
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.order < b.order; });
  std::vector<Bin> sorted;
  sorted.reserve(entries.size());
  for (const Entry& entry : entries) sorted.push_back(table->rows[entry.row]);
  table->rows = std::move(sorted);
}

PagedVector<SurvivorBin> Notes::RowsOf(NoteTable<Bin>* table) {
  CountWaiting();
  PagedVector<SurvivorBin> out;
  out.reserve(table->rows.size());
  for (const Bin& bin : table->rows) {
    SurvivorBin row{};
    PutPlace(responders_[(bin.key >> 32) - 1].place, &row);
    row.longestNs = bin.longest_ns;
    row.longestFrame = bin.longest_frame;
    row.count = bin.count;
    row.keepalives = bin.keepalives;
    row.bin = bin.key & 0xffff;
    row.firstSpeaker = bin.key >> 20 & 3;
    row.tcpState = bin.key >> 22 & 3;
    row.clock = bin.key >> 24 & 15;
    row.outcome = bin.key >> 28 & 15;
    out.push_back(row);
  }
  return out;
}

std::vector<ResetSecond> Notes::resets() const {
  std::vector<ResetSecond> out;
  out.reserve(resets_.rows.size());
  for (const Resets& resets : resets_.rows) {
    ResetSecond row{};
    PutPlace(responders_[(resets.key >> 40) - 1].place, &row);
    row.second = resets.key & ((uint64_t{1} << 40) - 1);
    row.count = resets.count;
    row.middlebox = resets.middlebox;
    row.firstFrame = resets.first_frame;
    out.push_back(row);
  }
  return out;
}

}  // namespace deadair
