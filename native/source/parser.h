// The two capture formats, read out of a window of bytes: the whole file when it is mapped, a
// buffer when it streams.
//
// What is always true: a parser advances the window past whole records only, allocates nothing by
// what a header claims, and what it cannot read it counts (facts.bad_records) or stops at
// (facts.problem), never both.
#pragma once
#include <memory>
#include <span>
#include <string>

#include "source/points.h"
#include "source/source.h"

namespace deadair {

// The bytes at hand. `last`: nothing will come behind `end`.
struct Window {
  const uint8_t* cursor = nullptr;
  const uint8_t* end = nullptr;
  bool last = false;
  size_t left() const { return static_cast<size_t>(end - cursor); }
};

// What a source tells about itself; the reader owns it, the parser writes it.
struct Ledger {
  SourceFacts facts;
  PointTable points;
};

// A record may be this long (chosen; libpcap's own limit is 256 KiB for most link types,
// Wireshark's the same).
inline constexpr uint32_t kMaxRecordBytes = 256u << 20;
// A length beyond this that does not fit into the file is taken for nonsense, not for a cut
// (libpcap's MAXIMUM_SNAPLEN; INITIAL_MAX_BLOCKSIZE of its pcapng reader).
inline constexpr uint32_t kUsualFrameBytes = 262144;
inline constexpr uint32_t kUsualBlockBytes = 16u << 20;
// Times saturate here, so that differences of them are signed 64-bit numbers (the year 2262).
inline constexpr uint64_t kLastNs = INT64_MAX;

class Parser {
 public:
  explicit Parser(Ledger* ledger) : ledger_(*ledger) {}
  virtual ~Parser() = default;

  // Takes whole records from the window until `out` is full. Fewer than that: done(), or wanted()
  // bytes from the cursor on are needed for the next record (0: none, it only pauses for breath).
  virtual size_t Parse(Window* window, std::span<Frame> out) = 0;
  bool done() const { return done_; }
  size_t wanted() const { return wanted_; }
  uint64_t offset() const { return offset_; }  // of the cursor, in the decompressed file

 protected:
  void Finish();
  void Stop(const char* code, std::string what);
  void StopCut(uint64_t promised, uint64_t there);
  // Frame count and the span of time, once a block; `in_order`: its times are known to be.
  void Note(std::span<const Frame> frames, bool in_order = false);

  Ledger& ledger_;
  uint64_t offset_ = 0;
  size_t wanted_ = 1;
  bool done_ = false;
};

// Tells the format by the first bytes. Null with a problem: no capture (or one of less than its
// header). Null without: `wanted` bytes are needed to tell.
std::unique_ptr<Parser> MakeParser(Window* window, Ledger* ledger, Problem* problem,
                                   size_t* wanted);

}  // namespace deadair
