// How fast frames decode: blocks of 64 frames that stay in the second-level cache, so that what is
// measured is decoding and not the memory. By hand:
//   g++ -std=c++20 -O3 -Inative bench/native/decode_bench.cc native/decode/*.cc -o
//   /tmp/decode_bench && /tmp/decode_bench
#include <chrono>
#include <cstdio>
#include <cstring>
#include <vector>

#include "decode/decode.h"

namespace {

using deadair::Decode, deadair::Fate, deadair::Frame, deadair::Packet;

constexpr size_t kBlock = 64, kFrames = 16 * kBlock, kSlot = 96;

// An acknowledgement with timestamps (66 bytes); wrapped in one VLAN tag it is 70.
constexpr uint8_t kAck[] = {2,    0,  0,  0,  0,    1,    2,    0,    0,    0,    0, 2, 8,  0,
                            0x45, 0,  0,  52, 0x12, 0x34, 0x40, 0,    64,   6,    0, 0, 10, 0,
                            0,    1,  10, 0,  0,    2,    0xc3, 0x50, 0x69, 0x89, 1, 2, 3,  4,
                            5,    6,  7,  8,  0x80, 0x10, 0x01, 0xf5, 0,    0,    0, 0, 1,  1,
                            8,    10, 0,  0,  0,    1,    0,    0,    0,    2};

struct Stream {
  std::vector<uint8_t> bytes = std::vector<uint8_t>(kFrames * kSlot);
  std::vector<Frame> frames;
};

// Tag 0 is none; IP options, when asked for, send every frame the long way.
Stream Make(uint16_t tag, bool walks) {
  Stream stream;
  for (size_t i = 0; i < kFrames; ++i) {
    uint8_t* at = stream.bytes.data() + i * kSlot;
    const uint32_t shift = tag ? 4 : 0;
    std::memcpy(at, kAck, 12);
    const uint8_t vlan[] = {0x81, 0, static_cast<uint8_t>(tag >> 8), static_cast<uint8_t>(tag)};
    std::memcpy(at + 12, vlan, shift);
    std::memcpy(at + 12 + shift, kAck + 12, sizeof kAck - 12);
    at[14 + shift + 15] = static_cast<uint8_t>(i);
    at[14 + shift + 23] = static_cast<uint8_t>(i >> 8);
    if (walks) at[14 + shift + 6] |= 0x20;
    const auto length = static_cast<uint32_t>(sizeof kAck + shift);
    stream.frames.push_back({at, i, i, length, length, 1, 0});
  }
  return stream;
}

void Measure(const char* name, const Stream& stream) {
  constexpr int kRounds = 30000;
  Packet packets[kBlock];
  uint64_t check = 0;
  const auto start = std::chrono::steady_clock::now();
  for (int round = 0; round < kRounds; ++round)
    for (size_t block = 0; block < kFrames; block += kBlock) {
      for (size_t i = 0; i < kBlock; ++i)
        check += Decode(stream.frames[block + i], &packets[i]) == Fate::kTcp;
      check += packets[round % kBlock].hash & 1;
    }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  std::printf("%-24s %6.1f million decodes/s (check %llu)\n", name,
              kRounds * kFrames / took.count() / 1e6, static_cast<unsigned long long>(check));
}

}  // namespace

int main() {
  Measure("Ethernet, IPv4, TCP", Make(0, false));
  Measure("one VLAN tag", Make(7, false));
  Measure("the long way", Make(0, true));
}
