// IPv4 (RFC 791), IPv6 (RFC 8200) and its extension headers, and the ICMP errors that quote a
// datagram.
#include "silence.h"
#include "walk.h"

namespace deadair {
namespace {

constexpr uint8_t kTcpProtocol = 6;

// From here on the IP header's length counts, whatever the link layer has behind it. A length
// beyond the frame's is a cut capture, not a lie; only where a UDP port number alone made us
// believe in a tunnel is it taken for one.
bool SetLength(Walk& walk, uint32_t length) {
  if (length > walk.most) {
    End(walk, Fate::kMalformedIp);
    return false;
  }
  walk.wire = length;
  walk.captured = std::min(walk.captured, length);
  return true;
}

void GoTransport(Walk& walk, uint8_t protocol) {
  walk.layer = Layer::kTransport;
  walk.type = protocol;
}

void LaterFragment(Walk& walk, uint8_t protocol) {
  End(walk, protocol == kTcpProtocol ? Fate::kFragment : Fate::kNotTcp);
}

// The jumbo payload option in a hop-by-hop header (RFC 2675 2), 0 where there is none.
uint32_t JumboLength(const uint8_t* hop_by_hop, uint32_t captured) {
  constexpr uint8_t kPad1 = 0, kJumbo = 0xc2;
  if (captured < 8) return 0;
  const uint32_t end = std::min(captured, (hop_by_hop[1] + 1u) * 8);
  for (uint32_t at = 2; at + 2 <= end;) {
    if (hop_by_hop[at] == kPad1) {
      ++at;
      continue;
    }
    if (hop_by_hop[at] == kJumbo && hop_by_hop[at + 1] == 4 && at + 6 <= end)
      return Be32(hop_by_hop + at + 2);
    at += 2u + hop_by_hop[at + 1];
  }
  return 0;
}

// Length 0 is a jumbogram's, or a segment not yet cut by the sender's network card: then the wire
// has it.
uint32_t Ip6Length(const Walk& walk) {
  const uint32_t stated = Be16(walk.at + 4);
  if (stated != 0) return 40 + stated;
  const bool hop_by_hop = walk.at[6] == 0;
  const uint32_t jumbo = hop_by_hop ? JumboLength(walk.at + 40, walk.captured - 40) : 0;
  return jumbo == 0 || jumbo > UINT32_MAX - 40 ? walk.wire : 40 + jumbo;
}

void Extension(Walk& walk, uint32_t bytes) {
  if (!HasIp(walk, bytes)) return;
  const uint8_t next = walk.at[0];
  Skip(walk, bytes);
  GoTransport(walk, next);
}

// Hop-by-hop, routing, destination options, mobility, HIP, shim6: next header, length in eights
// beyond the first.
void OptionsHeader(Walk& walk) {
  if (HasIp(walk, 8)) Extension(walk, (walk.at[1] + 1u) * 8);
}

// RFC 4302 2.2: the authentication header counts in fours, less two. What it guards can still be
// read.
void Authentication(Walk& walk) {
  if (HasIp(walk, 8)) Extension(walk, (walk.at[1] + 2u) * 4);
}

void FragmentHeader(Walk& walk) {
  if (!HasIp(walk, 8)) return;
  const uint8_t next = walk.at[0];
  const uint16_t field = Be16(walk.at + 2);
  if (field >> 3 != 0) return LaterFragment(walk, next);
  walk.first_fragment = field & 1;
  Extension(walk, 8);
}

// An ICMP error: the walk goes on in the datagram that it quotes.
void Quote(Walk& walk, Layer inside) {
  walk.icmp_type = walk.at[0];
  walk.icmp_code = walk.at[1];
  walk.quoted = true;
  walk.most = UINT32_MAX;
  Skip(walk, 8);
  Go(walk, inside);
}

// RFC 792: unreachable, source quench, redirect, time exceeded, parameter problem.
void Icmp4(Walk& walk) {
  if (walk.captured < 8) return End(walk, Fate::kNotTcp);
  const uint8_t type = walk.at[0];
  const bool error = (type >= 3 && type <= 5) || type == 11 || type == 12;
  return error ? Quote(walk, Layer::kIp4) : End(walk, Fate::kNotTcp);
}

// RFC 4443 2.1: unreachable, too big, time exceeded, parameter problem.
void Icmp6(Walk& walk) {
  if (walk.captured < 8) return End(walk, Fate::kNotTcp);
  const uint8_t type = walk.at[0];
  return type >= 1 && type <= 4 ? Quote(walk, Layer::kIp6) : End(walk, Fate::kNotTcp);
}

// RFC 3378: version 3 and twelve zero bits, then Ethernet.
void EtherIp(Walk& walk) {
  if (!HasLink(walk, 2)) return;
  if (Be16(walk.at) != 0x3000) return End(walk, Fate::kNotTcp);
  Skip(walk, 2);
  Enter(walk, Tunnel::kIpip, 0, Layer::kEthernet);
}

// What is a protocol in IPv6 only; false when it is none of these.
bool Ip6Only(Walk& walk) {
  switch (walk.type) {
    case 0:
    case 43:
    case 60:
    case 135:
    case 139:
    case 140:
      OptionsHeader(walk);
      return true;
    case 44:
      FragmentHeader(walk);
      return true;
    case 58:
      Icmp6(walk);
      return true;
    default:
      return false;
  }
}

}  // namespace

void Ip4(Walk& walk) {
  if (!HasIp(walk, 20)) return;
  const uint8_t* ip = walk.at;
  const uint32_t header = (ip[0] & 15u) * 4;
  const uint32_t stated = Be16(ip + 2), length = stated == 0 ? walk.wire : stated;
  if (ip[0] >> 4 != 4 || header < 20 || length < header) return End(walk, Fate::kMalformedIp);
  if (!SetLength(walk, length) || !HasIp(walk, header)) return;
  constexpr uint16_t kMoreFragments = 0x2000, kOffset = 0x1fff;
  const uint16_t fragment = Be16(ip + 6);
  walk.ip = ip;
  walk.first_fragment = fragment & kMoreFragments;
  Skip(walk, header);
  if (fragment & kOffset) return LaterFragment(walk, ip[9]);
  GoTransport(walk, ip[9]);
}

void Ip6(Walk& walk) {
  if (!HasIp(walk, 40)) return;
  const uint8_t* ip = walk.at;
  if (ip[0] >> 4 != 6) return End(walk, Fate::kMalformedIp);
  if (!SetLength(walk, Ip6Length(walk))) return;
  walk.ip = ip;
  walk.first_fragment = false;
  Skip(walk, 40);
  GoTransport(walk, ip[6]);
}

void Transport(Walk& walk) {
  const bool ip6 = walk.ip[0] >> 4 == 6;
  if (ip6 && Ip6Only(walk)) return;
  if (walk.type == kTcpProtocol) return Go(walk, Layer::kTcp);
  if (walk.type == 51) return Authentication(walk);
  if (walk.quoted) return End(walk, Fate::kNotTcp);
  switch (walk.type) {
    case 1:
      return ip6 ? End(walk, Fate::kNotTcp) : Icmp4(walk);
    case 4:
      return Enter(walk, Tunnel::kIpip, 0, Layer::kIp4);
    case 17:
      return Udp(walk);
    case 41:
      return Enter(walk, Tunnel::kIpip, 0, Layer::kIp6);
    case 47:
      return Gre(walk);
    case 97:
      return EtherIp(walk);
    case 137:  // RFC 4023
      return Enter(walk, Tunnel::kIpip, 0, Layer::kMpls);
    case 143:  // RFC 8986 9.1
      return Enter(walk, Tunnel::kIpip, 0, Layer::kEthernet);
    default:
      return End(walk, Fate::kNotTcp);
  }
}

}  // namespace deadair
