// Point to point: PPP in its dresses (RFC 1661, 1662, 2516), Cisco HDLC, Frame Relay.
#include "walk.h"

namespace deadair {

// RFC 2516 4: version and type 1, code, session, length.
void Pppoe(Walk& walk) {
  if (!HasLink(walk, 6)) return;
  const uint8_t version = walk.at[0], code = walk.at[1];
  const uint32_t length = Be16(walk.at + 4);
  if (version != 0x11 || code != 0) return End(walk, Fate::kNotIp);
  Skip(walk, 6);
  CutTo(walk, length);
  Go(walk, Layer::kPpp);
}

// Address and control may be compressed away, and the protocol to one byte when that is odd (RFC
// 1661 6.5, 6.6).
void Ppp(Walk& walk) {
  if (!HasLink(walk, 2)) return;
  if (walk.at[0] == 0xff && walk.at[1] == 0x03) {
    Skip(walk, 2);
    if (!HasLink(walk, 2)) return;
  }
  const bool compressed = walk.at[0] & 1;
  const uint16_t protocol = compressed ? walk.at[0] : Be16(walk.at);
  Skip(walk, compressed ? 1 : 2);
  switch (protocol) {
    case 0x0021:
      return Go(walk, Layer::kIp4);
    case 0x0057:
      return Go(walk, Layer::kIp6);
    case 0x0281:
    case 0x0283:
      return Go(walk, Layer::kMpls);
    default:
      return End(walk, Fate::kNotIp);
  }
}

void CiscoHdlc(Walk& walk) {
  if (!HasLink(walk, 4)) return;
  const uint16_t type = Be16(walk.at + 2);
  Skip(walk, 4);
  GoEtherType(walk, type);
}

// LINKTYPE_PPP and LINKTYPE_PPP_HDLC hold either of the two; Cisco's addresses are 0x0f and 0x8f.
void PppHdlc(Walk& walk) {
  if (!HasLink(walk, 1)) return;
  const uint8_t address = walk.at[0];
  if (address == 0x0f || address == 0x8f) return CiscoHdlc(walk);
  Go(walk, Layer::kPpp);
}

// RFC 2427: an address of two to four bytes (the last one is odd), control 3, padding 0, a network
// layer protocol id; without the control byte it is Cisco's form, an EtherType.
void FrameRelay(Walk& walk) {
  if (!HasLink(walk, 4)) return;
  uint32_t address = 0;
  while (address < 3 && !(walk.at[address] & 1)) ++address;
  Skip(walk, address + 1);
  if (!HasLink(walk, 3)) return;
  constexpr uint8_t kUnnumbered = 0x03, kIp4 = 0xcc, kIp6 = 0x8e, kSnap = 0x80;
  if (walk.at[0] != kUnnumbered) {
    const uint16_t type = Be16(walk.at);
    Skip(walk, 2);
    return GoEtherType(walk, type);
  }
  const uint32_t padding = walk.at[1] == 0 ? 1 : 0;
  const uint8_t protocol = walk.at[1 + padding];
  Skip(walk, 2 + padding);
  if (protocol == kIp4) return Go(walk, Layer::kIp4);
  if (protocol == kIp6) return Go(walk, Layer::kIp6);
  if (protocol != kSnap || !HasLink(walk, 5)) return End(walk, Fate::kNotIp);
  const bool ethertype = Be24(walk.at) == 0;
  const uint16_t type = Be16(walk.at + 3);
  Skip(walk, 5);
  if (!ethertype) return End(walk, Fate::kNotIp);
  GoEtherType(walk, type);
}

}  // namespace deadair
