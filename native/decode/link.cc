// From the link type (tcpdump.org/linktypes.html) to the first header inside.
#include "walk.h"

namespace deadair {
namespace {

// LINKTYPE_NULL: the address family in the byte order of the machine that captured; LOOP: in
// network order. Families are small, so the order shows. IPv6 is 10 on Linux, 23 on Windows, 24, 28
// or 30 on the BSDs and macOS.
void AddressFamily(Walk& walk) {
  if (!HasLink(walk, 4)) return;
  uint32_t family = Le32(walk.at);
  if (family > 0xffff) family = Be32(walk.at);
  Skip(walk, 4);
  switch (family) {
    case 2:
      return Go(walk, Layer::kIp4);
    case 10:
    case 23:
    case 24:
    case 28:
    case 30:
      return Go(walk, Layer::kIp6);
    default:
      // Some programs write an EtherType here (so reads Wireshark's packet-null.c).
      return family >= 0x600 ? GoEtherType(walk, static_cast<uint16_t>(family))
                             : End(walk, Fate::kNotIp);
  }
}

// The protocol of a Linux "cooked" header: an EtherType, or one of the small numbers of
// <linux/if_ether.h>.
void LinuxProtocol(Walk& walk, uint16_t arp_hardware, uint16_t protocol) {
  constexpr uint16_t kNetlink = 824, kP8022 = 4;
  if (arp_hardware == kNetlink) return End(walk, Fate::kNotIp);
  if (protocol == kP8022) return Go(walk, Layer::kLlc);
  GoEtherType(walk, protocol);
}

void Cooked(Walk& walk) {
  if (!HasLink(walk, 16)) return;
  const uint16_t hardware = Be16(walk.at + 2), protocol = Be16(walk.at + 14);
  Skip(walk, 16);
  LinuxProtocol(walk, hardware, protocol);
}

// The interface index inside is not used: capture_point is the source's to give.
void Cooked2(Walk& walk) {
  if (!HasLink(walk, 20)) return;
  const uint16_t protocol = Be16(walk.at), hardware = Be16(walk.at + 8);
  Skip(walk, 20);
  LinuxProtocol(walk, hardware, protocol);
}

// LINKTYPE_NFLOG: family, version, resource id, then TLVs in host order, each padded to four bytes.
void Nflog(Walk& walk) {
  if (!HasLink(walk, 4)) return;
  const uint8_t family = walk.at[0];
  Skip(walk, 4);
  constexpr uint16_t kPayload = 9;
  while (HasLink(walk, 4)) {
    uint16_t length = Le16(walk.at), type = Le16(walk.at + 2);
    if (type > 0xff) length = Be16(walk.at), type = Be16(walk.at + 2);
    if (length < 4) return End(walk, Fate::kNotIp);
    if (type == kPayload) {
      Skip(walk, 4);
      CutTo(walk, length - 4u);
      if (family == 2) return Go(walk, Layer::kIp4);
      if (family == 10) return Go(walk, Layer::kIp6);
      return Go(walk, Layer::kIp);
    }
    const uint32_t padded = (length + 3u) & ~3u;
    if (!HasLink(walk, padded)) return;
    Skip(walk, padded);
  }
}

// PPI and PKTAP headers name another link type; one of these two inside the other would be
// nonsense.
constexpr uint32_t kPpi = 192, kPktap = 258;

void Inside(Walk& walk, uint32_t header, uint32_t link_type) {
  if (link_type == kPpi || link_type == kPktap) return End(walk, Fate::kNotIp);
  if (!HasLink(walk, header)) return;
  Skip(walk, header);
  Link(walk, link_type);
}

// LINKTYPE_PPI: version, flags, length and the DLT inside, little-endian.
void Ppi(Walk& walk) {
  if (!HasLink(walk, 8)) return;
  const uint32_t length = Le16(walk.at + 2), inside = Le32(walk.at + 4);
  if (length < 8) return End(walk, Fate::kNotIp);
  Inside(walk, length, inside);
}

// LINKTYPE_PKTAP (macOS): header length, record type, DLT inside, little-endian on every Mac of
// today.
void Pktap(Walk& walk) {
  if (!HasLink(walk, 12)) return;
  const uint32_t length = Le32(walk.at), record = Le32(walk.at + 4), inside = Le32(walk.at + 8);
  constexpr uint32_t kPacketFollows = 1;
  if (length < 12 || record != kPacketFollows) return End(walk, Fate::kNotIp);
  Inside(walk, length, inside);
}

// pf's log: the header states its own length, the packet follows at the next multiple of four.
void Pflog(Walk& walk) {
  if (!HasLink(walk, 4)) return;
  const uint32_t length = (walk.at[0] + 3u) & ~3u;
  if (length < 4) return End(walk, Fate::kNotIp);
  if (!HasLink(walk, length)) return;
  Skip(walk, length);
  Go(walk, Layer::kIp);
}

// FDDI: frame control (an LLC frame is x101 in the upper bits), destination, source.
void Fddi(Walk& walk) {
  if (!HasLink(walk, 13)) return;
  if ((walk.at[0] & 0x70) != 0x50) return End(walk, Fate::kNotIp);
  Skip(walk, 13);
  Go(walk, Layer::kLlc);
}

void SkipTo(Walk& walk, uint32_t header, Layer layer) {
  if (!HasLink(walk, header)) return;
  Skip(walk, header);
  Go(walk, layer);
}

}  // namespace

void Link(Walk& walk, uint32_t link_type) {
  switch (link_type) {
    case 0:    // NULL
    case 108:  // LOOP
      return AddressFamily(walk);
    case 1:
      return Go(walk, Layer::kEthernet);
    case 8:  // SLIP as libpcap writes it: a pseudo-header of 16 bytes
      return SkipTo(walk, 16, Layer::kIp);
    case 9:
    case 50:
      return PppHdlc(walk);
    case 10:
      return Fddi(walk);
    case 12:  // DLT_RAW of most systems, where a writer did not translate it
    case 14:  // … and of OpenBSD
    case 101:
      return Go(walk, Layer::kIp);
    case 51:
      return Go(walk, Layer::kPppoe);
    case 100:  // ATM RFC 1483, LLC-encapsulated
      return Go(walk, Layer::kLlc);
    case 104:
      return CiscoHdlc(walk);
    case 105:
      return Go(walk, Layer::kDot11);
    case 107:
      return FrameRelay(walk);
    case 109:  // ENC: address family, SPI, flags
      return SkipTo(walk, 12, Layer::kIp);
    case 113:
      return Cooked(walk);
    case 117:
      return Pflog(walk);
    case 119:
      return Prism(walk);
    case 127:
      return Radiotap(walk);
    case 163:
      return Avs(walk);
    case 166:  // PPP_PPPD: a direction in the address byte's place, the control byte
      return SkipTo(walk, 2, Layer::kPpp);
    case 192:
      return Ppi(walk);
    case 204:  // PPP behind a byte that tells the direction
      return SkipTo(walk, 1, Layer::kPpp);
    case 228:
      return Go(walk, Layer::kIp4);
    case 229:
      return Go(walk, Layer::kIp6);
    case 239:
      return Nflog(walk);
    case 258:
      return Pktap(walk);
    case 276:
      return Cooked2(walk);
    default:
      return End(walk, Fate::kLinkTypeUnknown);
  }
}

}  // namespace deadair
