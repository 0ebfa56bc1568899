// The thread is the limit, and the analysis hides behind it. Memory is two buffers, whatever the
// source holds.
#include "source/ahead.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "source/decoder.h"
#include "source/thread.h"

namespace deadair {
namespace {

constexpr size_t kInputBytes = 256 << 10;
// A bomb (chosen): beyond a gigabyte out, nothing that was ever captured shrinks like this.
constexpr uint64_t kUnsuspicious = uint64_t{1} << 30;
constexpr uint64_t kMaxRatio = 2000;

// Where the bytes come from. All of it is the thread's until it has ended.
class Unpacker {
 public:
  Unpacker(Format format, std::unique_ptr<Feed> below, std::span<const uint8_t> head)
      : decoder_(MakeDecoder(format)),
        below_(std::move(below)),
        input_(std::max(kInputBytes, head.size())) {
    std::copy(head.begin(), head.end(), input_.begin());
    pending_ = {input_.data(), head.size()};
    bytes_read_ = below_->bytes_read();
  }

  // Writes from the front of `room` until it is full, nothing comes for now, or all is over
  // (false).
  bool Fill(std::span<uint8_t> room, const std::atomic<bool>& stop, size_t* filled) {
    const size_t all = room.size();
    bool more = true, silent = false;
    while (more && !silent && !room.empty() && !stop) {
      const size_t input_before = pending_.size(), room_before = room.size();
      more = Judge(decoder_->Step(&pending_, &room, input_over_));
      if (pending_.size() == input_before && room.size() == room_before && more)
        silent = !MoreInput();
    }
    *filled = all - room.size();
    made_bytes_ += *filled;
    return more && !TooGood();
  }

  uint64_t bytes_read() const { return bytes_read_; }
  const Problem& problem() const { return problem_; }

 private:
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

  const std::unique_ptr<Decoder> decoder_;
  const std::unique_ptr<Feed> below_;
  std::vector<uint8_t> input_;
  std::span<const uint8_t> pending_;  // of input_, not decoded yet
  uint64_t made_bytes_ = 0;
  bool input_over_ = false;
  uint64_t bytes_read_;
  Problem problem_;
};

struct Chunk {
  std::unique_ptr<uint8_t[]> memory{new uint8_t[kHeadroom + kLentBytes]};
  size_t filled = 0;
  uint64_t bytes_read = 0;  // of the source, once it was filled
  std::span<uint8_t> room() { return {memory.get() + kHeadroom, kLentBytes}; }
};

class TwoChunks final : public Ahead {
 public:
  // Where no thread can be had, who asks for bytes fills the buffer.
  TwoChunks(Format format, std::unique_ptr<Feed> below, std::span<const uint8_t> head)
      : unpacker_(format, std::move(below), head),
        bytes_read_(unpacker_.bytes_read()),
        thread_(StartThread("deadair-unpack", [this] { Run(); })) {}

  ~TwoChunks() override {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
  }

  Fed Next(std::span<uint8_t>* lent) override {
    std::unique_lock lock(mutex_);
    if (lent_) {
      lent_ = false;
      ++used_;
      changed_.notify_all();
    }
    if (thread_.joinable()) {
      changed_.wait_for(lock, std::chrono::milliseconds(kPatienceMs),
                        [this] { return made_ > used_ || ended_; });
    } else if (!ended_) {
      lock.unlock();
      FillOne();
      lock.lock();
    }
    if (made_ > used_) return Lend(&chunks_[used_ % chunks_.size()], lent);
    if (!ended_) return Fed::kNothingYet;
    bytes_read_ = unpacker_.bytes_read();
    return unpacker_.problem() ? Fed::kFailed : Fed::kEnd;
  }

  uint64_t bytes_read() const override { return bytes_read_; }
  const Problem& problem() const override { return unpacker_.problem(); }

 private:
  void Run() {
    for (bool more = true; more;) {
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return stop_ || made_ - used_ < chunks_.size(); });
        if (stop_) return;
      }
      more = FillOne();
    }
  }

  // False: it was the last.
  bool FillOne() {
    Chunk& chunk = chunks_[made_ % chunks_.size()];
    chunk.filled = 0;
    const bool more = unpacker_.Fill(chunk.room(), stop_, &chunk.filled);
    chunk.bytes_read = unpacker_.bytes_read();
    const std::lock_guard lock(mutex_);
    if (chunk.filled != 0) ++made_;
    ended_ = !more;
    changed_.notify_all();
    return more;
  }

  Fed Lend(Chunk* chunk, std::span<uint8_t>* lent) {
    *lent = chunk->room().first(chunk->filled);
    lent_ = true;
    bytes_read_ = chunk->bytes_read;
    return Fed::kBytes;
  }

  Unpacker unpacker_;
  std::mutex mutex_;
  std::condition_variable changed_;
  // Chunk n is the thread's while n >= made_, the reader's while used_ <= n < made_.
  std::array<Chunk, 2> chunks_;
  size_t made_ = 0;
  size_t used_ = 0;
  bool lent_ = false;    // the reader has chunk used_ in hand
  uint64_t bytes_read_;  // the reader's: what the thread read ahead is not read yet
  bool ended_ = false;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<Ahead> UnpackAhead(Format format, std::unique_ptr<Feed> below,
                                   std::span<const uint8_t> head) {
  return std::make_unique<TwoChunks>(format, std::move(below), head);
}

}  // namespace deadair
