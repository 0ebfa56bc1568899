// What a decompressor gives, made ready by a thread of its own one buffer before it is asked for.
#pragma once
#include <cstdint>
#include <memory>
#include <span>

#include "source/feed.h"

namespace deadair {

// Chosen: the longest packet that anybody captures whole (libpcap's MAXIMUM_SNAPLEN).
inline constexpr size_t kHeadroom = 256 << 10;

// What is lent at once, at most.
inline constexpr size_t kLentBytes = 1 << 20;

class Ahead {
 public:
  virtual ~Ahead() = default;
  // kBytes: `lent` (not empty) is ours and stays as it is until the next call. The kHeadroom bytes
  // before it are the caller's to write, and never the thread's, so that the rest of the last
  // buffer fits in front.
  virtual Fed Next(std::span<uint8_t>* lent) = 0;
  // Of the file or pipe, compressed as it is, up to the end of what was lent.
  virtual uint64_t bytes_read() const = 0;
  virtual const Problem& problem() const = 0;  // after kEnd or kFailed
};

// Decompresses `below`, of which `head` was read already.
std::unique_ptr<Ahead> UnpackAhead(Format format, std::unique_ptr<Feed> below,
                                   std::span<const uint8_t> head);

}  // namespace deadair
