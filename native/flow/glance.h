// A packet that was glanced at, not read: nine of ten are Ethernet, at most one VLAN tag, IPv4
// without options, a whole TCP header. Of these only the tuple is hashed before the connection is
// looked up; the rest is read from the header's cache line when its connection is at hand.
// Everything else comes decoded.
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

// The IPv4 header when the frame is straight, else null. Decode says of each of these that it is
// TCP.
inline const uint8_t* StraightIp(const Frame& frame) {
  constexpr uint32_t kShortest = 14 + 20 + 20, kTag = 4;
  if (frame.link_type != 1 || frame.captured < kShortest) return nullptr;
  const uint8_t* ip = frame.data + 14;
  uint32_t there = frame.captured - 14;
  const uint16_t type = Be16(frame.data + 12);
  if (type != 0x0800) {
    if (type != 0x8100 || frame.captured < kShortest + kTag || Be16(frame.data + 16) != 0x0800)
      return nullptr;
    ip += kTag;
    there -= kTag;
  }
  // Version 4, five words of header; no fragment (offset 0, nothing more to come); TCP.
  constexpr uint64_t kMask = 0xff3f'0000'0000'00ff, kWant = 0x45;
  if ((Le64(ip) & kMask) != kWant || ip[9] != 6 || ip[32] < 0x50) return nullptr;
  const uint32_t headers = 20 + ((ip[32] >> 2) & 60u);
  if (headers > std::min<uint32_t>(Be16(ip + 2), there)) return nullptr;
  return ip;
}

// What of a straight packet's hash is the same for all of a capture point.
inline uint64_t StraightSeed(uint16_t capture_point) {
  return kSeed0 ^ (static_cast<uint64_t>(capture_point) << 1);
}

// HashTuple of a straight packet.
inline uint64_t HashStraight(const uint8_t* ip, uint64_t seed) {
  const uint64_t a = (static_cast<uint64_t>(Le32(ip + 12)) << 16) | Be16(ip + 20);
  const uint64_t b = (static_cast<uint64_t>(Le32(ip + 16)) << 16) | Be16(ip + 22);
  const uint64_t low = a < b ? a : b, high = a < b ? b : a;
  return Fold(low ^ seed, Fold(high ^ kSeed1, kSeed2));
}

}  // namespace deadair
