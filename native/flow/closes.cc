#include "flow/closes.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <tuple>
#include <unordered_map>

#include "flow/thin.h"
#include "silence.h"

namespace deadair {
namespace {

class Table {
 public:
  explicit Table(std::span<const uint8_t> packed) : packed_(packed) {}

  size_t size() const { return packed_.size() / sizeof(Silence); }
  Silence operator[](size_t row) const {
    Silence record;
    std::memcpy(static_cast<void*>(&record), &packed_[row * sizeof record], sizeof record);
    return record;
  }
  uint64_t EndingOf(int32_t row) const {
    uint64_t at = 0;
    std::memcpy(&at, &packed_[row * sizeof(Silence) + offsetof(Silence, endingAtNs)], sizeof at);
    return at;
  }

 private:
  std::span<const uint8_t> packed_;
};

bool Established(uint32_t flags) {
  constexpr uint32_t kBothSaw = FlowFlag::kSawSide0 | FlowFlag::kSawSide1;
  return (flags & FlowFlag::kHandshakeDone) != 0 ||
         ((flags & FlowFlag::kMidStream) != 0 && (flags & kBothSaw) == kBothSaw);
}

bool IsPlain(const Silence& s) {
  constexpr uint32_t kSentFin = SideFlag::kFin | SideFlag::kFinInferred;
  if (s.outcome != Outcome::kClosed || s.triggerKind != Trigger::kNone ||
      s.endingKind != Ending::kFin || s.retransmissions != 0 || !Established(s.flowFlags))
    return false;
  const bool by_originator = s.endingBy == 0;
  if (((by_originator ? s.sideFlags1 : s.sideFlags0) & kSentFin) != 0) return false;
  if (s.endingTtl != (by_originator ? s.ttlData0 : s.ttlData1)) return false;
  // Its ending is the one moment it has, and no second reset stands beside it.
  return s.pairAtNs == 0 && s.frameTrigger == 0 && s.endingAtNs != 0 && s.endedAtNs == s.endingAtNs;
}

// Unsigned differences of moments, either way round.
double Between(uint64_t from, uint64_t until) {
  return static_cast<double>(static_cast<int64_t>(until - from));
}

// Two records of one FIN, a packet's and a payload's silence, come in the judge's order.
void OrderTwins(const Table& table, std::vector<int32_t>* rows) {
  const auto key = [&](int32_t row) {
    const Silence s = table[static_cast<size_t>(row)];
    return std::tuple(s.frameEnding, s.frameLastBefore, s.kind);
  };
  for (size_t i = 1; i < rows->size(); i++)
    for (size_t at = i; at > 0 && table.EndingOf((*rows)[at - 1]) == table.EndingOf((*rows)[at]) &&
                        key((*rows)[at]) < key((*rows)[at - 1]);
         at--)
      std::swap((*rows)[at - 1], (*rows)[at]);
}

struct Side {
  Place responder;
  bool by_originator;
  bool operator==(const Side&) const = default;
};
struct HashSide {
  size_t operator()(const Side& side) const {
    return HashPlace(side.responder) ^ (side.by_originator ? kSeed1 : 0);
  }
};

// Closes that count by group, then by idle time: filled group by group as they come.
class Groups {
 public:
  void Add(const Silence& close, int32_t index) {
    const auto [found, fresh] =
        numbers_.try_emplace({PlaceIn(close), close.endingBy == 0}, groups_.size());
    if (fresh) groups_.emplace_back();
    groups_[found->second].push_back(index);
  }

  void Lay(Closes* out) {
    out->starts.push_back(0);
    for (std::vector<int32_t>& some : groups_) {
      std::stable_sort(some.begin(), some.end(),
                       [&](int32_t a, int32_t b) { return out->idles[a] < out->idles[b]; });
      out->order.insert(out->order.end(), some.begin(), some.end());
      out->starts.push_back(static_cast<int32_t>(out->order.size()));
    }
  }

 private:
  std::unordered_map<Side, size_t, HashSide> numbers_;
  std::vector<std::vector<int32_t>> groups_;
};

// Whoever opened it, whatever its port was.
Place OriginatorOf(const Silence& close) {
  Place place = PlaceIn(close);
  std::memcpy(place.address, close.originatorAddress, sizeof place.address);
  place.port = 0;
  return place;
}

struct HashOriginator {
  size_t operator()(const Place& place) const { return HashPlace(place); }
};

class Originators {
 public:
  int32_t NumberOf(const Silence& close) {
    return numbers_.try_emplace(OriginatorOf(close), static_cast<int32_t>(numbers_.size()))
        .first->second;
  }

 private:
  std::unordered_map<Place, int32_t, HashOriginator> numbers_;
};

}  // namespace

Closes LayOutCloses(std::span<const uint8_t> silences) {
  const Table table(silences);
  Closes out;
  for (size_t row = 0; row < table.size(); row++)
    (IsPlain(table[row]) ? out.rows : out.others).push_back(static_cast<int32_t>(row));
  OrderTwins(table, &out.rows);
  Groups groups;
  Originators originators;
  uint64_t first = 0, counted = ~uint64_t{0};
  for (const int32_t row : out.rows) {
    const Silence s = table[static_cast<size_t>(row)];
    const auto index = static_cast<int32_t>(out.moments.size());
    if (index == 0) first = s.endingAtNs;
    out.moments.push_back(Between(first, s.endingAtNs));
    out.idles.push_back(
        s.lastPayloadAtNs == 0 ? -1 : std::max(0.0, Between(s.lastPayloadAtNs, s.endingAtNs)));
    out.originators.push_back(originators.NumberOf(s));
    if (s.kind == SilenceKind::kPacket) out.on_packet_clock++;
    if (out.idles.back() < 0 || s.frameEnding == counted) continue;
    counted = s.frameEnding;
    groups.Add(s, index);
  }
  groups.Lay(&out);
  for (const int32_t row : out.others)
    out.originators_of_others.push_back(originators.NumberOf(table[static_cast<size_t>(row)]));
  return out;
}

}  // namespace deadair
