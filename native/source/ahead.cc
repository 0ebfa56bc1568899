// The thread is the limit where it decompresses, and the analysis hides behind it; where it only
// reads, it hides behind the analysis. Memory is two buffers, whatever the source holds.
#include "source/ahead.h"

#include <pthread.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "source/decoder.h"

namespace deadair {
namespace {

constexpr size_t kChunkBytes = 1 << 20;
constexpr size_t kInputBytes = 256 << 10;
// A bomb (chosen): beyond a gigabyte out, nothing that was ever captured shrinks like this.
constexpr uint64_t kUnsuspicious = uint64_t{1} << 30;
constexpr uint64_t kMaxRatio = 2000;

// Where the bytes come from. All of it is the thread's until it has ended.
class Filler {
 public:
  virtual ~Filler() = default;
  // Writes from the front of `room` until it is full, nothing comes for now, or all is over
  // (false).
  virtual bool Fill(std::span<uint8_t> room, const std::atomic<bool>& stop, size_t* filled) = 0;

  uint64_t bytes_read = 0;
  Problem problem;
};

class Reader final : public Filler {
 public:
  explicit Reader(std::unique_ptr<Feed> feed) : feed_(std::move(feed)) {
    bytes_read = feed_->bytes_read();
  }

  bool Fill(std::span<uint8_t> room, const std::atomic<bool>&, size_t* filled) override {
    const Fed fed = feed_->Read(room, filled);
    bytes_read = feed_->bytes_read();
    if (fed == Fed::kFailed) problem = feed_->problem();
    return fed == Fed::kBytes || fed == Fed::kNothingYet;
  }

 private:
  const std::unique_ptr<Feed> feed_;
};

class Unpacker final : public Filler {
 public:
  Unpacker(Format format, std::unique_ptr<Feed> below, std::span<const uint8_t> head)
      : decoder_(MakeDecoder(format)),
        below_(std::move(below)),
        input_(std::max(kInputBytes, head.size())) {
    std::copy(head.begin(), head.end(), input_.begin());
    pending_ = {input_.data(), head.size()};
    bytes_read = below_->bytes_read();
  }

  bool Fill(std::span<uint8_t> room, const std::atomic<bool>& stop, size_t* filled) override {
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

 private:
  bool Judge(Decoded decoded) {
    switch (decoded) {
      case Decoded::kMore:
        return true;
      case Decoded::kEnd:
        return false;
      case Decoded::kCut:
        if (!problem) problem = {"E_INPUT_TRUNCATED", "the compressed file ends in the middle"};
        return false;
      case Decoded::kBroken:
        problem = {"E_INPUT_COMPRESSION",
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
    bytes_read = below_->bytes_read();
    if (fed == Fed::kFailed) problem = below_->problem();
    if (fed == Fed::kFailed || fed == Fed::kEnd) input_over_ = true;
    return fed != Fed::kNothingYet;
  }

  bool TooGood() {
    if (made_bytes_ <= kUnsuspicious ||
        made_bytes_ / std::max<uint64_t>(bytes_read, 1) <= kMaxRatio)
      return false;
    problem = {"E_INPUT_RATIO", "more than " + std::to_string(kMaxRatio) +
                                    " bytes come out of each compressed one: a decompression bomb"};
    return true;
  }

  const std::unique_ptr<Decoder> decoder_;
  const std::unique_ptr<Feed> below_;
  std::vector<uint8_t> input_;
  std::span<const uint8_t> pending_;  // of input_, not decoded yet
  uint64_t made_bytes_ = 0;
  bool input_over_ = false;
};

struct Chunk {
  std::unique_ptr<uint8_t[]> memory{new uint8_t[kHeadroom + kChunkBytes]};
  size_t filled = 0;
  uint64_t bytes_read = 0;  // of the source, once it was filled
  std::span<uint8_t> room() { return {memory.get() + kHeadroom, kChunkBytes}; }
};

class TwoChunks final : public Ahead {
 public:
  explicit TwoChunks(std::unique_ptr<Filler> filler) : filler_(std::move(filler)) {
    bytes_read_ = filler_->bytes_read;
    Start();
  }

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
    bytes_read_ = filler_->bytes_read;
    return filler_->problem ? Fed::kFailed : Fed::kEnd;
  }

  uint64_t bytes_read() const override { return bytes_read_; }
  const Problem& problem() const override { return filler_->problem; }

 private:
  // Signals are the main thread's; one that arrived here would run its handler on a thread nobody
  // expects. Where no thread can be had, who asks for bytes fills the buffer.
  void Start() {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    try {
      thread_ = std::thread([this] { Run(); });
      pthread_setname_np(thread_.native_handle(), "deadair-ahead");
    } catch (const std::system_error&) {
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }

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
    const bool more = filler_->Fill(chunk.room(), stop_, &chunk.filled);
    chunk.bytes_read = filler_->bytes_read;
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

  const std::unique_ptr<Filler> filler_;
  std::mutex mutex_;
  std::condition_variable changed_;
  // Chunk n is the thread's while n >= made_, the reader's while used_ <= n < made_.
  std::array<Chunk, 2> chunks_;
  size_t made_ = 0;
  size_t used_ = 0;
  bool lent_ = false;        // the reader has chunk used_ in hand
  uint64_t bytes_read_ = 0;  // the reader's: what the thread read ahead is not read yet
  bool ended_ = false;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<Ahead> ReadAhead(std::unique_ptr<Feed> feed) {
  return std::make_unique<TwoChunks>(std::make_unique<Reader>(std::move(feed)));
}

std::unique_ptr<Ahead> UnpackAhead(Format format, std::unique_ptr<Feed> below,
                                   std::span<const uint8_t> head) {
  return std::make_unique<TwoChunks>(std::make_unique<Unpacker>(format, std::move(below), head));
}

}  // namespace deadair
