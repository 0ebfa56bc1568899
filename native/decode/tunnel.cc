// Tunnels: GRE in its dialects, and those that a UDP port number announces. A port number alone
// proves nothing, so each of these checks what its header must hold, and decode.cc takes a walk
// that fails inside for plain UDP.
#include "silence.h"
#include "walk.h"

namespace deadair {
namespace {

// RFC 2784, 2890, 1701: flags, protocol, then what the flags announce.
struct GreHeader {
  uint16_t flags;
  uint16_t protocol;
  uint32_t key;
};
constexpr uint16_t kChecksum = 0x8000, kRouting = 0x4000, kKey = 0x2000, kSequence = 0x1000;

// RFC 1701: source route entries, the last of length 0.
bool SkipRoutes(Walk& walk) {
  while (HasLink(walk, 4)) {
    const uint32_t length = walk.at[3];
    Skip(walk, 4);
    if (length == 0) return true;
    if (!HasLink(walk, length)) return false;
    Skip(walk, length);
  }
  return false;
}

bool TakeGreHeader(Walk& walk, GreHeader* gre) {
  *gre = {Be16(walk.at), Be16(walk.at + 2), 0};
  const uint32_t checksum = gre->flags & (kChecksum | kRouting) ? 4 : 0;
  const uint32_t key = gre->flags & kKey ? 4 : 0, sequence = gre->flags & kSequence ? 4 : 0;
  if (!HasLink(walk, 4 + checksum + key + sequence)) return false;
  if (key != 0) gre->key = Be32(walk.at + 4 + checksum);
  Skip(walk, 4 + checksum + key + sequence);
  return !(gre->flags & kRouting) || SkipRoutes(walk);
}

// RFC 7637 3.2: NVGRE is keyed Ethernet in GRE without checksum or sequence; the key's low byte is
// entropy of the flow. Virtual subnets below 0x1000 are reserved, so a smaller key is a plain GRE
// key, as Linux's gretap sends it.
void Bridged(Walk& walk, const GreHeader& gre) {
  constexpr uint32_t kSmallestSubnet = 0x1000;
  const bool plain_key = (gre.flags & (kChecksum | kKey | kSequence)) == kKey;
  if (plain_key && gre.key >> 8 >= kSmallestSubnet)
    return Enter(walk, Tunnel::kNvgre, gre.key >> 8, Layer::kEthernet);
  Enter(walk, Tunnel::kGre, gre.key, Layer::kEthernet);
}

// draft-foschiano-erspan: type I has no header of its own (and no GRE sequence), type II has eight
// bytes.
void Erspan2(Walk& walk, const GreHeader& gre) {
  if (!(gre.flags & kSequence)) return Enter(walk, Tunnel::kErspan, 0, Layer::kEthernet);
  if (!HasLink(walk, 8)) return;
  const uint32_t session = Be16(walk.at + 2) & 0x3ff;
  Skip(walk, 8);
  Enter(walk, Tunnel::kErspan, session, Layer::kEthernet);
}

// … type III twelve, and eight more where its last bit announces a platform's own.
void Erspan3(Walk& walk) {
  if (!HasLink(walk, 12)) return;
  constexpr uint8_t kFrameType = 0x7c, kIpFrame = 2 << 2;
  const uint32_t session = Be16(walk.at + 2) & 0x3ff, bytes = walk.at[11] & 1 ? 20 : 12;
  const bool ip = (walk.at[10] & kFrameType) == kIpFrame;
  if (!HasLink(walk, bytes)) return;
  Skip(walk, bytes);
  Enter(walk, Tunnel::kErspan, session, ip ? Layer::kIp : Layer::kEthernet);
}

// WCCP: version 2 has a redirect header of four bytes before the IPv4 header, version 1 none.
void Wccp(Walk& walk, const GreHeader& gre) {
  if (!HasLink(walk, 4)) return;
  if (walk.at[0] >> 4 != 4) Skip(walk, 4);
  Enter(walk, Tunnel::kGre, gre.key, Layer::kIp4);
}

// PPTP, RFC 2637 4.1: payload length and call id in the key's place (the id differs by direction,
// so it names nothing), a sequence number where there is a payload, an acknowledgement where the
// low flag byte says so.
void Pptp(Walk& walk) {
  constexpr uint16_t kAcknowledgement = 0x0080;
  const uint16_t flags = Be16(walk.at), protocol = Be16(walk.at + 2);
  if (!(flags & kKey) || !(flags & kSequence) || protocol != 0x880b)
    return End(walk, Fate::kNotTcp);
  const uint32_t bytes = flags & kAcknowledgement ? 16 : 12;
  if (!HasLink(walk, bytes)) return;
  const uint32_t payload = Be16(walk.at + 4);
  Skip(walk, bytes);
  CutTo(walk, payload);
  Enter(walk, Tunnel::kGre, 0, Layer::kPpp);
}

// RFC 7348 5: the I flag, and a last byte that is reserved.
void Vxlan(Walk& walk) {
  constexpr uint8_t kVniIsThere = 0x08;
  if (!HasLink(walk, 8)) return;
  if (!(walk.at[0] & kVniIsThere) || walk.at[7] != 0) return End(walk, Fate::kNotTcp);
  const uint32_t vni = Be24(walk.at + 4);
  Skip(walk, 8);
  Enter(walk, Tunnel::kVxlan, vni, Layer::kEthernet);
}

// The next protocols of draft-ietf-nvo3-vxlan-gpe and RFC 8300: 1 IPv4, 2 IPv6, 3 Ethernet, 4 NSH,
// 5 MPLS.
void NextProtocol(Walk& walk, uint8_t protocol) {
  constexpr uint16_t kEtherTypes[] = {0, 0x0800, 0x86dd, 0x6558, 0x894f, 0x8847};
  if (protocol == 0 || protocol >= 6) return End(walk, Fate::kNotIp);
  GoEtherType(walk, kEtherTypes[protocol]);
}

void VxlanGpe(Walk& walk) {
  constexpr uint8_t kVniIsThere = 0x08, kProtocolIsThere = 0x04;
  if (!HasLink(walk, 8)) return;
  const uint8_t flags = walk.at[0], protocol = flags & kProtocolIsThere ? walk.at[3] : 3;
  if (!(flags & kVniIsThere) || walk.at[7] != 0) return End(walk, Fate::kNotTcp);
  const uint32_t vni = Be24(walk.at + 4);
  Skip(walk, 8);
  Enter(walk, Tunnel::kVxlan, vni, Layer::kEtherType);
  if (walk.layer != Layer::kEnd) NextProtocol(walk, protocol);
}

// RFC 8926 3.4: version 0, options in fours, reserved bits zero.
void Geneve(Walk& walk) {
  if (!HasLink(walk, 8)) return;
  constexpr uint8_t kVersion = 0xc0, kOptions = 0x3f, kReserved = 0x3f;
  if ((walk.at[0] & kVersion) || (walk.at[1] & kReserved) || walk.at[7] != 0)
    return End(walk, Fate::kNotTcp);
  const uint32_t bytes = 8 + (walk.at[0] & kOptions) * 4u, vni = Be24(walk.at + 4);
  const uint16_t type = Be16(walk.at + 2);
  if (!HasLink(walk, bytes)) return;
  Skip(walk, bytes);
  walk.type = type;
  Enter(walk, Tunnel::kGeneve, vni, Layer::kEtherType);
}

// 3GPP TS 29.281 5.2: extension headers count in fours and end with the next one's type.
bool SkipGtpExtensions(Walk& walk, uint8_t next) {
  while (next != 0) {
    if (!HasLink(walk, 1)) return false;
    const uint32_t bytes = walk.at[0] * 4u;
    if (bytes == 0) {
      End(walk, Fate::kNotTcp);
      return false;
    }
    if (!HasLink(walk, bytes)) return false;
    next = walk.at[bytes - 1];
    Skip(walk, bytes);
  }
  return true;
}

// 3GPP TS 29.281 5.1: version 1, GTP and not GTP', message 255 (T-PDU). The endpoint id differs by
// direction, so it names nothing that both directions share.
void Gtpu(Walk& walk) {
  if (!HasLink(walk, 8)) return;
  constexpr uint8_t kVersionAndType = 0xf0, kVersion1 = 0x30, kTpdu = 255, kOptional = 0x07,
                    kExtended = 0x04;
  const uint8_t flags = walk.at[0];
  if ((flags & kVersionAndType) != kVersion1 || walk.at[1] != kTpdu)
    return End(walk, Fate::kNotTcp);
  Skip(walk, 8);
  if (flags & kOptional) {
    if (!HasLink(walk, 4)) return;
    const uint8_t next = flags & kExtended ? walk.at[3] : 0;
    Skip(walk, 4);
    if (!SkipGtpExtensions(walk, next)) return;
  }
  Enter(walk, Tunnel::kGtpu, 0, Layer::kIp);
}

// RFC 4380 5.1.1: an authentication (0001) and an origin indication (0000) may stand before the
// IPv6 header.
void Teredo(Walk& walk) {
  if (walk.captured >= 4 && Be16(walk.at) == 1) {
    const uint32_t bytes = 13u + walk.at[2] + walk.at[3];
    if (!HasLink(walk, bytes)) return;
    Skip(walk, bytes);
  }
  if (!HasLink(walk, 8)) return;
  if (Be16(walk.at) == 0) Skip(walk, 8);
  Enter(walk, Tunnel::kIpip, 0, Layer::kIp6);
}

// RFC 2661 3.1, a data message: flags and version 2, then length, tunnel and session, sequence
// numbers and an offset as the flags say. Each end chooses the ids that it receives, so they name
// nothing that both directions share.
void L2tp(Walk& walk) {
  if (!HasLink(walk, 2)) return;
  constexpr uint16_t kControl = 0x8000, kLength = 0x4000, kSequenced = 0x0800, kOffset = 0x0200;
  constexpr uint16_t kVersion = 0x000f, kReserved = 0x34f0;
  const uint16_t flags = Be16(walk.at);
  if ((flags & kVersion) != 2 || flags & (kControl | kReserved)) return End(walk, Fate::kNotTcp);
  const uint32_t bytes = 6 + (flags & kLength ? 2 : 0) + (flags & kSequenced ? 4 : 0);
  if (!HasLink(walk, bytes)) return;
  Skip(walk, bytes);
  if (flags & kOffset) {
    if (!HasLink(walk, 2)) return;
    const uint32_t padding = 2u + Be16(walk.at);
    if (!HasLink(walk, padding)) return;
    Skip(walk, padding);
  }
  Enter(walk, Tunnel::kIpip, 0, Layer::kPpp);
}

using Opener = void (*)(Walk&);

// The tunnel whose port this is (IANA; 8472 is what Linux took for VXLAN before it had a number).
Opener TunnelOfPort(uint16_t port) {
  switch (port) {
    case 1701:
      return L2tp;
    case 2152:
      return Gtpu;
    case 3544:
      return Teredo;
    case 4754:  // RFC 8086
      return Gre;
    case 4789:
    case 8472:
      return Vxlan;
    case 4790:
      return VxlanGpe;
    case 6081:
      return Geneve;
    case 6635:  // RFC 7510
      return [](Walk& walk) { Enter(walk, Tunnel::kIpip, 0, Layer::kMpls); };
    default:
      return nullptr;
  }
}

}  // namespace

// One encapsulation more. A tunnel without a number does not hide the number of the one around it,
// so kind and number of a packet always belong together. What has neither a kind nor a number of
// its own counts as IP-in-IP.
void Enter(Walk& walk, uint8_t kind, uint32_t id, Layer inside) {
  if (walk.tunnels == kMaxTunnels) return End(walk, Fate::kTunnelTooDeep);
  ++walk.tunnels;
  if (id != 0 || walk.tunnel_id == 0) {
    walk.tunnel_kind = kind;
    walk.tunnel_id = id;
  }
  Go(walk, inside);
}

void Gre(Walk& walk) {
  if (!HasLink(walk, 4)) return;
  constexpr uint16_t kVersion = 0x0007;
  const uint16_t version = Be16(walk.at) & kVersion;
  if (version == 1) return Pptp(walk);
  GreHeader gre;
  if (version != 0) return End(walk, Fate::kNotTcp);
  if (!TakeGreHeader(walk, &gre)) return;
  switch (gre.protocol) {
    case 0x6558:
      return Bridged(walk, gre);
    case 0x88be:
      return Erspan2(walk, gre);
    case 0x22eb:
      return Erspan3(walk);
    case 0x883e:
      return Wccp(walk, gre);
    default:
      walk.type = gre.protocol;
      return Enter(walk, Tunnel::kGre, gre.key, Layer::kEtherType);
  }
}

// Either port may be the tunnel's; the destination's is asked first.
void Udp(Walk& walk) {
  if (walk.captured < 8) return End(walk, Fate::kNotTcp);
  const uint16_t source = Be16(walk.at), destination = Be16(walk.at + 2);
  Opener open = TunnelOfPort(destination);
  if (!open) open = TunnelOfPort(source);
  if (!open) return End(walk, Fate::kNotTcp);
  const uint32_t length = Be16(walk.at + 4);
  if (length >= 8) CutTo(walk, length);
  Skip(walk, 8);
  walk.most = walk.first_fragment ? UINT32_MAX : walk.wire;
  walk.told_by_port = true;
  open(walk);
}

// RFC 8300 2.2: length in fours in the low six bits of the second byte, next protocol in the
// fourth.
void Nsh(Walk& walk) {
  if (!HasLink(walk, 8)) return;
  const uint32_t bytes = (walk.at[1] & 0x3f) * 4u;
  const uint8_t protocol = walk.at[3];
  if (bytes < 8) return End(walk, Fate::kNotIp);
  if (!HasLink(walk, bytes)) return;
  Skip(walk, bytes);
  NextProtocol(walk, protocol);
}

}  // namespace deadair
