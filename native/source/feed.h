// Bytes for the streaming reader, from a descriptor as they are.
#pragma once
#include <cstdint>
#include <memory>
#include <span>

#include "source/mapped.h"
#include "source/sniff.h"

namespace deadair {

enum class Fed : uint8_t {
  kBytes,
  kNothingYet,  // waited kPatienceMs
  kEnd,
  kFailed,  // problem() says why; what came before is good
};

// No native call may last: a silent pipe is left after this and asked again (chosen, below the 100
// ms of a call).
inline constexpr int kPatienceMs = 50;

class Feed {
 public:
  virtual ~Feed() = default;
  // kBytes: `got` (not 0) bytes were written to the front of `into`.
  virtual Fed Read(std::span<uint8_t> into, size_t* got) = 0;
  virtual uint64_t bytes_read() const = 0;  // of the file or pipe, compressed as it is
  virtual const Problem& problem() const = 0;
};

// A pipe, a socket, or a file that somebody else began to read.
std::unique_ptr<Feed> FeedFromDescriptor(Descriptor descriptor);

// A regular file of this size. What is appended later is not read (two shards would see two files);
// what is cut off is E_INPUT_SHRANK.
std::unique_ptr<Feed> FeedFromFile(Descriptor file, uint64_t bytes);

}  // namespace deadair
