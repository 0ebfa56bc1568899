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
  static constexpr size_t kMostTicks = 8;  // chosen: as many as are common where packets are rare
  // A capture point's clock comes to a frame, before the packet of this number.
  struct Tick {
    uint32_t before;
    CaptureClock::Beat beat;  // of the clock until then
    Frame frame;              // its bytes are not there
  };

  uint32_t count = 0;
  uint32_t bytes_used = 0;
  uint32_t tick_count = 0;
  bool quotes = false;
  Packet quote;  // comes behind the packets
  std::array<Tick, kMostTicks> ticks;
  std::array<Glance, kMost> glances;
  std::array<Packet, kMost> decoded;  // what is not straight, by the index of its glance
  std::array<uint8_t, kMost * kMostBytes> bytes;

  bool empty() const { return count == 0 && tick_count == 0; }
  bool full() const { return count == kMost || tick_count == kMostTicks || quotes; }

  void Clear() {
    count = bytes_used = tick_count = 0;
    quotes = false;
  }

  void Add(const Frame& frame, const CaptureClock::Beat& beat) {
    ticks[tick_count++] = {count, beat, frame};
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
