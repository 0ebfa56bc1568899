#include "flow/callers.h"

#include <algorithm>
#include <unordered_map>

#include "flow/key.h"

namespace deadair {

Caller CallerOf(const Packet& syn) {
  Caller c{};
  std::copy(syn.source, syn.source + 16, c.client);
  std::copy(syn.destination, syn.destination + 16, c.service);
  c.at_ns = syn.at_ns;
  c.number = syn.number;
  c.tunnel_id = syn.tunnel_id;
  c.client_port = syn.source_port;
  c.service_port = syn.destination_port;
  c.capture_point = syn.capture_point;
  return c;
}

uint64_t PairOf(const Caller& c) {
  const uint64_t who = Fold(Le64(c.client) ^ kSeed0, Le64(c.client + 8) ^ kSeed1);
  const uint64_t whom = Fold(Le64(c.service) ^ kSeed1, Le64(c.service + 8) ^ kSeed2);
  return Fold(who ^ c.service_port, whom ^ c.capture_point ^ kSeed0);
}

bool IsFor(const Caller& wanted, const Caller& c) {
  return c.at_ns >= wanted.at_ns && c.service_port == wanted.service_port &&
         c.capture_point == wanted.capture_point && c.tunnel_id == wanted.tunnel_id &&
         std::equal(c.client, c.client + 16, wanted.client) &&
         std::equal(c.service, c.service + 16, wanted.service);
}

void Callers::Note(const Caller& c) {
  if (ring_.size() < kMost) return ring_.push_back(c);
  ring_[next_] = c;
  next_ = (next_ + 1) % kMost;
}

std::vector<Caller> Callers::Find(std::span<const Caller> wanted) const {
  std::unordered_multimap<uint64_t, const Caller*> open;
  for (const Caller& one : wanted) open.emplace(PairOf(one), &one);
  std::vector<Caller> found;
  for (size_t i = 0; i < ring_.size() && !open.empty(); i++) {
    const Caller& c = ring_[(next_ + i) % ring_.size()];
    const auto [first, last] = open.equal_range(PairOf(c));
    for (auto at = first; at != last;) {
      const auto one = at++;
      if (!IsFor(*one->second, c)) continue;
      found.push_back(c);
      open.erase(one);
    }
  }
  return found;
}

}  // namespace deadair
