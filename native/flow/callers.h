// Clients that opened a connection of late. With several live workers a client that comes back may
// do so in another one, which saw its SYN before anybody could ask: so each keeps the last ones,
// and is asked about every second.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "packet.h"

namespace deadair {

// Plain data: it goes from worker to worker as bytes.
struct Caller {
  uint8_t client[16], service[16];
  uint64_t at_ns;  // of the SYN; who is waited for: since then
  uint64_t number;
  uint32_t tunnel_id;
  uint16_t client_port, service_port, capture_point, reserved;
};
static_assert(sizeof(Caller) == 64);

Caller CallerOf(const Packet& syn);

// One number for each pair of client and service.
uint64_t PairOf(const Caller& c);

// `c` is who `wanted` waits for: the same client, the same service, not before it was waited for.
bool IsFor(const Caller& wanted, const Caller& c);

class Callers {
 public:
  void Note(const Caller& c);
  // The first SYN of each that is waited for, as far as it is still held.
  std::vector<Caller> Find(std::span<const Caller> wanted) const;

 private:
  // Chosen, a MiB: those of two seconds at eight thousand new connections a second.
  static constexpr size_t kMost = 16384;

  std::vector<Caller> ring_;
  size_t next_ = 0;  // the oldest, once it is full
};

}  // namespace deadair
