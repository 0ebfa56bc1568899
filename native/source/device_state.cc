#include "source/device_state.h"

#include <arpa/inet.h>
#include <linux/ethtool.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>

#include "source/device.h"

namespace deadair {
namespace {

constexpr int64_t kSecond = 1000000000;
// NTP slews by at most 500 ppm, which is 50 µs in the tenth of a second between two looks; what
// exceeds this by far is a step (chosen).
constexpr int64_t kStep = 20000000;

int64_t Read(clockid_t which) {
  timespec now{};
  clock_gettime(which, &now);
  return now.tv_sec * kSecond + now.tv_nsec;
}

// One for the process: interfaces are asked five times a second, and a socket costs more than the
// question.
int Probe() {
  static const int probe = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  return probe;
}

}  // namespace

uint64_t WallClock::Now() const { return static_cast<uint64_t>(Read(CLOCK_REALTIME) + offset_ns_); }

bool WallClock::Stepped(BlindInterval* interval) {
  const uint64_t now = Now();
  const int64_t difference = static_cast<int64_t>(now) - Read(CLOCK_MONOTONIC);
  const bool first = last_ == 0;
  const int64_t step = difference - difference_;
  const uint64_t before = last_;
  difference_ = difference;
  last_ = now;
  if (first || std::llabs(step) < kStep) return false;
  *interval = {std::min(before, now), std::max(before, now), kEveryPoint, Unobserved::kClockStep};
  return true;
}

bool IsUp(const std::string& name) {
  const int probe = Probe();
  if (probe < 0) return true;  // nobody knows: no reason to call it blind
  ifreq request{};
  std::strncpy(request.ifr_name, name.c_str(), IFNAMSIZ - 1);
  const bool up = ioctl(probe, SIOCGIFFLAGS, &request) == 0 && (request.ifr_flags & IFF_UP) != 0;
  // Not IFF_RUNNING, which comes up to a second after the carrier (Linux net/core/link_watch.c).
  ethtool_value link = {ETHTOOL_GLINK, 0};
  request.ifr_data = reinterpret_cast<char*>(&link);
  const bool carrier = ioctl(probe, SIOCETHTOOL, &request) != 0 || link.data != 0;
  return up && carrier;
}

uint32_t IndexOf(const std::string& name) {
  ifreq request{};
  std::strncpy(request.ifr_name, name.c_str(), IFNAMSIZ - 1);
  return ioctl(Probe(), SIOCGIFINDEX, &request) == 0 ? static_cast<uint32_t>(request.ifr_ifindex)
                                                     : 0;
}

std::string JoinFanoutGroup(int socket, int group) {
  const int how = (group & 0xffff) | PACKET_FANOUT_HASH << 16;
  if (setsockopt(socket, SOL_PACKET, PACKET_FANOUT, &how, sizeof how) == 0) return {};
  return std::string("the workers cannot share it: ") + std::strerror(errno);
}

uint32_t TakeDrops(int socket) {
  tpacket_stats_v3 stats{};
  socklen_t size = sizeof stats;
  if (getsockopt(socket, SOL_PACKET, PACKET_STATISTICS, &stats, &size) != 0) return 0;
  return stats.tp_drops;
}

uint64_t MissedByCard(const std::string& name) {
  uint64_t sum = 0;
  for (const char* counter : {"rx_missed_errors", "rx_fifo_errors"}) {
    std::ifstream file("/sys/class/net/" + name + "/statistics/" + counter);
    uint64_t value = 0;
    if (file >> value) sum += value;
  }
  return sum;
}

std::string AddressText(const sockaddr* address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address == nullptr) return {};
  if (address->sa_family == AF_INET) {
    inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(address)->sin_addr, text, sizeof text);
  } else if (address->sa_family == AF_INET6) {
    inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr, text,
              sizeof text);
  }
  return text;
}

}  // namespace deadair
