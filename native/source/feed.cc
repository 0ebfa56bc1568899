#include "source/feed.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace deadair {
namespace {

class DescriptorFeed final : public Feed {
 public:
  explicit DescriptorFeed(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}

  Fed Read(std::span<uint8_t> into, size_t* got) override {
    pollfd ready = {descriptor_.get(), POLLIN, 0};
    const int answer = poll(&ready, 1, kPatienceMs);
    if (answer == 0 || (answer < 0 && errno == EINTR)) return Fed::kNothingYet;
    const ssize_t bytes = read(descriptor_.get(), into.data(), into.size());
    if (bytes == 0) return Fed::kEnd;
    if (bytes < 0) return errno == EINTR || errno == EAGAIN ? Fed::kNothingYet : Fail();
    bytes_read_ += static_cast<uint64_t>(bytes);
    *got = static_cast<size_t>(bytes);
    return Fed::kBytes;
  }

  uint64_t bytes_read() const override { return bytes_read_; }
  const Problem& problem() const override { return problem_; }

 private:
  Fed Fail() {
    problem_ = {"E_INPUT_IO", std::string("it cannot be read on: ") + std::strerror(errno)};
    return Fed::kFailed;
  }

  const Descriptor descriptor_;
  uint64_t bytes_read_ = 0;
  Problem problem_;
};

class FileFeed final : public Feed {
 public:
  FileFeed(Descriptor file, uint64_t bytes) : file_(std::move(file)), bytes_(bytes) {
    posix_fadvise(file_.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
  }

  Fed Read(std::span<uint8_t> into, size_t* got) override {
    const size_t most = static_cast<size_t>(std::min<uint64_t>(into.size(), bytes_ - at_));
    if (most == 0) return Fed::kEnd;
    const ssize_t bytes = pread(file_.get(), into.data(), most, static_cast<off_t>(at_));
    if (bytes < 0 && errno == EINTR) return Fed::kNothingYet;
    if (bytes < 0)
      return Fail("E_INPUT_IO", std::string("it cannot be read on: ") + std::strerror(errno));
    if (bytes == 0) return Fail("E_INPUT_SHRANK", "the file became shorter while it was read");
    at_ += static_cast<uint64_t>(bytes);
    *got = static_cast<size_t>(bytes);
    return Fed::kBytes;
  }

  uint64_t bytes_read() const override { return at_; }
  const Problem& problem() const override { return problem_; }

 private:
  Fed Fail(const char* code, std::string what) {
    problem_ = {code, std::move(what)};
    return Fed::kFailed;
  }

  const Descriptor file_;
  const uint64_t bytes_;
  uint64_t at_ = 0;
  Problem problem_;
};

}  // namespace

std::unique_ptr<Feed> FeedFromFile(Descriptor file, uint64_t bytes) {
  return std::make_unique<FileFeed>(std::move(file), bytes);
}

std::unique_ptr<Feed> FeedFromDescriptor(Descriptor descriptor) {
  return std::make_unique<DescriptorFeed>(std::move(descriptor));
}

}  // namespace deadair
