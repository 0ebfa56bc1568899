// The way through a frame that the straight path of decode.cc does not know: one header a step.
//
// Every step takes bytes away or ends the walk, so a walk is never longer than its frame. The bytes
// on the wire are never fewer than the captured ones; a header that does not fit in the first is
// nonsense (not-ip, malformed-ip), one that does not fit in the second was cut by the snaplen
// (truncated-…).
#pragma once
#include <algorithm>
#include <cstdint>

#include "bytes.h"
#include "packet.h"

namespace deadair {

enum class Layer : uint8_t {
  kEthernet,
  kEtherType,  // what `type` says as an EtherType
  kLlc,
  kMpls,
  kPppoe,
  kPpp,
  kDot11,
  kIp,  // 4 or 6, by the version nibble
  kIp4,
  kIp6,
  kTransport,  // what `type` says as an IP protocol number
  kTcp,        // arrived
  kEnd,        // ended as `fate` says
};

struct Walk {
  const uint8_t* start;  // Frame::data
  const uint8_t* at;     // the next header
  uint32_t captured;     // bytes at `at`
  uint32_t wire;         // bytes that were there on the wire, by the innermost length that was read
  uint32_t most;      // what an IP length may claim: the datagram of a tunnel told by its UDP port
  const uint8_t* ip;  // innermost IP header, null before the first
  uint32_t tunnel_id;
  uint16_t type;
  uint16_t vlan;
  Layer layer;
  Fate fate;
  uint8_t tunnels;
  uint8_t tunnel_kind;
  uint8_t icmp_type;
  uint8_t icmp_code;
  bool first_fragment;  // of the innermost IP datagram
  bool told_by_port;    // inside a tunnel that only a UDP port number announced: it may be none
  bool quoted;          // inside an ICMP error
  bool padded_dot11;    // radiotap: 802.11 header padded to four bytes
};

inline void End(Walk& walk, Fate fate) {
  walk.layer = Layer::kEnd;
  walk.fate = fate;
}

// Takes away bytes that are known to be there.
inline void Skip(Walk& walk, uint32_t bytes) {
  walk.at += bytes;
  walk.captured -= bytes;
  walk.wire -= bytes;
}

// A header states how many bytes are left: what lies behind them is padding or a trailer.
inline void CutTo(Walk& walk, uint32_t bytes) {
  walk.wire = std::min(walk.wire, bytes);
  walk.captured = std::min(walk.captured, bytes);
}

// Are the bytes of a link or tunnel header there? Else the walk is over.
inline bool HasLink(Walk& walk, uint32_t bytes) {
  if (walk.captured >= bytes) return true;
  End(walk, walk.wire < bytes ? Fate::kNotIp : Fate::kTruncatedLink);
  return false;
}

// Are the bytes of an IP header (options and extensions included) there? Else the walk is over.
inline bool HasIp(Walk& walk, uint32_t bytes) {
  if (walk.captured >= bytes) return true;
  End(walk, walk.wire < bytes ? Fate::kMalformedIp : Fate::kTruncatedIp);
  return false;
}

inline void Go(Walk& walk, Layer layer) { walk.layer = layer; }

inline void GoEtherType(Walk& walk, uint16_t type) {
  walk.layer = Layer::kEtherType;
  walk.type = type;
}

inline bool IsTagType(uint16_t type) { return type == 0x8100 || type == 0x88a8 || type == 0x9100; }

// link.cc: from a link type to the first header inside.
void Link(Walk& walk, uint32_t link_type);

// ether.cc
void Ethernet(Walk& walk);
void EtherType(Walk& walk);
void Llc(Walk& walk);
void Mpls(Walk& walk);

// ppp.cc
void Pppoe(Walk& walk);
void Ppp(Walk& walk);
void CiscoHdlc(Walk& walk);
void PppHdlc(Walk& walk);
void FrameRelay(Walk& walk);

// wifi.cc
void Radiotap(Walk& walk);
void Prism(Walk& walk);
void Avs(Walk& walk);
void Dot11(Walk& walk);

// ip.cc
void Ip4(Walk& walk);
void Ip6(Walk& walk);
void Transport(Walk& walk);

// tunnel.cc
void Enter(Walk& walk, uint8_t kind, uint32_t id, Layer inside);
void Gre(Walk& walk);
void Udp(Walk& walk);
void Nsh(Walk& walk);

}  // namespace deadair
