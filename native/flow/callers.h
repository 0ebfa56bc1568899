// Clients that opened a connection of late. With several live workers a client that comes back may
// do so in another one, which saw its SYN before anybody could ask: so each keeps the last ones,
// and is asked about every second.
#pragma once
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "flow/key.h"
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

inline uint64_t PairHash(const uint8_t client[16], const uint8_t service[16], uint16_t port,
                         uint16_t capture_point) {
  const uint64_t who = Fold(Le64(client) ^ kSeed0, Le64(client + 8) ^ kSeed1);
  const uint64_t whom = Fold(Le64(service) ^ kSeed1, Le64(service + 8) ^ kSeed2);
  return Fold(who ^ port, whom ^ capture_point ^ kSeed0);
}

class Callers {
 public:
  void Note(const Packet& syn);
  // The first SYN of each that is waited for, as far as it is still held.
  std::vector<Caller> Find(std::span<const Caller> wanted) const;

 private:
  // Chosen, a MiB: those of two seconds at eight thousand new connections a second.
  static constexpr size_t kMost = 16384;

  std::vector<Caller> ring_;
  size_t next_ = 0;  // the oldest, once it is full
};

}  // namespace deadair
