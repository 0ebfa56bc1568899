// A packet that was glanced at, not read: nine of ten are Ethernet, at most one VLAN tag, IPv4
// without options, a whole TCP header; or the same in VXLAN. Of these only the tuple is hashed
// before the connection is looked up; the rest is read from the header's cache line when its
// connection is at hand. Everything else comes decoded.
#pragma once
#include <algorithm>
#include <cstdint>
#include <cstring>

#include "flow/key.h"
#include "packet.h"

namespace deadair {

struct Glance {
  uint64_t hash;
  const Frame* frame;
  const uint8_t* ip;  // the IPv4 header of a straight packet; null: it comes decoded
  uint64_t realm;     // RealmOf, of a straight packet
  uint32_t seen_in;   // SeenIn
  bool opens;         // a SYN that is no reset and no answer
  bool owned;         // false: another shard's SYN, which may be a client that comes back
};

// A SYN that is no reset and no answer.
inline bool OpensConnection(uint8_t tcp_flags) {
  return (tcp_flags & (TcpFlag::kSyn | TcpFlag::kAck | TcpFlag::kRst)) == TcpFlag::kSyn;
}

// The IPv4 header behind an Ethernet header and at most one tag, when `least` bytes are there from
// it on; else null. *there: bytes at `ethernet`, then at the header.
inline const uint8_t* Ip4InEthernet(const uint8_t* ethernet, uint32_t least, uint32_t* there) {
  constexpr uint32_t kHeader = 14, kTag = 4;
  if (*there < kHeader + least) return nullptr;
  const uint16_t type = Be16(ethernet + 12);
  uint32_t skipped = kHeader;
  if (type != 0x0800) {
    if (type != 0x8100 || *there < kHeader + kTag + least || Be16(ethernet + 16) != 0x0800)
      return nullptr;
    skipped += kTag;
  }
  *there -= skipped;
  return ethernet + skipped;
}

// Version 4, five words of header; no fragment (offset 0, nothing more to come).
inline bool IsPlainIp4(const uint8_t* ip) {
  constexpr uint64_t kMask = 0xff3f'0000'0000'00ff, kWant = 0x45;
  return (Le64(ip) & kMask) == kWant;
}

// … of a whole TCP header; at least 40 bytes are there.
inline bool IsStraightTcp(const uint8_t* ip, uint32_t there) {
  if (!IsPlainIp4(ip) || ip[9] != 6 || ip[32] < 0x50) return false;
  const uint32_t headers = 20 + ((ip[32] >> 2) & 60u);
  return headers <= std::min<uint32_t>(Be16(ip + 2), there);
}

// The IPv4 header when the frame is straight, else null. Decode says of each of these that it is
// TCP.
inline const uint8_t* StraightIp(const Frame& frame) {
  uint32_t there = frame.captured;
  if (frame.link_type != 1) return nullptr;
  const uint8_t* ip = Ip4InEthernet(frame.data, 40, &there);
  return ip != nullptr && IsStraightTcp(ip, there) ? ip : nullptr;
}

// A straight packet in VXLAN (RFC 7348 §5), itself over IPv4 without options: as clouds mirror
// traffic. Decode says the same of it, in five times as many instructions.
struct Wrapped {
  const uint8_t* ip = nullptr;  // the inner header; null: it is not so
  uint32_t vni = 0;
};

inline Wrapped StraightInVxlan(const Frame& frame) {
  constexpr uint32_t kOuter = 20 + 8 + 8, kVniIsThere = 0x08;
  uint32_t there = frame.captured;
  if (frame.link_type != 1) return {};
  const uint8_t* outer = Ip4InEthernet(frame.data, kOuter + 14 + 40, &there);
  if (outer == nullptr || !IsPlainIp4(outer) || outer[9] != 17) return {};
  const uint8_t *udp = outer + 20, *vxlan = udp + 8;
  const uint16_t port = Be16(udp + 2);
  if ((port != 4789 && port != 8472) || !(vxlan[0] & kVniIsThere) || vxlan[7] != 0) return {};
  // What the outer lengths hold, and the inner one has to fit into.
  const uint32_t length = std::min<uint32_t>(Be16(outer + 2), Be16(udp + 4) + 20u);
  if (length < kOuter) return {};
  uint32_t inner = std::min(there, length) - kOuter;
  const uint32_t before = inner;
  const uint8_t* ip = Ip4InEthernet(vxlan + 8, 40, &inner);
  if (ip == nullptr || !IsStraightTcp(ip, inner)) return {};
  if (before - inner + Be16(ip + 2) > length - kOuter) return {};
  return {ip, Be24(vxlan + 4)};
}

// What of a straight packet's hash is the same for all of a capture point and tunnel.
inline uint64_t StraightSeed(uint64_t zone) { return kSeed0 ^ (zone << 1); }

// HashTuple of a straight packet.
inline uint64_t HashStraight(const uint8_t* ip, uint64_t seed) {
  const uint64_t a = (static_cast<uint64_t>(Le32(ip + 12)) << 16) | Be16(ip + 20);
  const uint64_t b = (static_cast<uint64_t>(Le32(ip + 16)) << 16) | Be16(ip + 22);
  const uint64_t low = a < b ? a : b, high = a < b ? b : a;
  return Fold(low ^ seed, Fold(high ^ kSeed1, kSeed2));
}

}  // namespace deadair
