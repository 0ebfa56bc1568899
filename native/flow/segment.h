// What the tracker looks at in a segment of a connection that goes on as it should.
#pragma once
#include <cstdint>

#include "flow/flow.h"
#include "flow/glance.h"

namespace deadair {

struct Segment {
  uint64_t at_ns;
  uint64_t number;
  uint32_t seen_in;  // SeenIn
  uint32_t seq;
  uint32_t ack;
  uint32_t payload;
  uint32_t tsval;  // 0: none where nearly every stack puts it
  uint16_t window;
  uint16_t ip_id;
  uint8_t tcp_flags;
  uint8_t ttl;
};

// The timestamp option where nearly every stack puts it: NOP NOP TS at the front (RFC 7323
// appendix A).
inline uint32_t QuickTsval(const uint8_t* options, uint32_t captured) {
  constexpr uint32_t kNopNopTimestamp = 0x0a080101;  // 01 01 08 0a, little endian
  if (captured < 12 || Le32(options) != kNopNopTimestamp) return 0;
  return Be32(options + 4);
}

inline Segment SegmentOf(const Packet& p, uint16_t epoch) {
  return {p.at_ns,
          p.number,
          SeenIn(p.number, epoch),
          p.seq,
          p.ack,
          p.payload,
          QuickTsval(p.options, p.options_captured),
          p.window,
          p.ip_id,
          p.tcp_flags,
          p.ttl};
}

// Of a straight packet: all of its headers are there.
[[gnu::always_inline]] inline Segment SegmentOf(const Glance& p) {
  const uint8_t *ip = p.ip, *tcp = ip + 20;
  const uint32_t header = (tcp[12] >> 2) & 60u;
  const uint64_t numbers = __builtin_bswap64(Le64(tcp + 4));
  return {p.frame->at_ns,
          p.frame->number,
          p.seen_in,
          static_cast<uint32_t>(numbers >> 32),
          static_cast<uint32_t>(numbers),
          Be16(ip + 2) - 20 - header,
          QuickTsval(tcp + 20, header - 20),
          Be16(tcp + 14),
          Be16(ip + 4),
          tcp[13],
          ip[8]};
}

// Everything that a mirrored copy shares with its original; the TTL may differ by the hop between
// two mirrors. Multiplied by odd numbers without a pattern, so that small differences of several
// fields do not cancel out.
[[gnu::always_inline]] inline uint32_t FingerprintOf(const Segment& p) {
  const uint64_t numbers = ((static_cast<uint64_t>(p.seq) << 32 | p.ack) ^ kSeed0) * kSeed1;
  const uint32_t header = (static_cast<uint32_t>(p.window) << 16 | p.ip_id) * 0x9e3779b1u;
  const uint32_t rest = (p.payload << 8 | p.tcp_flags) * 0x85ebca77u + p.tsval * 0xc2b2ae3du;
  return (static_cast<uint32_t>(numbers >> 32) + header + rest) | 1;
}

}  // namespace deadair
