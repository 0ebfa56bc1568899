#include "host/rings.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cstring>

#include "host/descriptor.h"

namespace deadair {
namespace {

// Chosen: more counters than any driver has, so that a wrong answer allocates little.
constexpr uint32_t kMostCounters = 1 << 14;

class Card {
 public:
  explicit Card(const std::string& name) : socket_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    name.copy(request_.ifr_name, IFNAMSIZ - 1);
  }

  // `question` begins with its command and is answered in place.
  bool Ask(void* question) {
    request_.ifr_data = static_cast<char*>(question);
    return socket_.open() && ioctl(socket_.get(), SIOCETHTOOL, &request_) == 0;
  }

 private:
  Descriptor socket_;
  ifreq request_{};
};

uint32_t CounterCount(Card* card) {
  alignas(ethtool_sset_info) uint8_t bytes[sizeof(ethtool_sset_info) + sizeof(uint32_t)] = {};
  auto* info = reinterpret_cast<ethtool_sset_info*>(bytes);
  info->cmd = ETHTOOL_GSSET_INFO;
  info->sset_mask = uint64_t{1} << ETH_SS_STATS;
  if (!card->Ask(info) || info->sset_mask == 0) return 0;
  uint32_t count = 0;
  std::memcpy(&count, bytes + sizeof(ethtool_sset_info), sizeof count);
  return count > kMostCounters ? 0 : count;
}

void ReadCounters(Card* card, Rings* out) {
  const uint32_t count = CounterCount(card);
  if (count == 0) return;
  // In words of 64 bits, as the kernel writes them behind the head.
  std::vector<uint64_t> names((sizeof(ethtool_gstrings) + count * ETH_GSTRING_LEN) / 8 + 1);
  std::vector<uint64_t> values(sizeof(ethtool_stats) / 8 + count + 1);
  auto* strings = reinterpret_cast<ethtool_gstrings*>(names.data());
  auto* stats = reinterpret_cast<ethtool_stats*>(values.data());
  strings->cmd = ETHTOOL_GSTRINGS;
  strings->string_set = ETH_SS_STATS;
  strings->len = count;
  stats->cmd = ETHTOOL_GSTATS;
  stats->n_stats = count;
  if (!card->Ask(strings) || strings->len != count || !card->Ask(stats)) return;
  const uint32_t there = std::min(count, stats->n_stats);
  const char* at = reinterpret_cast<const char*>(names.data()) + sizeof(ethtool_gstrings);
  for (uint32_t i = 0; i < there; i++, at += ETH_GSTRING_LEN) {
    uint64_t value = 0;
    std::memcpy(&value, reinterpret_cast<const uint8_t*>(stats) + sizeof *stats + i * 8, 8);
    out->counters.emplace_back(std::string(at, strnlen(at, ETH_GSTRING_LEN)), value);
  }
}

}  // namespace

Rings RingsOf(const std::string& interface) {
  Rings out;
  if (interface.empty() || interface.size() >= IFNAMSIZ) return out;
  Card card(interface);
  ethtool_ringparam ring{};
  ring.cmd = ETHTOOL_GRINGPARAM;
  out.known = card.Ask(&ring);
  out.receive = ring.rx_pending;
  out.receive_most = ring.rx_max_pending;
  out.send = ring.tx_pending;
  out.send_most = ring.tx_max_pending;
  ReadCounters(&card, &out);
  return out;
}

}  // namespace deadair
