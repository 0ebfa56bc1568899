// What the stages of the native core hand to each other: a frame from a source, a packet from the
// decoder.
#pragma once
#include <cstddef>
#include <cstdint>

#include "silence.h"

namespace deadair {

// One frame as a source delivers it. `data` stays valid until the source's next call.
struct Frame {
  const uint8_t* data;
  uint64_t at_ns;      // capture clock, nanoseconds since 1970
  uint64_t number;     // source << kFrameBits | the number Wireshark counts in that source, from 1
  uint32_t captured;   // bytes at `data` (never more than are there)
  uint32_t wire;       // bytes on the wire, FCS already taken off both
  uint16_t link_type;  // LINKTYPE_ value of tcpdump.org/linktypes.html
  uint16_t capture_point;  // index into the analysis' capture points
};

// Why a packet is not a TCP segment that can be tracked. Every frame has exactly one fate.
// kTcp: decoded. kIcmpQuote: an ICMP error that quotes a TCP tuple (counted, and evidence for that
// tuple).
enum class Fate : uint8_t {
  kTcp,
  kIcmpQuote,
  kNotIp,            // ARP, LLDP, STP, 802.11 management, …
  kNotTcp,           // UDP, ICMP without a quoted TCP tuple, SCTP, ESP, …
  kFragment,         // not the first fragment of a datagram that carries TCP
  kEncrypted,        // 802.11 data with the protected bit
  kLinkTypeUnknown,  // no decoder for this link type
  kTruncatedLink,    // the snaplen cut inside the link layer
  kTruncatedIp,      // … inside an IP header
  kTruncatedTcp,     // … inside the first 20 bytes of TCP
  kMalformedIp,      // lengths or versions that contradict each other
  kMalformedTcp,     // data offset below 5 or beyond the segment
  kTunnelTooDeep,    // more than kMaxTunnels encapsulations
  kEmpty,            // a frame of no bytes
  kCount
};

inline constexpr const char* kFateNames[] = {
    "tcp",          "icmp-quote",        "not-ip",          "not-tcp",      "fragment",
    "encrypted",    "link-type-unknown", "truncated-link",  "truncated-ip", "truncated-tcp",
    "malformed-ip", "malformed-tcp",     "tunnel-too-deep", "empty"};
static_assert(sizeof(kFateNames) / sizeof(kFateNames[0]) == static_cast<size_t>(Fate::kCount));

namespace TcpFlag {
inline constexpr uint8_t kFin = 0x01, kSyn = 0x02, kRst = 0x04, kPsh = 0x08, kAck = 0x10;
}

// A decoded TCP segment, or the tuple that an ICMP error quotes. 104 bytes; 64 of them are a block
// in L1. Addresses: IPv4 in the first four bytes (network order), the rest zero. Ports and numbers
// in host order.
struct Packet {
  uint64_t at_ns;
  uint64_t number;
  uint64_t hash;  // direction-blind, of addresses, ports, capture point, tunnel (flow/key.h)
  const uint8_t* options;  // behind the fixed TCP header: options, then payload
  uint8_t source[16];
  uint8_t destination[16];
  uint16_t source_port;
  uint16_t destination_port;
  uint32_t seq;
  uint32_t ack;
  uint32_t
      payload;  // bytes of TCP payload, from the IP length (from the wire length when that is 0)
  uint32_t tunnel_id;  // innermost VNI / GRE key, 0 none
  uint16_t window;     // as on the wire
  uint16_t ip_id;      // 0 for IPv6
  uint16_t capture_point;
  uint16_t vlan;      // outermost, 0 untagged
  uint8_t tcp_flags;  // low eight bits of byte 13
  uint8_t ttl;
  uint8_t ip_version;        // 4 or 6
  uint8_t tunnel_kind;       // Tunnel::
  uint8_t options_bytes;     // length of the options by the data offset
  uint8_t options_captured;  // how many of them are there (snaplen)
  uint8_t bits;              // PacketBit
  uint8_t icmp_type;         // of the quoting ICMP error (Fate::kIcmpQuote only)
  uint8_t icmp_code;
  uint8_t payload_captured;  // bytes of payload that are there, at most kFirstBytes
  uint16_t ip_offset;  // of the innermost (for a quote: the quoted) IP header from Frame::data
};

namespace PacketBit {
inline constexpr uint8_t kDontFragment = 1;   // IPv4 DF
inline constexpr uint8_t kLengthUnknown = 2;  // first fragment: payload is a lower bound
inline constexpr uint8_t kQuoteHasSeq = 4;    // an ICMP quote that reached the sequence number
}  // namespace PacketBit

inline constexpr uint32_t kFirstBytes = 32;  // chosen: what tells one protocol from another
inline constexpr int kFrameBits = 40;
inline constexpr int kMaxTunnels = 8;   // chosen: IP-in-IP, GRE, VXLAN … nested at most this deep
inline constexpr int kMaxLinkTags = 8;  // chosen: VLAN tags or MPLS labels in one stack

}  // namespace deadair
