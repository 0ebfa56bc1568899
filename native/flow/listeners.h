// Who waits for a client to come back: numbers of watched silences, in one chain for each pair of
// client and service. A flood has one client and a hundred thousand kills: a chain is joined and
// left at once, however long it is.
#pragma once
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace deadair {

class Listeners {
 public:
  bool empty() const { return first_.empty(); }
  bool Has(uint32_t index) const { return index < links_.size() && links_[index].in; }

  void Add(uint64_t pair, uint32_t index) {
    if (links_.size() <= index) links_.resize(size_t{index} + 1);
    const auto [at, fresh] = first_.try_emplace(pair, index);
    const uint32_t next = fresh ? kEnd : at->second;
    links_[index] = {pair, next, kEnd, true};
    if (!fresh) links_[next].before = index;
    at->second = index;
  }

  void Remove(uint32_t index) {
    Link& link = links_[index];
    link.in = false;
    if (link.next != kEnd) links_[link.next].before = link.before;
    if (link.before != kEnd) {
      links_[link.before].next = link.next;
    } else if (link.next != kEnd) {
      first_[link.pair] = link.next;
    } else {
      first_.erase(link.pair);
    }
  }

  // Those of a pair, the newest first; `visit` may remove the one it is given.
  template <class Visit>
  void ForEach(uint64_t pair, Visit&& visit) {
    const auto found = first_.find(pair);
    for (uint32_t at = found == first_.end() ? kEnd : found->second; at != kEnd;) {
      const uint32_t index = at;
      at = links_[index].next;
      visit(index);
    }
  }

  // At most `most` of all, in no order that means anything.
  std::vector<uint32_t> Some(size_t most) const {
    std::vector<uint32_t> out;
    for (const auto& [pair, first] : first_) {
      for (uint32_t at = first; at != kEnd && out.size() < most; at = links_[at].next)
        out.push_back(at);
    }
    return out;
  }

 private:
  static constexpr uint32_t kEnd = UINT32_MAX;
  struct Link {
    uint64_t pair;
    uint32_t next, before;
    bool in;
  };
  std::unordered_map<uint64_t, uint32_t> first_;
  std::vector<Link> links_;  // by number
};

}  // namespace deadair
