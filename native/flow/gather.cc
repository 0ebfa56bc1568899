#include "flow/gather.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <numeric>

#include "decode/bytes.h"
#include "flow/thin.h"
#include "pages.h"
#include "silence.h"

namespace deadair {
namespace {

using Parts = std::vector<std::span<const uint8_t>>;
using Bytes = std::vector<uint8_t>;

template <class Row>
PagedVector<Row> Concatenated(const Parts& parts) {
  size_t count = 0;
  for (const auto& part : parts) count += part.size() / sizeof(Row);
  PagedVector<Row> rows(count);
  size_t at = 0;
  for (const auto& part : parts) {
    const size_t some = part.size() / sizeof(Row);
    if (some != 0) std::memcpy(static_cast<void*>(&rows[at]), part.data(), some * sizeof(Row));
    at += some;
  }
  return rows;
}

template <class Row>
void Append(const Row& row, Bytes* out) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(&row);
  out->insert(out->end(), bytes, bytes + sizeof row);
}

// When a record counts, by which frame, and where its tuple begins.
uint64_t TimeOf(const Silence& s) { return s.endedAtNs; }
uint64_t TimeOf(const Birth& b) { return b.atNs; }
uint64_t FrameOf(const Silence& s) {
  return s.frameEnding != 0    ? s.frameEnding
         : s.frameTrigger != 0 ? s.frameTrigger
                               : s.frameLastBefore;
}
uint64_t FrameOf(const Birth& b) { return b.frame; }
constexpr size_t TupleAt(const Silence*) { return offsetof(Silence, originatorAddress); }
constexpr size_t TupleAt(const Birth*) { return offsetof(Birth, sourceAddress); }

// The tuple and what stands behind it first, then what stands before it.
template <class Record>
bool BytesBefore(const Record& a, const Record& b) {
  const auto* one = reinterpret_cast<const uint8_t*>(&a);
  const auto* other = reinterpret_cast<const uint8_t*>(&b);
  constexpr size_t tuple = TupleAt(static_cast<const Record*>(nullptr));
  const int behind = std::memcmp(one + tuple, other + tuple, sizeof(Record) - tuple);
  return behind != 0 ? behind < 0 : std::memcmp(one, other, tuple) < 0;
}

// Records stay where they are until they are written out in order: a flood brings hundreds of
// megabytes of them, and a second copy would be the most memory that an analysis takes.
template <class Record>
void InOrder(const Parts& parts, const Room& room) {
  struct Rank {
    uint64_t time, frame;
    const uint8_t* at;
  };
  PagedVector<Rank> ranks;
  size_t count = 0;
  for (const auto& part : parts) count += part.size() / sizeof(Record);
  ranks.reserve(count);
  const auto read = [](const uint8_t* at) {
    Record record;
    std::memcpy(static_cast<void*>(&record), at, sizeof record);
    return record;
  };
  for (const auto& part : parts) {
    for (size_t at = 0; at + sizeof(Record) <= part.size(); at += sizeof(Record)) {
      const Record record = read(&part[at]);
      ranks.push_back({TimeOf(record), FrameOf(record), &part[at]});
    }
  }
  std::sort(ranks.begin(), ranks.end(), [&](const Rank& a, const Rank& b) {
    if (a.time != b.time) return a.time < b.time;
    return a.frame != b.frame ? a.frame < b.frame : BytesBefore(read(a.at), read(b.at));
  });
  uint8_t* to = room(ranks.size() * sizeof(Record));
  for (const Rank& rank : ranks) {
    std::memcpy(to, rank.at, sizeof(Record));
    to += sizeof(Record);
  }
}

uint32_t Added(uint32_t a, uint32_t b) {
  const uint64_t sum = uint64_t{a} + b;
  return static_cast<uint32_t>(std::min<uint64_t>(sum, std::numeric_limits<uint32_t>::max()));
}

void MakeKey(SurvivorBin* row) {
  row->count = row->keepalives = 0;
  row->longestNs = row->longestFrame = 0;
  // In the order of bytes it is a number: what differs in nothing else stands by length.
  row->bin = static_cast<uint16_t>(row->bin >> 8 | row->bin << 8);
}
void Merge(const SurvivorBin& from, SurvivorBin* into) {
  into->count = Added(into->count, from.count);
  into->keepalives = Added(into->keepalives, from.keepalives);
  const bool longer = from.longestNs > into->longestNs ||
                      (from.longestNs == into->longestNs && from.longestFrame < into->longestFrame);
  if (!longer) return;
  into->longestNs = from.longestNs;
  into->longestFrame = from.longestFrame;
}

constexpr size_t kAges = offsetof(AliveStrip, ages0), kAgesEnd = offsetof(AliveStrip, ages3) + 16;

void MakeKey(AliveStrip* row) {
  for (uint8_t* ages : {row->ages0, row->ages1, row->ages2, row->ages3}) std::memset(ages, 0, 16);
}
// The older connection speaks louder: the larger nibble of each step.
void Merge(const AliveStrip& from, AliveStrip* into) {
  const auto* theirs = reinterpret_cast<const uint8_t*>(&from);
  auto* mine = reinterpret_cast<uint8_t*>(into);
  for (size_t at = kAges; at < kAgesEnd; at++) {
    const uint8_t a = mine[at], b = theirs[at];
    mine[at] = static_cast<uint8_t>(std::max(a & 0xf0, b & 0xf0) | std::max(a & 0x0f, b & 0x0f));
  }
}

void MakeKey(ResetSecond* row) {
  row->count = row->middlebox = 0;
  row->firstFrame = 0;
}
void Merge(const ResetSecond& from, ResetSecond* into) {
  into->count = Added(into->count, from.count);
  into->middlebox = Added(into->middlebox, from.middlebox);
  into->firstFrame = std::min(into->firstFrame, from.firstFrame);
}

// What tells one from another, and what was said: the rest is a responder, a side and a kind of
// beginning.
void MakeKey(Greeting* row) {
  row->atNs = row->frame = 0;
  row->payload = 0;
  constexpr size_t kSaid = offsetof(Greeting, captured);
  std::memset(reinterpret_cast<uint8_t*>(row) + kSaid, 0, sizeof *row - kSaid);
}

// Rows by their keys: a key is a row's bytes with all that is counted blanked.
template <class Row>
class ByKey {
 public:
  // `rows`: those of the parts, one part behind the other.
  ByKey(const PagedVector<Row>& rows, const Parts& parts)
      : parts_(parts), keys_(rows), order_(rows.size()) {
    for (Row& key : keys_) MakeKey(&key);
    std::iota(order_.begin(), order_.end(), 0);
  }

  // Numbers of rows in the order of their keys; of one key, `before` says. Most parts are in order
  // already.
  template <class Before>
  PagedVector<uint32_t>& Sorted(Before&& before) {
    const auto comes_first = [&](uint32_t a, uint32_t b) {
      const int order = Compare(a, b);
      return order != 0 ? order < 0 : before(a, b);
    };
    auto from = order_.begin();
    for (const auto& part : parts_) {
      const auto until = from + static_cast<ptrdiff_t>(part.size() / sizeof(Row));
      if (!std::is_sorted(from, until, comes_first)) std::sort(from, until, comes_first);
      std::inplace_merge(order_.begin(), from, until, comes_first);
      from = until;
    }
    return order_;
  }

  // As memcmp, which does not know how long they are.
  int Compare(uint32_t a, uint32_t b) const {
    const auto* one = reinterpret_cast<const uint8_t*>(&keys_[a]);
    const auto* other = reinterpret_cast<const uint8_t*>(&keys_[b]);
    for (size_t at = 0; at + 8 <= sizeof(Row); at += 8) {
      const uint64_t x = Be64(one + at), y = Be64(other + at);
      if (x != y) return x < y ? -1 : 1;
    }
    constexpr size_t kRest = sizeof(Row) % 8;
    return kRest == 0 ? 0
                      : std::memcmp(one + sizeof(Row) - kRest, other + sizeof(Row) - kRest, kRest);
  }
  bool IsSame(uint32_t a, uint32_t b) const { return Compare(a, b) == 0; }

 private:
  const Parts& parts_;
  PagedVector<Row> keys_;
  PagedVector<uint32_t> order_;
};

template <class Row>
void OneRowAKey(const Parts& parts, const Room& room) {
  PagedVector<Row> rows = Concatenated<Row>(parts);
  ByKey<Row> by_key(rows, parts);
  PagedVector<uint32_t>& order = by_key.Sorted([](uint32_t, uint32_t) { return false; });
  size_t keys = 0;
  for (size_t i = 0; i < order.size(); keys++) {
    const uint32_t first = order[i];
    for (i++; i < order.size() && by_key.IsSame(first, order[i]); i++)
      Merge(rows[order[i]], &rows[first]);
    order[keys] = first;
  }
  uint8_t* to = room(keys * sizeof(Row));
  for (size_t i = 0; i < keys; i++, to += sizeof(Row))
    std::memcpy(to, &rows[order[i]], sizeof(Row));
}

// The earliest few of each responder, side and kind of beginning: each shard keeps its own
// earliest, so those of all are among them.
Bytes EarliestGreetings(const Parts& parts) {
  const PagedVector<Greeting> rows = Concatenated<Greeting>(parts);
  ByKey<Greeting> by_key(rows, parts);
  const PagedVector<uint32_t>& order = by_key.Sorted([&](uint32_t a, uint32_t b) {
    const Greeting &one = rows[a], &other = rows[b];
    return one.atNs != other.atNs ? one.atNs < other.atNs : one.frame < other.frame;
  });
  Bytes out;
  for (size_t i = 0; i < order.size(); i++) {
    const bool kept = i < kGreetings || !by_key.IsSame(order[i], order[i - kGreetings]);
    if (kept) Append(rows[order[i]], &out);
  }
  return out;
}

Bytes Distinct(const Parts& parts) {
  PagedVector<uint64_t> hashes = Concatenated<uint64_t>(parts);
  std::sort(hashes.begin(), hashes.end());
  hashes.erase(std::unique(hashes.begin(), hashes.end()), hashes.end());
  Bytes out;
  out.reserve(hashes.size() * sizeof(uint64_t));
  for (const uint64_t hash : hashes) Append(hash, &out);
  return out;
}

template <class Row>
uint8_t RankOfRow(const Row& row) {
  return RankOf(HashPlace(PlaceIn(row)));
}
uint8_t RankOfRow(uint64_t hash) { return RankOf(hash); }

template <class Row>
Thin Thinned(std::span<const uint8_t> packed, uint32_t level, uint32_t most) {
  if (level == 0 && packed.size() / sizeof(Row) <= most) return {std::nullopt, 0, 0};
  const PagedVector<Row> rows = Concatenated<Row>({packed});
  Thinning thinning(most);
  thinning.RaiseTo(level);
  for (const Row& row : rows) {
    if (const uint8_t rank = RankOfRow(row); thinning.Admits(rank)) thinning.Add(rank);
  }
  Thin out{Bytes(), thinning.level(), 0};
  for (const Row& row : rows) {
    if (thinning.Admits(RankOfRow(row))) {
      Append(row, &*out.rows);
    } else if constexpr (requires { row.count; }) {
      out.dropped += row.count;
    }
  }
  return out;
}

}  // namespace

std::optional<Thin> ThinTable(std::string_view what, std::span<const uint8_t> rows, uint32_t level,
                              uint32_t most) {
  if (what == "places") return Thinned<uint64_t>(rows, level, most);
  if (what == "survivors" || what == "undecided") return Thinned<SurvivorBin>(rows, level, most);
  if (what == "alive") return Thinned<AliveStrip>(rows, level, most);
  if (what == "resetSeconds") return Thinned<ResetSecond>(rows, level, most);
  if (what == "greetings") return Thinned<Greeting>(rows, level, most);
  return std::nullopt;
}

bool Gather(std::string_view what, const Parts& parts, const Room& room) {
  const auto put = [&](const Bytes& table) {
    std::copy(table.begin(), table.end(), room(table.size()));
  };
  if (what == "silences")
    InOrder<Silence>(parts, room);
  else if (what == "births")
    InOrder<Birth>(parts, room);
  else if (what == "places")
    put(Distinct(parts));
  else if (what == "survivors" || what == "undecided")
    OneRowAKey<SurvivorBin>(parts, room);
  else if (what == "alive")
    OneRowAKey<AliveStrip>(parts, room);
  else if (what == "resetSeconds")
    OneRowAKey<ResetSecond>(parts, room);
  else if (what == "greetings")
    put(EarliestGreetings(parts));
  else
    return false;
  return true;
}

}  // namespace deadair
