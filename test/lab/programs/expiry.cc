// A box that resets idle connections at their expiry, as load balancers with "TCP reset on idle"
// do: watches the interfaces named on the command line, and when a connection has been silent for
// so long, sends a forged reset to the neighbour.
//   expiry SECONDS INTERFACE:NETWORK[/own] ...   where NETWORK is the first three bytes of the
//   addresses on that side
// Prints "up" when it watches. IPv4 over Ethernet only: it is there for the lab.
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <vector>

namespace {

struct End {
  uint32_t address;
  uint16_t port;
  auto operator<=>(const End&) const = default;
};

struct Side {
  uint32_t next = 0;
  bool known = false;
  uint8_t mac[6] = {};
};

struct Flow {
  double last = 0;
  bool dead = false;
  std::map<End, Side> sides;
};

struct Port {
  int socket = -1;
  // The end to be told lies in this /24, or lies outside of it (`own`: the gateway's own network is
  // the near end).
  std::string network;
  bool tells_others = false;
  std::map<std::pair<End, End>, Flow> flows;
};

double Now() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

uint16_t Word(const uint8_t* at) { return static_cast<uint16_t>(at[0] << 8 | at[1]); }
uint32_t Double(const uint8_t* at) { return static_cast<uint32_t>(Word(at)) << 16 | Word(at + 2); }
void Put(uint8_t* at, uint32_t value) {
  for (int i = 0; i < 4; i++) at[i] = static_cast<uint8_t>(value >> (24 - 8 * i));
}

uint16_t Sum(const std::vector<uint8_t>& bytes) {
  uint32_t sum = 0;
  for (size_t i = 0; i + 1 < bytes.size(); i += 2) sum += Word(&bytes[i]);
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(~sum);
}

void See(Port* port, const uint8_t* frame, size_t length) {
  if (length < 54 || Word(frame + 12) != ETHERTYPE_IP || frame[23] != IPPROTO_TCP) return;
  const size_t header = static_cast<size_t>(frame[14] & 15) * 4;
  const uint8_t* tcp = frame + 14 + header;
  if (length < 14 + header + 20) return;
  const End from{Double(frame + 26), Word(tcp)}, to{Double(frame + 30), Word(tcp + 2)};
  Flow& flow = port->flows[from < to ? std::pair(from, to) : std::pair(to, from)];
  const uint8_t flags = tcp[13];
  const uint32_t payload = static_cast<uint32_t>(Word(frame + 16) - header - (tcp[12] >> 4) * 4);
  flow.last = Now();
  flow.dead = flow.dead || (flags & 5) != 0;
  Side& side = flow.sides[from];
  side.next = Double(tcp + 4) + payload + ((flags & 3) != 0 ? 1 : 0);
  side.known = true;
  std::memcpy(side.mac, frame + 6, 6);
}

bool IsNear(const Port& port, const End& end) {
  char text[INET_ADDRSTRLEN];
  const uint32_t address = htonl(end.address);
  inet_ntop(AF_INET, &address, text, sizeof text);
  return (std::string(text).rfind(port.network + ".", 0) == 0) != port.tells_others;
}

// RST and ACK with exactly what the receiver waits for: what a box that has the connection's state
// sends.
void Reset(const Port& port, const End& from, const Side& sender, const End& to, const Side& told,
           const uint8_t* own) {
  std::vector<uint8_t> segment(20), pseudo(12);
  segment[0] = static_cast<uint8_t>(from.port >> 8), segment[1] = static_cast<uint8_t>(from.port);
  segment[2] = static_cast<uint8_t>(to.port >> 8), segment[3] = static_cast<uint8_t>(to.port);
  Put(&segment[4], sender.next), Put(&segment[8], told.next);
  segment[12] = 0x50, segment[13] = 0x14;
  Put(&pseudo[0], from.address), Put(&pseudo[4], to.address);
  pseudo[9] = IPPROTO_TCP, pseudo[11] = 20;
  pseudo.insert(pseudo.end(), segment.begin(), segment.end());
  uint16_t sum = Sum(pseudo);
  segment[16] = static_cast<uint8_t>(sum >> 8), segment[17] = static_cast<uint8_t>(sum);
  std::vector<uint8_t> packet = {0x45, 0, 0, 40, 0, 0, 0, 0, 64, IPPROTO_TCP, 0, 0};
  packet.resize(20);
  Put(&packet[12], from.address), Put(&packet[16], to.address);
  sum = Sum(packet);
  packet[10] = static_cast<uint8_t>(sum >> 8), packet[11] = static_cast<uint8_t>(sum);
  std::vector<uint8_t> frame(told.mac, told.mac + 6);
  frame.insert(frame.end(), own, own + 6);
  frame.push_back(8), frame.push_back(0);
  frame.insert(frame.end(), packet.begin(), packet.end());
  frame.insert(frame.end(), segment.begin(), segment.end());
  if (send(port.socket, frame.data(), frame.size(), 0) < 0) perror("send");
}

void Expire(Port* port, double timeout) {
  sockaddr_ll own{};
  socklen_t length = sizeof own;
  getsockname(port->socket, reinterpret_cast<sockaddr*>(&own), &length);
  for (auto& [key, flow] : port->flows) {
    if (flow.dead || Now() - flow.last < timeout) continue;
    flow.dead = true;
    const bool first = IsNear(*port, key.first);
    const End& to = first ? key.first : key.second;
    const End& from = first ? key.second : key.first;
    const Side &told = flow.sides[to], &sender = flow.sides[from];
    if (told.known && sender.known) Reset(*port, from, sender, to, told, own.sll_addr);
  }
}

Port Open(const std::string& words) {
  Port port;
  const size_t colon = words.find(':'), slash = words.find('/');
  port.network = words.substr(colon + 1, slash - colon - 1);
  port.tells_others = slash != std::string::npos;
  port.socket = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
  sockaddr_ll at{};
  at.sll_family = AF_PACKET, at.sll_protocol = htons(ETH_P_ALL);
  at.sll_ifindex = static_cast<int>(if_nametoindex(words.substr(0, colon).c_str()));
  if (port.socket < 0 || bind(port.socket, reinterpret_cast<sockaddr*>(&at), sizeof at) != 0) {
    perror(words.c_str());
    exit(1);
  }
  return port;
}

}  // namespace

int main(int count, char** words) {
  if (count < 3) return 2;
  const double timeout = atof(words[1]);
  std::vector<Port> ports;
  std::vector<pollfd> waits;
  for (int i = 2; i < count; i++) ports.push_back(Open(words[i]));
  for (const Port& port : ports) waits.push_back({port.socket, POLLIN, 0});
  puts("up");
  fflush(stdout);
  for (uint8_t frame[65536];;) {
    poll(waits.data(), waits.size(), 20);
    for (Port& port : ports) {
      for (ssize_t n; (n = recv(port.socket, frame, sizeof frame, MSG_DONTWAIT)) > 0;)
        See(&port, frame, static_cast<size_t>(n));
      Expire(&port, timeout);
    }
  }
}
