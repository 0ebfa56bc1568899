// A second pass: every frame of the connections that somebody wants to see, in the order of the
// time line.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "flow/key.h"
#include "source/filter.h"
#include "source/timeline.h"

namespace deadair {

// A tuple as seen, matched in both directions, at any capture point and in any tunnel.
struct CarverTuple {
  uint8_t address[2][16];
  uint16_t port[2];
  uint8_t ip_version;
};

// The hash by which a tuple is looked for wherever it was seen, and whether a packet is of it.
uint64_t PlainHash(Packet p);
Packet PacketOf(const CarverTuple& tuple);
bool IsTuple(const CarverTuple& tuple, const Packet& p);

struct CarvedFrame {
  uint32_t tuple;
  uint64_t at_ns;
  uint64_t number;
  uint16_t link_type;
  uint16_t capture_point;
  uint32_t wire;
  uint16_t ip_offset;
  uint32_t payload;
  std::vector<uint8_t> bytes;
};

class Carver {
 public:
  static std::unique_ptr<Carver> Open(const std::vector<std::string>& paths,
                                      const std::string& filter,
                                      const std::vector<CarverTuple>& tuples, Problem* problem,
                                      std::string* culprit);
  // Adds what it finds in at most this time or 16 MiB; true when nothing is left to read.
  bool Run(uint32_t milliseconds, std::vector<CarvedFrame>* out);

 private:
  Carver(std::unique_ptr<Timeline> timeline, const std::string& filter,
         const std::vector<CarverTuple>& tuples);
  void Take(const Frame& frame, std::vector<CarvedFrame>* out);

  std::unique_ptr<Timeline> timeline_;
  std::unique_ptr<Filter> filter_;
  std::vector<CarverTuple> tuples_;
  std::unordered_multimap<uint64_t, uint32_t> by_hash_;
  size_t bytes_in_hand_ = 0;
};

}  // namespace deadair
