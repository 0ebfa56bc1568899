// Decompression on a thread of its own, one buffer ahead: the decompressor is the limit, and the
// analysis hides behind it. Memory is two buffers, whatever the archive holds.
#include <pthread.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <csignal>
#include <cstring>
#include <mutex>
#include <thread>
#include <vector>

#include "source/decoder.h"
#include "source/feed.h"

namespace deadair {
namespace {

constexpr size_t kChunkBytes = 1 << 20;
constexpr size_t kInputBytes = 256 << 10;
// A bomb (chosen): beyond a gigabyte out, nothing that was ever captured shrinks like this.
constexpr uint64_t kUnsuspicious = uint64_t{1} << 30;
constexpr uint64_t kMaxRatio = 2000;

struct Chunk {
  std::vector<uint8_t> bytes = std::vector<uint8_t>(kChunkBytes);
  size_t filled = 0;
  size_t taken = 0;
};

class AheadFeed final : public Feed {
 public:
  AheadFeed(Format format, std::unique_ptr<Feed> below, std::span<const uint8_t> head)
      : decoder_(MakeDecoder(format)),
        below_(std::move(below)),
        input_(std::max(kInputBytes, head.size())) {
    std::copy(head.begin(), head.end(), input_.begin());
    pending_ = {input_.data(), head.size()};
    bytes_read_ = below_->bytes_read();
    Start();
  }

  ~AheadFeed() override {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  Fed Read(std::span<uint8_t> into, size_t* got) override {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, std::chrono::milliseconds(kPatienceMs),
                           [this] { return made_ > used_ || ended_; }))
      return Fed::kNothingYet;
    if (made_ == used_) return problem_ ? Fed::kFailed : Fed::kEnd;
    Chunk& chunk = chunks_[used_ % chunks_.size()];
    lock.unlock();
    *got = std::min(into.size(), chunk.filled - chunk.taken);
    std::memcpy(into.data(), chunk.bytes.data() + chunk.taken, *got);
    chunk.taken += *got;
    if (chunk.taken == chunk.filled) GiveBack();
    return Fed::kBytes;
  }

  uint64_t bytes_read() const override { return bytes_read_; }
  const Problem& problem() const override { return problem_; }

 private:
  // Signals are the main thread's; one that arrived here would run its handler on a thread nobody
  // expects.
  void Start() {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    thread_ = std::thread([this] { Run(); });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }

  void GiveBack() {
    {
      const std::lock_guard lock(mutex_);
      ++used_;
    }
    changed_.notify_all();
  }

  void Run() {
    bool more = true;
    while (more) {
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return stop_ || made_ - used_ < chunks_.size(); });
        if (stop_) return;
      }
      Chunk& chunk = chunks_[made_ % chunks_.size()];
      more = Fill(&chunk);
      const std::lock_guard lock(mutex_);
      if (chunk.filled != 0) ++made_;
      ended_ = !more;
      changed_.notify_all();
    }
  }

  // Decompresses into the chunk until it is full, the input is silent, or all is over (false).
  bool Fill(Chunk* chunk) {
    chunk->taken = chunk->filled = 0;
    std::span<uint8_t> room(chunk->bytes);
    bool more = true, silent = false;
    while (more && !silent && !room.empty() && !stop_) {
      const size_t input_before = pending_.size(), room_before = room.size();
      more = Judge(decoder_->Step(&pending_, &room, input_over_));
      if (pending_.size() == input_before && room.size() == room_before && more)
        silent = !MoreInput();
    }
    chunk->filled = chunk->bytes.size() - room.size();
    made_bytes_ += chunk->filled;
    return more && !TooGood();
  }

  bool Judge(Decoded decoded) {
    switch (decoded) {
      case Decoded::kMore:
        return true;
      case Decoded::kEnd:
        return false;
      case Decoded::kCut:
        if (!problem_) problem_ = {"E_INPUT_TRUNCATED", "the compressed file ends in the middle"};
        return false;
      case Decoded::kBroken:
        problem_ = {"E_INPUT_COMPRESSION",
                    "the compressed data is damaged: " + decoder_->complaint()};
        return false;
    }
    return false;
  }

  // Appends to what the decoder left over. False when there is nothing for now.
  bool MoreInput() {
    std::copy(pending_.begin(), pending_.end(), input_.begin());
    size_t got = 0;
    const size_t kept = pending_.size();
    const Fed fed = below_->Read(std::span(input_).subspan(kept), &got);
    pending_ = {input_.data(), kept + got};
    bytes_read_ = below_->bytes_read();
    if (fed == Fed::kFailed) problem_ = below_->problem();
    if (fed == Fed::kFailed || fed == Fed::kEnd) input_over_ = true;
    return fed != Fed::kNothingYet;
  }

  bool TooGood() {
    if (made_bytes_ <= kUnsuspicious ||
        made_bytes_ / std::max<uint64_t>(bytes_read_, 1) <= kMaxRatio)
      return false;
    problem_ = {"E_INPUT_RATIO",
                "more than " + std::to_string(kMaxRatio) +
                    " bytes come out of each compressed one: a decompression bomb"};
    return true;
  }

  // The thread's own until it has ended.
  const std::unique_ptr<Decoder> decoder_;
  const std::unique_ptr<Feed> below_;
  std::vector<uint8_t> input_;
  std::span<const uint8_t> pending_;  // of input_, not decoded yet
  uint64_t made_bytes_ = 0;
  bool input_over_ = false;
  Problem problem_;  // written before ended_, read after it

  std::mutex mutex_;
  std::condition_variable changed_;
  std::array<Chunk, 2>
      chunks_;  // chunk n is the thread's while n >= made_, the reader's while used_ <= n < made_
  size_t made_ = 0;
  size_t used_ = 0;
  bool ended_ = false;
  std::atomic<bool> stop_ = false;
  std::atomic<uint64_t> bytes_read_ = 0;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<Feed> FeedAhead(Format format, std::unique_ptr<Feed> below,
                                std::span<const uint8_t> head) {
  return std::make_unique<AheadFeed>(format, std::move(below), head);
}

}  // namespace deadair
