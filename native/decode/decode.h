// Link layer, tunnels, IP and TCP: a frame becomes a packet, or the named reason why not. No state,
// no allocation.
#pragma once
#include "packet.h"

namespace deadair {

// Decodes one frame. On Fate::kTcp every field of `packet` is set; on Fate::kIcmpQuote the tuple,
// icmp_type, icmp_code, at_ns, number, capture_point and, where the quote reaches it, seq
// (PacketBit::kQuoteHasSeq), with source/destination as they stand in the quoted header. Otherwise
// `packet` is left undefined. `hash` is set by HashTuple (flow/key.h) for both. Of a segment whose
// partition is not among `partitions` (bits, see PartitionsOf) nothing but the hash need be set.
Fate Decode(const Frame& frame, Packet* packet, uint64_t partitions = ~uint64_t{0});

// Reads timestamps out of packet.options. yes: *tsval and *tsecr are set; unknown: cut off by the
// snaplen before they could be found or the option list is broken. Also the window scale where the
// SYN has one (-1 none).
struct TcpOptions {
  uint8_t timestamps;   // Tristate::
  int8_t window_scale;  // -1 none
  uint32_t tsval;
  uint32_t tsecr;
};
TcpOptions ParseOptions(const Packet& packet);

}  // namespace deadair
