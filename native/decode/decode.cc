// A frame becomes a packet.
//
// Nearly every frame is Ethernet, IPv4 or IPv6 without options, TCP: that is decoded straight,
// reading only the cache lines of its headers. Whatever is anything else, or odd in any way, goes
// one header at a time (walk.h).
#include "decode.h"

#include <cstring>

#include "flow/key.h"
#include "silence.h"
#include "walk.h"

namespace deadair {
namespace {

constexpr uint32_t kTcpHeader = 20;

// Where a packet was met and what it was wrapped in.
struct Wrapping {
  uint32_t tunnel_id;
  uint16_t vlan;
  uint16_t ip_offset;
  uint8_t tunnel_kind;
};

inline __attribute__((always_inline)) void SetAddresses4(const uint8_t* ip, Packet* packet) {
  std::memset(packet->source, 0, 16);
  std::memset(packet->destination, 0, 16);
  std::memcpy(packet->source, ip + 12, 4);
  std::memcpy(packet->destination, ip + 16, 4);
  packet->ip_version = 4;
  packet->ttl = ip[8];
  packet->ip_id = Be16(ip + 4);
}

inline __attribute__((always_inline)) void SetAddresses6(const uint8_t* ip, Packet* packet) {
  std::memcpy(packet->source, ip + 8, 16);
  std::memcpy(packet->destination, ip + 24, 16);
  packet->ip_version = 6;
  packet->ttl = ip[7];
  packet->ip_id = 0;
}

// What the hash is made of, besides the addresses.
inline __attribute__((always_inline)) void SetPlace(const Frame& frame, const Wrapping& wrapping,
                                                    const uint8_t* tcp, Packet* packet) {
  packet->capture_point = frame.capture_point;
  packet->tunnel_id = wrapping.tunnel_id;
  packet->tunnel_kind = wrapping.tunnel_kind;
  packet->source_port = Be16(tcp);
  packet->destination_port = Be16(tcp + 2);
}

inline __attribute__((always_inline)) void SetFrame(const Frame& frame, const Wrapping& wrapping,
                                                    Packet* packet) {
  packet->at_ns = frame.at_ns;
  packet->number = frame.number;
  packet->vlan = wrapping.vlan;
  packet->ip_offset = wrapping.ip_offset;
  packet->payload_captured = 0;
}

// The TCP header, of which 20 bytes are there and whose data offset was checked. `segment` is its
// length by the IP header: a first fragment may end within the options.
inline __attribute__((always_inline)) void SetTcp(const uint8_t* tcp, uint32_t captured,
                                                  uint32_t segment, Packet* packet) {
  const uint32_t header = (tcp[12] >> 4) * 4u, options = header - kTcpHeader;
  packet->seq = Be32(tcp + 4);
  packet->ack = Be32(tcp + 8);
  packet->tcp_flags = tcp[13];
  packet->window = Be16(tcp + 14);
  packet->payload = segment > header ? segment - header : 0;
  packet->options = tcp + kTcpHeader;
  packet->options_bytes = static_cast<uint8_t>(options);
  packet->options_captured = static_cast<uint8_t>(std::min(options, captured - kTcpHeader));
  const uint32_t there = captured > header ? std::min(captured - header, packet->payload) : 0;
  packet->payload_captured = static_cast<uint8_t>(std::min(there, kFirstBytes));
  packet->icmp_type = 0;
  packet->icmp_code = 0;
}

// Is a TCP header whole here, and does it fit its segment?
inline bool IsWholeTcp(const uint8_t* tcp, uint32_t captured, uint32_t segment) {
  if (captured < kTcpHeader) return false;
  const uint32_t header = (tcp[12] >> 4) * 4u;
  return header >= kTcpHeader && header <= segment;
}

inline __attribute__((always_inline)) bool Straight4(const Frame& frame, uint16_t offset,
                                                     uint16_t vlan, uint64_t partitions,
                                                     Packet* packet) {
  const uint8_t* ip = frame.data + offset;
  const uint32_t there = frame.captured - offset, length = Be16(ip + 2);
  constexpr uint16_t kFragment = 0x3fff;
  if (ip[0] != 0x45 || ip[9] != 6 || (Be16(ip + 6) & kFragment) != 0 || length < 40) return false;
  const uint32_t captured = std::min(there, length) - 20;
  if (!IsWholeTcp(ip + 20, captured, length - 20)) return false;
  const Wrapping bare{0, vlan, offset, Tunnel::kNone};
  SetPlace(frame, bare, ip + 20, packet);
  SetAddresses4(ip, packet);
  packet->hash = HashTuple(*packet);
  if (!IsIn(partitions, packet->hash)) return true;
  SetFrame(frame, bare, packet);
  SetTcp(ip + 20, captured, length - 20, packet);
  packet->bits = (ip[6] >> 6) & PacketBit::kDontFragment;
  return true;
}

inline __attribute__((always_inline)) bool Straight6(const Frame& frame, uint16_t offset,
                                                     uint16_t vlan, uint64_t partitions,
                                                     Packet* packet) {
  const uint8_t* ip = frame.data + offset;
  const uint32_t there = frame.captured - offset, length = Be16(ip + 4);
  if (there < 60 || ip[0] >> 4 != 6 || ip[6] != 6 || length < 20) return false;
  const uint32_t captured = std::min(there - 40, length);
  if (!IsWholeTcp(ip + 40, captured, length)) return false;
  const Wrapping bare{0, vlan, offset, Tunnel::kNone};
  SetPlace(frame, bare, ip + 40, packet);
  SetAddresses6(ip, packet);
  packet->hash = HashTuple(*packet);
  if (!IsIn(partitions, packet->hash)) return true;
  SetFrame(frame, bare, packet);
  SetTcp(ip + 40, captured, length, packet);
  packet->bits = 0;
  return true;
}

void Step(Walk& walk) {
  switch (walk.layer) {
    case Layer::kEthernet:
      return Ethernet(walk);
    case Layer::kEtherType:
      return EtherType(walk);
    case Layer::kLlc:
      return Llc(walk);
    case Layer::kMpls:
      return Mpls(walk);
    case Layer::kPppoe:
      return Pppoe(walk);
    case Layer::kPpp:
      return Ppp(walk);
    case Layer::kDot11:
      return Dot11(walk);
    case Layer::kIp:
      if (!HasLink(walk, 1)) return;
      if (walk.at[0] >> 4 == 4) return Ip4(walk);
      return walk.at[0] >> 4 == 6 ? Ip6(walk) : End(walk, Fate::kNotIp);
    case Layer::kIp4:
      return Ip4(walk);
    case Layer::kIp6:
      return Ip6(walk);
    case Layer::kTransport:
      return Transport(walk);
    case Layer::kTcp:
    case Layer::kEnd:
      return;
  }
}

// The fate of a walk that did not arrive. Not-ip means that there was no IP header at all; a quote
// or a supposed tunnel that makes no sense was none.
Fate Settle(const Walk& walk) {
  if (walk.quoted) return Fate::kNotTcp;
  if (walk.ip != nullptr && walk.fate == Fate::kNotIp) return Fate::kNotTcp;
  if (walk.told_by_port && walk.fate == Fate::kMalformedIp) return Fate::kNotTcp;
  return walk.fate;
}

void SetWalked(const Frame& frame, const Walk& walk, Packet* packet) {
  const auto offset = std::min<size_t>(static_cast<size_t>(walk.ip - walk.start), UINT16_MAX);
  const Wrapping wrapping{walk.tunnel_id, walk.vlan, static_cast<uint16_t>(offset),
                          walk.tunnel_kind};
  SetFrame(frame, wrapping, packet);
  SetPlace(frame, wrapping, walk.at, packet);
  packet->bits = walk.first_fragment ? PacketBit::kLengthUnknown : 0;
  if (walk.ip[0] >> 4 == 6) return SetAddresses6(walk.ip, packet);
  SetAddresses4(walk.ip, packet);
  packet->bits |= (walk.ip[6] >> 6) & PacketBit::kDontFragment;
}

// An ICMP error holds at least the ports, and by RFC 792 the sequence number.
Fate ArriveQuoted(const Frame& frame, const Walk& walk, Packet* packet) {
  if (walk.captured < 4) return Fate::kNotTcp;
  std::memset(packet, 0, sizeof *packet);
  SetWalked(frame, walk, packet);
  packet->icmp_type = walk.icmp_type;
  packet->icmp_code = walk.icmp_code;
  if (walk.captured >= 8) {
    packet->seq = Be32(walk.at + 4);
    packet->bits |= PacketBit::kQuoteHasSeq;
  }
  packet->hash = HashTuple(*packet);
  return Fate::kIcmpQuote;
}

Fate Arrive(const Frame& frame, const Walk& walk, Packet* packet) {
  if (walk.quoted) return ArriveQuoted(frame, walk, packet);
  const Fate malformed = walk.told_by_port ? Fate::kNotTcp : Fate::kMalformedTcp;
  if (walk.wire < kTcpHeader) return malformed;
  if (walk.captured < kTcpHeader) return Fate::kTruncatedTcp;
  const uint32_t header = (walk.at[12] >> 4) * 4u;
  if (header < kTcpHeader || (header > walk.wire && !walk.first_fragment)) return malformed;
  SetWalked(frame, walk, packet);
  SetTcp(walk.at, walk.captured, walk.wire, packet);
  packet->hash = HashTuple(*packet);
  return Fate::kTcp;
}

[[gnu::noinline]] Fate DecodeWalking(const Frame& frame, Packet* packet) {
  if (frame.captured == 0) return Fate::kEmpty;
  Walk walk{};
  walk.start = walk.at = frame.data;
  walk.captured = frame.captured;
  walk.wire = std::max(frame.wire, frame.captured);
  walk.most = UINT32_MAX;
  Link(walk, frame.link_type);
  while (walk.layer < Layer::kTcp) Step(walk);
  return walk.layer == Layer::kTcp ? Arrive(frame, walk, packet) : Settle(walk);
}

}  // namespace

Fate Decode(const Frame& frame, Packet* packet, uint64_t partitions) {
  constexpr uint32_t kShortest = 14 + 20 + kTcpHeader;
  if (frame.link_type == 1 && frame.captured >= kShortest) [[likely]] {
    const uint8_t* ethernet = frame.data;
    uint16_t type = Be16(ethernet + 12), offset = 14, vlan = 0;
    if (type == 0x8100) {
      vlan = Be16(ethernet + 14) & 0xfff;
      type = Be16(ethernet + 16);
      offset = 18;
    }
    if (type == 0x0800 ? Straight4(frame, offset, vlan, partitions, packet)
                       : type == 0x86dd && Straight6(frame, offset, vlan, partitions, packet))
      return Fate::kTcp;
  }
  return DecodeWalking(frame, packet);
}

}  // namespace deadair
