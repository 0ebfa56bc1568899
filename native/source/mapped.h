// A capture of large frames in a regular file, read where the page cache holds it: no copy, only
// the headers' cache lines are touched. docs/decisions/0003-block-reads.md has the figures against
// block reads.
#pragma once
#include <memory>
#include <string>

#include "source/source.h"

namespace deadair {

// A file descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor();
  int get() const { return fd_; }

 private:
  int fd_;
};

// Null with a problem when the file is no capture. `bytes` is the file's size, not 0.
std::unique_ptr<Source> OpenMapped(Descriptor file, uint64_t bytes, const std::string& name,
                                   Problem* problem);

}  // namespace deadair
