// Packets on their way from the thread that reads to a tracker, with the bytes that the tracker
// looks at: what was read may be overwritten meanwhile.
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "flow/clock.h"
#include "flow/glance.h"

namespace deadair {

struct Batch {
  static constexpr size_t kMost = 64;
  // What Decode looks at in a straight packet, in VXLAN even: Ethernet and a tag, IPv4, UDP and
  // VXLAN, then the same again, all of TCP's options and the first bytes of its payload.
  static constexpr size_t kMostBytes = (14 + 4 + 20 + 8 + 8) + (14 + 4 + 20 + 60) + kFirstBytes;
  // What comes behind the packets.
  enum class Ending : uint8_t { kNone, kTick, kQuote };

  uint32_t count = 0;
  uint32_t bytes_used = 0;
  Ending ending = Ending::kNone;
  CaptureClock::Beat beat;  // kTick: of the capture point's clock until then
  Frame frame;              // kTick: the one that it comes to; its bytes are not there
  Packet quote;             // kQuote
  std::array<Glance, kMost> glances;
  std::array<Packet, kMost> decoded;  // what is not straight, by the index of its glance
  std::array<uint8_t, kMost * kMostBytes> bytes;

  bool full() const { return count == kMost; }

  void Clear() {
    count = bytes_used = 0;
    ending = Ending::kNone;
  }

  // `packet`: of one that is not straight. Of what another tracker owns the addresses are enough.
  void Add(const Glance& glance, const Packet& packet, bool owned) {
    Glance& to = glances[count] = glance;
    to.owned = owned;
    if (glance.is_straight()) {
      // `captured` stays what was captured: lengths are judged by it.
      to.frame.data = Keep(glance.frame.data, std::min(glance.frame.captured, LookedAt(glance)));
    } else {
      Packet& kept = decoded[count] = packet;
      const uint32_t behind = packet.options_captured + uint32_t{packet.payload_captured};
      kept.options = owned ? Keep(packet.options, behind) : nullptr;
    }
    ++count;
  }

 private:
  // Bytes of a straight packet that anybody will look at.
  static uint32_t LookedAt(const Glance& glance) {
    return glance.ip_offset + 20u + ((glance.ip()[32] >> 2) & 60u) + kFirstBytes;
  }

  const uint8_t* Keep(const uint8_t* from, uint32_t size) {
    uint8_t* const to = bytes.data() + bytes_used;
    if (size != 0) std::memcpy(to, from, size);
    bytes_used += size;
    return to;
  }
};

}  // namespace deadair
