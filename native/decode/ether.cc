// Ethernet and what an EtherType announces: tags, MPLS, and the way into PPPoE, NSH and IP.
#include "walk.h"

namespace deadair {
namespace {

constexpr uint16_t kSmallestEtherType = 0x600, kLargestLength = 1500;  // IEEE 802.3 3.2.6

// A type field may hold the length of an 802.2 frame instead.
void TypeOrLength(Walk& walk, uint16_t type) {
  if (type >= kSmallestEtherType) return GoEtherType(walk, type);
  if (type > kLargestLength) return End(walk, Fate::kNotIp);
  CutTo(walk, type);
  Go(walk, Layer::kLlc);
}

// A stack of VLAN tags. The first identifier that is not 0 (a priority tag) is the frame's VLAN.
void Tags(Walk& walk) {
  uint16_t type = walk.type;
  for (int tags = 0; IsTagType(type); ++tags) {
    if (tags == kMaxLinkTags) return End(walk, Fate::kTunnelTooDeep);
    if (!HasLink(walk, 4)) return;
    if (walk.vlan == 0) walk.vlan = Be16(walk.at) & 0xfff;
    type = Be16(walk.at + 2);
    Skip(walk, 4);
  }
  TypeOrLength(walk, type);
}

// A tag that says nothing to us, and the EtherType behind it.
void PassTag(Walk& walk, uint32_t tag) {
  if (!HasLink(walk, tag + 2)) return;
  const uint16_t type = Be16(walk.at + tag);
  Skip(walk, tag + 2);
  TypeOrLength(walk, type);
}

// IEEE 802.1AE: the SecTAG is 6 bytes, 14 with an SCI; E or C set means that the rest cannot be
// read.
void MacSec(Walk& walk) {
  if (!HasLink(walk, 6)) return;
  constexpr uint8_t kSci = 0x20, kEncrypted = 0x08, kChanged = 0x04;
  const uint8_t control = walk.at[0];
  if (control & (kEncrypted | kChanged)) return End(walk, Fate::kEncrypted);
  PassTag(walk, control & kSci ? 14 : 6);
}

// IEEE 802.1ah: flags and the service id, then the customer's own Ethernet header.
void BackboneTag(Walk& walk) {
  if (!HasLink(walk, 4)) return;
  Skip(walk, 4);
  Go(walk, Layer::kEthernet);
}

// Does an Ethernet frame of IP, a tag or ARP begin `offset` bytes from here? Ethernet over MPLS is
// announced by nothing.
bool LooksLikeEthernet(const Walk& walk, uint32_t offset) {
  if (walk.captured < offset + 15) return false;
  const uint16_t type = Be16(walk.at + offset + 12);
  const uint8_t version = walk.at[offset + 14] >> 4;
  constexpr uint16_t kArp = 0x0806;
  return (type == 0x0800 && version == 4) || (type == 0x86dd && version == 6) || type == kArp ||
         IsTagType(type) || type == 0x8847 || type == 0x8864;
}

// Behind the last label: IP by its version (RFC 4928 3), else a pseudo-wire of Ethernet, with the
// control word of RFC 4448 4.6 or without it.
void UnderMpls(Walk& walk) {
  if (!HasLink(walk, 1)) return;
  const uint8_t nibble = walk.at[0] >> 4;
  if (nibble == 4 || nibble == 6) return Go(walk, Layer::kIp);
  if (nibble == 0 && LooksLikeEthernet(walk, 4))
    Skip(walk, 4);
  else if (!LooksLikeEthernet(walk, 0))
    return End(walk, Fate::kNotIp);
  Go(walk, Layer::kEthernet);
}

}  // namespace

void Ethernet(Walk& walk) {
  if (!HasLink(walk, 14)) return;
  const uint16_t type = Be16(walk.at + 12);
  Skip(walk, 14);
  TypeOrLength(walk, type);
}

void EtherType(Walk& walk) {
  switch (walk.type) {
    case 0x0800:
      return Go(walk, Layer::kIp4);
    case 0x86dd:
      return Go(walk, Layer::kIp6);
    case 0x8100:
    case 0x88a8:
    case 0x9100:
      return Tags(walk);
    case 0x8847:
    case 0x8848:
      return Go(walk, Layer::kMpls);
    case 0x8864:
      return Go(walk, Layer::kPppoe);
    case 0x880b:
      return Go(walk, Layer::kPpp);
    case 0x6558:  // transparent Ethernet bridging
      return Go(walk, Layer::kEthernet);
    case 0x88e5:
      return MacSec(walk);
    case 0x88e7:
      return BackboneTag(walk);
    case 0x8909:  // Cisco MetaData: version, length, option, group tag
      return PassTag(walk, 6);
    case 0x8926:  // VN-Tag of IEEE 802.1BR's forerunner
    case 0xf1c1:  // R-TAG, IEEE 802.1CB
      return PassTag(walk, 4);
    case 0x894f:
      return Nsh(walk);
    default:
      return End(walk, Fate::kNotIp);
  }
}

// IEEE 802.2: IP has a service access point of its own (6), but lives in SNAP nearly always. Behind
// the SNAP OUIs 0 (RFC 1042) and 00:00:f8 (Cisco's and 802.1H's bridges) stands an EtherType.
void Llc(Walk& walk) {
  if (!HasLink(walk, 3)) return;
  constexpr uint16_t kIpSap = 0x0606, kSnapSap = 0xaaaa;
  constexpr uint8_t kUnnumbered = 0x03;
  const uint16_t saps = Be16(walk.at);
  if (walk.at[2] != kUnnumbered || (saps != kIpSap && saps != kSnapSap))
    return End(walk, Fate::kNotIp);
  Skip(walk, 3);
  if (saps == kIpSap) return Go(walk, Layer::kIp4);
  if (!HasLink(walk, 5)) return;
  const uint32_t oui = Be24(walk.at);
  const uint16_t type = Be16(walk.at + 3);
  Skip(walk, 5);
  if (oui != 0 && oui != 0x0000f8) return End(walk, Fate::kNotIp);
  GoEtherType(walk, type);
}

void Mpls(Walk& walk) {
  constexpr uint8_t kBottom = 1;
  for (int labels = 0; labels < kMaxLinkTags; ++labels) {
    if (!HasLink(walk, 4)) return;
    const bool bottom = walk.at[2] & kBottom;
    Skip(walk, 4);
    if (bottom) return UnderMpls(walk);
  }
  End(walk, Fate::kTunnelTooDeep);
}

}  // namespace deadair
