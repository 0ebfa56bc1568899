// The network that is captured: clients behind a gateway, the capture on the inside; servers some
// hops beyond, each behind a box with a temper of its own. A client's TTL is 64, the gateway's is
// 64, a server's shows its distance.
#pragma once
#include <cstdint>

#include "options.h"
#include "random.h"

namespace bench {

// How a connection ends. The first two are what a box never touched.
enum class Fate : uint8_t {
  kClose,           // FINs, now and then a stray reset behind them
  kAbort,           // the server's live socket resets
  kRefused,         // SYN, RST ACK
  kStaysOpen,       // open when the capture ends
  kLateReset,       // data after a silence, the gateway answers with a stateless reset
  kBlackhole,       // data after a silence, retransmitted and never answered
  kExpiryReset,     // the box resets when its row expires
  kKeepaliveReset,  // a keepalive probe slower than the box, answered like kLateReset
};
inline constexpr Fate kKills[] = {Fate::kLateReset, Fate::kBlackhole, Fate::kExpiryReset,
                                  Fate::kKeepaliveReset};

// Servers that share a box. Silences up to `survives` are harmless there; T is `timeout` seconds.
struct Site {
  Fate kill;
  uint16_t port;
  uint32_t first_server, servers;
  uint64_t survives, timeout;
};
// The servers of a `day` (day.h), each in a network of its own.
inline constexpr uint32_t kDayServers[] = {1024, 2048, 3072, 4096, 5120, 6144};
inline constexpr Site kSites[] = {
    {Fate::kClose, 443, 0, 48, 300 * kSecond, 0},
    {Fate::kLateReset, 27017, 48, 8, 300 * kSecond, 350 * kSecond},
    {Fate::kBlackhole, 5432, 56, 4, 300 * kSecond, 350 * kSecond},
    {Fate::kExpiryReset, 6379, 60, 4, 80 * kSecond, 90 * kSecond},
    {Fate::kKeepaliveReset, 5672, 64, 4, 300 * kSecond, 350 * kSecond},
    {Fate::kClose, 22, 68, 4, 120 * kSecond, 0},  // its clients send keepalives
    {Fate::kClose, 27017, kDayServers[0], 1, 0, 0},
    {Fate::kClose, 5432, kDayServers[1], 1, 0, 0},
    {Fate::kClose, 6379, kDayServers[2], 1, 0, 0},
    {Fate::kClose, 5672, kDayServers[3], 1, 0, 0},
    {Fate::kClose, 22, kDayServers[4], 1, 0, 0},
    {Fate::kClose, 443, kDayServers[5], 1, 0, 0},
};
inline constexpr uint32_t kServers = 72;
inline constexpr const Site& kKeepaliveSite = kSites[5];

inline const Site& SiteOf(uint32_t server) {
  for (const Site& site : kSites)
    if (server >= site.first_server && server < site.first_server + site.servers) return site;
  return kSites[0];
}

inline const Site& SiteThat(Fate kill) {
  for (const Site& site : kSites)
    if (site.kill == kill) return site;
  return kSites[0];
}

inline constexpr uint8_t kGatewayTtl = 64, kClientTtl = 64;

inline uint8_t ServerTtl(uint32_t server) {
  return static_cast<uint8_t>(57 - Mix(server ^ 0x77) % 12);  // 7 to 18 hops
}

// Round trip from the capture point to the server: 4 to 80 ms.
inline uint32_t ServerTrip(uint32_t server) {
  return static_cast<uint32_t>(4000 + Mix(server ^ 0x1234) % 76000);
}

// A host's millisecond timestamp clock (RFC 7323 section 5.4).
inline uint32_t TimestampClock(bool server, uint32_t number, uint64_t at) {
  const uint64_t offset = Mix(static_cast<uint64_t>(number) << 1 | (server ? 1 : 0));
  return static_cast<uint32_t>(offset + at / 1000);
}

// Sizes and lengths of exchanges, by kind.
struct Shape {
  uint32_t segments;                   // a response has 1 … segments
  uint32_t request_low, request_high;  // payload bytes
  uint32_t response_low, response_high;
};

inline Shape ShapeOf(const Options& options) {
  if (options.full()) return {16, 200, 700, 1448, 1449};
  return {3, 4, 32, 4, 40};
}

// Packets of an exchange on average: the request, the response, one acknowledgement per two
// segments.
inline double MeanExchange(const Shape& shape) {
  double sum = 0;
  for (uint32_t k = 1; k <= shape.segments; ++k) sum += 1 + k + (k + 1) / 2;
  return sum / shape.segments;
}

}  // namespace bench
