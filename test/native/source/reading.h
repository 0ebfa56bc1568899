// What the tests of the readers share: a source read to its end as a list of plain values.
#pragma once
#include <cstdint>
#include <cstdio>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "source/feed.h"
#include "source/source.h"

namespace deadair::test {

using Bytes = std::vector<uint8_t>;

struct Seen {
  uint64_t at_ns;
  uint64_t number;
  uint64_t hash;
  uint32_t captured;
  uint32_t wire;
  uint16_t link_type;
  uint16_t capture_point;
  bool operator==(const Seen&) const = default;
};

struct Reading {
  std::vector<Seen> frames;
  SourceFacts facts;
  std::vector<CapturePoint> points;
};

// FNV-1a.
uint64_t Hash(std::span<const uint8_t> bytes);

Seen See(const Frame& frame);

// Every frame, in blocks of `block`. Ends the process when the source neither gives nor ends (a
// hang).
Reading ReadAll(Source* source, size_t block = 64);

// An anonymous file that OpenSource can be given by path.
class MemoryFile {
 public:
  explicit MemoryFile(std::span<const uint8_t> bytes);
  ~MemoryFile();
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  void Cut(size_t bytes) const;
  std::string path() const;

 private:
  int fd_;
};

// Through OpenSource, as a user would; what could not be opened has its problem in facts.
Reading ReadPath(const std::string& path);
Reading ReadAsFile(std::span<const uint8_t> bytes);
// With the mapped reader, whatever the size of the frames (of a compressed file: through
// OpenSource).
Reading ReadMapped(std::span<const uint8_t> bytes);
// Through the streaming reader, in pieces of 1 to `longest_piece` bytes with silences between them.
Reading ReadAsStream(std::span<const uint8_t> bytes, size_t longest_piece);

Bytes Load(const std::string& path);

// Prints and ends the process when `holds` is false.
void Require(bool holds, const std::string& claim);

}  // namespace deadair::test
