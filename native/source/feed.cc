#include "source/feed.h"

#include <poll.h>
#include <unistd.h>

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
    problem_ = {"E_INPUT_IO", std::string("cannot be read on: ") + std::strerror(errno)};
    return Fed::kFailed;
  }

  const Descriptor descriptor_;
  uint64_t bytes_read_ = 0;
  Problem problem_;
};

}  // namespace

std::unique_ptr<Feed> FeedFromDescriptor(Descriptor descriptor) {
  return std::make_unique<DescriptorFeed>(std::move(descriptor));
}

}  // namespace deadair
