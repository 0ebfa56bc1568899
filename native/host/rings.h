// The rings of a network card and what its driver counts: SIOCETHTOOL (linux/ethtool.h), which no
// file under /sys shows. Asking needs no privilege. Plain C++.
#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace deadair {

struct Rings {
  bool known = false;  // many virtual cards have none
  uint32_t receive = 0;
  uint32_t receive_most = 0;
  uint32_t send = 0;
  uint32_t send_most = 0;
  // The driver's own counters, by its own names (`ethtool -S`).
  std::vector<std::pair<std::string, uint64_t>> counters;
};

Rings RingsOf(const std::string& interface);

}  // namespace deadair
