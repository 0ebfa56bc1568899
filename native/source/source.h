// A source of frames: a file, a stream, a live device. Plain C++.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "packet.h"

namespace deadair {

// Why a source ended early, or could not be opened. `code` is one of the E_ codes in
// docs/errors.md.
struct Problem {
  std::string code;       // empty: no problem
  std::string what;       // one sentence, without the file's name
  uint64_t at_byte = 0;   // offset in the (decompressed) file
  uint64_t at_frame = 0;  // frames of this source read before it
  explicit operator bool() const { return !code.empty(); }
};

// Where frames were captured: one a file for pcap; for pcapng one an interface, the same again in
// later sections.
struct CapturePoint {
  std::string name;  // if_name, else empty
  uint16_t link_type = 0;
  uint32_t snaplen = 0;  // 0 unlimited
  uint64_t ts_per_second = 1000000;
  uint32_t source = 0;            // index of the first source that brought it
  std::vector<uint32_t> sources;  // all of them, in order: the files of a rotation share a point
  uint32_t ordinal = 0;  // among those of the same name and link type in its section, from 0
};

struct SourceFacts {
  std::string name;  // as given by the user
  std::string
      format;  // "pcap", "pcapng", with ".gz"/".zst" behind it when compressed; "" unknown yet
  uint64_t bytes_total = 0;  // 0 unknown (stream)
  uint64_t bytes_read = 0;   // of the compressed or plain file
  uint64_t frames = 0;
  uint64_t dropped = 0;      // by the capturing program: ISB ifdrop/osdrop, epb_dropcount
  uint64_t bad_records = 0;  // caplen > snaplen or wire, unknown interface, …
  uint64_t first_at_ns = 0;
  uint64_t last_at_ns = 0;
  bool complete = false;  // read to a proper end
  Problem problem;
};

class Source {
 public:
  virtual ~Source() = default;
  // Fills up to out.size() frames. 0 means the end when ended() (see facts().complete and
  // .problem), else "nothing yet": a pipe was silent for 50 ms. The frames' bytes stay valid until
  // the next call. Never throws, never allocates by what a header claims. `capture_point` is an
  // index into capture_points() of this source and `number` counts from 1 in this source; the
  // timeline above makes both unique in the analysis.
  virtual size_t Next(std::span<Frame> out) = 0;
  // True once Next has given, or is sure to give, its last 0.
  virtual bool ended() const = 0;
  virtual const SourceFacts& facts() const = 0;
  // Grows while reading (pcapng interfaces appear anywhere).
  virtual const std::vector<CapturePoint>& capture_points() const = 0;
};

// Opens a path ("-" is stdin), telling by content: pcap, pcapng, gzip or zstd of either. A regular
// file is read in blocks, or mapped when it holds large frames; everything else is streamed.
// Returns null and fills `problem` when nothing can be read: E_INPUT_MISSING, E_INPUT_DENIED,
// E_INPUT_IS_DIRECTORY, E_INPUT_NOT_A_FILE (devices), E_INPUT_EMPTY, E_INPUT_FORMAT (neither pcap
// nor pcapng), E_INPUT_TRUNCATED (a capture of less than its header), E_INPUT_COMPRESSION,
// E_INPUT_IO. What a pipe holds is known only when its writer has spoken: there the same codes come
// as facts().problem with an empty facts().format. A FIFO without a writer opens and gives "nothing
// yet".
std::unique_ptr<Source> OpenSource(const std::string& path, Problem* problem);

}  // namespace deadair
