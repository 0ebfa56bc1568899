// 802.11 data frames, and the radio headers that capture drivers put before them.
#include "walk.h"

namespace deadair {
namespace {

// The flags field of a radiotap header, 0 where there is none. Fields come in bit order, each
// aligned to its size: TSFT (bit 0, eight bytes) is the only one before it. Bit 31 of a presence
// word announces another word.
uint8_t RadiotapFlags(const uint8_t* header, uint32_t length) {
  constexpr uint32_t kTsft = 1, kFlags = 2, kMore = 0x80000000;
  const uint32_t present = Le32(header + 4);
  if (!(present & kFlags)) return 0;
  uint32_t offset = 8;
  for (uint32_t word = present; word & kMore; offset += 4) {
    if (offset + 4 > length) return 0;
    word = Le32(header + offset);
  }
  if (present & kTsft) offset = ((offset + 7) & ~7u) + 8;
  return offset < length ? header[offset] : 0;
}

// IEEE 802.11 9.2.4.1: the order bit of a QoS frame announces four bytes of HT control.
uint32_t DataHeaderBytes(uint8_t frame_control, uint8_t flags) {
  constexpr uint8_t kBothDs = 0x03, kOrder = 0x80, kQos = 0x80;
  uint32_t bytes = 24;
  if ((flags & kBothDs) == kBothDs) bytes += 6;
  if (frame_control & kQos) bytes += flags & kOrder ? 6 : 2;
  return bytes;
}

// Aggregated MSDUs: the first subframe (destination, source, length) is decoded, further ones are
// not.
void FirstSubframe(Walk& walk) {
  if (!HasLink(walk, 14)) return;
  const uint16_t length = Be16(walk.at + 12);
  Skip(walk, 14);
  CutTo(walk, length);
  Go(walk, Layer::kLlc);
}

void SkipRadio(Walk& walk, uint32_t length, uint32_t least) {
  if (length < least) return End(walk, Fate::kNotIp);
  if (!HasLink(walk, length)) return;
  Skip(walk, length);
  Go(walk, Layer::kDot11);
}

}  // namespace

void Radiotap(Walk& walk) {
  if (!HasLink(walk, 8)) return;
  const uint32_t length = Le16(walk.at + 2);
  if (walk.at[0] != 0 || length < 8) return End(walk, Fate::kNotIp);
  if (!HasLink(walk, length)) return;
  constexpr uint8_t kFcsAtEnd = 0x10, kPadded = 0x20;
  const uint8_t flags = RadiotapFlags(walk.at, length);
  Skip(walk, length);
  if (flags & kFcsAtEnd) CutTo(walk, walk.wire < 4 ? 0 : walk.wire - 4);
  walk.padded_dot11 = flags & kPadded;
  Go(walk, Layer::kDot11);
}

// Prism's header is in host order; an AVS header may stand in its place and says so.
void Prism(Walk& walk) {
  if (!HasLink(walk, 8)) return;
  constexpr uint32_t kAvsMagic = 0x80211000, kMagicMask = 0xfffff000;
  if ((Be32(walk.at) & kMagicMask) == kAvsMagic) return Avs(walk);
  const uint32_t length = Le32(walk.at + 4);
  SkipRadio(walk, length > 0xffff ? Be32(walk.at + 4) : length, 8);
}

void Avs(Walk& walk) {
  if (!HasLink(walk, 8)) return;
  SkipRadio(walk, Be32(walk.at + 4), 8);
}

void Dot11(Walk& walk) {
  if (!HasLink(walk, 2)) return;
  constexpr uint8_t kVersionAndType = 0x0f, kData = 0x08, kNoBody = 0x40, kQos = 0x80,
                    kProtected = 0x40;
  const uint8_t control = walk.at[0], flags = walk.at[1];
  if ((control & kVersionAndType) != kData || control & kNoBody) return End(walk, Fate::kNotIp);
  if (flags & kProtected) return End(walk, Fate::kEncrypted);
  const uint32_t header = DataHeaderBytes(control, flags);
  const uint32_t padded = walk.padded_dot11 ? (header + 3) & ~3u : header;
  if (!HasLink(walk, padded)) return;
  constexpr uint8_t kFragmentNumber = 0x0f, kAggregate = 0x80;
  const bool first = (walk.at[22] & kFragmentNumber) == 0;
  const uint32_t qos = (flags & 0x03) == 0x03 ? 30 : 24;
  const bool aggregate = (control & kQos) && (walk.at[qos] & kAggregate);
  Skip(walk, padded);
  if (!first) return End(walk, Fate::kNotIp);
  return aggregate ? FirstSubframe(walk) : Go(walk, Layer::kLlc);
}

}  // namespace deadair
