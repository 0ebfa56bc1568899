// The decoder under mutation. With libFuzzer: the first two bytes of the input are the link type,
// the third says how much of the frame the snaplen took, the rest is the frame. Without it (g++
// under sanitizers) the main below mutates the seed frames it knows:
//   decode_fuzz [ITERATIONS [SEED]]
// and prints how many frames met each fate.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <memory>
#include <random>
#include <vector>

#include "decode/decode.h"
#include "flow/key.h"
#include "flow/segment.h"
#include "silence.h"

namespace {

using deadair::Fate, deadair::Frame, deadair::Packet;

void Require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s\n", what);
  std::abort();
}

// What decode.h promises of a packet, whatever the bytes were.
void CheckPromises(const Frame& frame, Fate fate, const Packet& p) {
  Require(fate < Fate::kCount, "a named fate");
  if (fate != Fate::kTcp && fate != Fate::kIcmpQuote) return;
  Require(p.ip_version == 4 || p.ip_version == 6, "version 4 or 6");
  Require(p.ip_offset < frame.captured, "the IP header lies in the frame");
  Require(p.hash == deadair::HashTuple(p), "the hash is the tuple's");
  Require(p.options_captured <= p.options_bytes, "options there are options stated");
  Require(p.options_bytes <= 40 && p.options_bytes % 4 == 0, "options by the data offset");
  if (p.options == nullptr) return Require(p.options_bytes == 0, "options without a place");
  Require(p.options >= frame.data, "options lie in the frame");
  Require(p.options + p.options_captured <= frame.data + frame.captured,
          "options end in the frame");
}

// How many were only glanced at: bare, and in VXLAN.
uint64_t glanced[2] = {};

// What is only glanced at (flow/glance.h) is what Decode says of the same frame.
void CheckGlance(const Frame& frame, Fate fate, const Packet& p) {
  deadair::Wrapped glance{deadair::StraightIp(frame), 0};
  const bool bare = glance.ip != nullptr;
  if (!bare) glance = deadair::StraightInVxlan(frame);
  if (glance.ip == nullptr) return;
  ++glanced[bare ? 0 : 1];
  const uint8_t kind = bare ? deadair::Tunnel::kNone : deadair::Tunnel::kVxlan;
  Require(fate == Fate::kTcp, "glanced at: TCP");
  Require(glance.ip == frame.data + p.ip_offset, "glanced at: the same IP header");
  Require(glance.vni == p.tunnel_id && kind == p.tunnel_kind, "glanced at: the same tunnel");
  const uint64_t zone = deadair::ZoneOf(glance.vni, kind, frame.capture_point);
  const uint64_t hash = deadair::HashStraight(glance.ip, deadair::StraightSeed(zone));
  Require(hash == p.hash, "glanced at: the same hash");
  const auto a = deadair::SegmentOf(deadair::Glance{hash, &frame, glance.ip, 0, 0, false, true});
  const auto b = deadair::SegmentOf(p, 0);
  Require(a.at_ns == b.at_ns && a.number == b.number && a.seq == b.seq && a.ack == b.ack &&
              a.payload == b.payload && a.window == b.window && a.ip_id == b.ip_id &&
              a.tcp_flags == b.tcp_flags && a.ttl == b.ttl,
          "glanced at: the same segment");
  Require(a.tsval == b.tsval, "glanced at: the same timestamp");
}

Fate DecodeOne(uint16_t link_type, uint32_t cut, const uint8_t* bytes, size_t size) {
  // A copy of its own, so that AddressSanitizer sees the first byte read behind it.
  const std::unique_ptr<uint8_t[]> frame_bytes(new uint8_t[size]);
  if (size > 0) std::memcpy(frame_bytes.get(), bytes, size);
  const auto captured = static_cast<uint32_t>(size);
  const Frame frame{frame_bytes.get(), 1, 1, captured, captured + cut, link_type, 0};
  Packet packet;
  std::memset(&packet, 0xa5, sizeof packet);
  const Fate fate = deadair::Decode(frame, &packet);
  CheckPromises(frame, fate, packet);
  CheckGlance(frame, fate, packet);
  if (fate != Fate::kTcp) return fate;
  const auto options = deadair::ParseOptions(packet);
  Require(options.timestamps <= deadair::Tristate::kUnknown, "yes, no or unknown");
  Require(options.window_scale >= -1 && options.window_scale <= 14, "a shift of RFC 7323");
  return fate;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 3) return 0;
  const auto link_type = static_cast<uint16_t>(data[0] << 8 | data[1]);
  DecodeOne(link_type, data[2], data + 3, size - 3);
  return 0;
}

#ifndef DEADAIR_LIBFUZZER

namespace {

using Bytes = std::vector<uint8_t>;

constexpr uint16_t kLinkTypes[] = {0,   1,   8,   9,   10,  12,  50,  51,  100, 101,
                                   104, 105, 107, 108, 109, 113, 117, 119, 127, 163,
                                   166, 192, 204, 228, 229, 239, 258, 276, 147};

constexpr uint8_t kTcp[] = {0xc3, 0x50, 0x69, 0x89, 1, 2, 3, 4,  5, 6, 7, 8, 0x80, 0x18, 1, 0xf5,
                            0,    0,    0,    0,    1, 1, 8, 10, 0, 0, 0, 1, 0,    0,    0, 2};
// Numbers that open a door somewhere: EtherTypes, IP protocols, UDP ports, PPP protocols.
constexpr uint16_t kDoors[] = {
    0x0800, 0x86dd, 0x8100, 0x88a8, 0x8847, 0x8864, 0x88e5, 0x88e7, 0x894f, 0x6558, 0x880b, 0x88be,
    0x22eb, 0x883e, 0x2000, 0x3001, 0x0021, 0x0057, 0xaaaa, 0xff03, 1701,   2152,   3544,   4754,
    4789,   4790,   6081,   6635,   0x4500, 0x6000, 0x3000, 0x0006, 0x002f, 0x0011, 0x0029, 0x0004};

void Append(Bytes& out, std::initializer_list<int> values) {
  for (const int value : values) out.push_back(static_cast<uint8_t>(value));
}

Bytes Ip4(int protocol, const Bytes& body) {
  const int length = 20 + static_cast<int>(body.size());
  Bytes out;
  Append(out, {0x45, 0, length >> 8, length, 1, 2, 0x40, 0, 64, protocol,
               0,    0, 10,          0,      0, 1, 10,   0, 0,  2});
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

Bytes Ip6(int protocol, const Bytes& body) {
  const int length = static_cast<int>(body.size());
  Bytes out;
  Append(out, {0x60, 0, 0, 0, length >> 8, length, protocol, 64});
  for (int i = 0; i < 32; ++i) out.push_back(static_cast<uint8_t>(i));
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

Bytes Behind(std::initializer_list<int> header, const Bytes& body) {
  Bytes out;
  Append(out, header);
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

Bytes Ethernet(int type, const Bytes& body) {
  return Behind({2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, type >> 8, type}, body);
}

Bytes Udp(int port, const Bytes& body) {
  const int length = 8 + static_cast<int>(body.size());
  return Ip4(17, Behind({1, 2, port >> 8, port, length >> 8, length, 0, 0}, body));
}

// One packet in each of the larger families; the mutations find the ways between them.
std::vector<Bytes> Seeds() {
  const Bytes tcp(std::begin(kTcp), std::end(kTcp));
  const Bytes four = Ip4(6, tcp), six = Ip6(6, tcp), frame = Ethernet(0x0800, four);
  return {
      four,
      six,
      frame,
      Ethernet(0x86dd, Ip6(0, Behind({43, 0, 1, 4, 0, 0, 0, 0, 44, 0, 0, 0,
                                      0,  0, 0, 0, 6, 0, 0, 1, 0,  0, 0, 1},
                                     tcp))),
      Ethernet(0x8100, Behind({0, 5, 0x88, 0xa8, 0, 6, 8, 0}, four)),
      Ethernet(0x8847, Behind({0, 6, 0x41, 64, 0, 0, 0, 5}, frame)),
      Ethernet(0x8864, Behind({0x11, 0, 0, 1, 0, 90, 0, 0x21}, four)),
      Ethernet(0x0800, Ip4(47, Behind({0xb0, 0, 0x65, 0x58, 0, 0, 0, 0, 0, 0x10, 0, 7, 0, 0, 0, 1},
                                      frame))),
      Ethernet(0x0800, Ip4(47, Behind({0x10, 0, 0x22, 0xeb, 0, 0, 0, 1, 0x20, 1, 0, 9, 0, 0,
                                       0,    0, 0,    0,    0, 1, 0, 0, 0,    0, 0, 0, 0, 0},
                                      frame))),
      Ethernet(0x0800, Udp(4789, Behind({8, 0, 0, 0, 0, 0, 7, 0}, frame))),
      Ethernet(0x0800, Udp(6081, Behind({1, 0, 0x65, 0x58, 0, 0, 7, 0, 0, 0, 0, 0}, frame))),
      Ethernet(0x0800,
               Udp(2152, Behind({0x34, 255, 0, 92, 0, 0, 0, 1, 0, 0, 0, 0x85, 1, 1, 1, 0}, four))),
      Ethernet(0x0800, Ip4(1, Behind({3, 1, 0, 0, 0, 0, 0, 0}, four))),
      Ethernet(0x86dd, Ip6(58, Behind({1, 0, 0, 0, 0, 0, 0, 0}, six))),
      Behind({0x88, 2, 0, 0, 2, 0, 0, 0, 0, 1,    2,    0, 0, 0, 0, 2, 2,
              0,    0, 0, 0, 3, 0, 0, 0, 0, 0xaa, 0xaa, 3, 0, 0, 0, 8, 0},
             four),
      Behind({0, 0, 9, 0, 2, 0, 0, 0, 0x30, 8, 1, 0, 0,    2,    0, 0, 0, 0, 1, 2, 0,
              0, 0, 0, 2, 2, 0, 0, 0, 0,    3, 0, 0, 0xaa, 0xaa, 3, 0, 0, 0, 8, 0},
             four),
      Behind({2, 0, 0, 0, 8, 0, 1, 0, 8, 0, 1, 0, 80, 0, 9, 0}, four)};
}

using Random = std::mt19937_64;

size_t Below(Random& random, size_t end) { return static_cast<size_t>(random() % end); }

void Mutate(Random& random, Bytes& bytes) {
  if (bytes.empty()) return;
  const size_t at = Below(random, bytes.size());
  switch (Below(random, 6)) {
    case 0:
      bytes[at] = static_cast<uint8_t>(random());
      return;
    case 1:
      bytes[at] = static_cast<uint8_t>(bytes[at] ^ 1u << Below(random, 8));
      return;
    case 2:
      bytes.resize(at);
      return;
    case 3: {
      const uint16_t door = kDoors[Below(random, std::size(kDoors))];
      bytes[at] = static_cast<uint8_t>(door >> 8);
      if (at + 1 < bytes.size()) bytes[at + 1] = static_cast<uint8_t>(door);
      return;
    }
    case 4:
      bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(at), 1 + Below(random, 8), 0);
      return;
    default:
      bytes.erase(bytes.begin() + static_cast<std::ptrdiff_t>(at));
  }
}

}  // namespace

int main(int count, char** words) {
  const uint64_t iterations = count > 1 ? std::strtoull(words[1], nullptr, 10) : 100000;
  Random random(count > 2 ? std::strtoull(words[2], nullptr, 10) : 1);
  const std::vector<Bytes> seeds = Seeds();
  uint64_t fates[static_cast<size_t>(Fate::kCount)] = {};
  for (uint64_t i = 0; i < iterations; ++i) {
    Bytes bytes = seeds[Below(random, seeds.size())];
    const uint16_t link_type = kLinkTypes[Below(random, std::size(kLinkTypes))];
    for (size_t left = Below(random, 6); left > 0; --left) Mutate(random, bytes);
    const auto cut = static_cast<uint32_t>(random() % 2 == 0 ? 0 : Below(random, 200));
    const uint16_t worn = random() % 3 == 0 ? link_type : 1;
    ++fates[static_cast<size_t>(DecodeOne(worn, cut, bytes.data(), bytes.size()))];
  }
  for (size_t i = 0; i < std::size(fates); ++i)
    std::printf("%s %llu\n", deadair::kFateNames[i], static_cast<unsigned long long>(fates[i]));
  std::printf("glanced %llu\nglanced-in-vxlan %llu\n", static_cast<unsigned long long>(glanced[0]),
              static_cast<unsigned long long>(glanced[1]));
  return 0;
}

#endif
