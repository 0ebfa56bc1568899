#include "source/stream.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "pages.h"
#include "source/ahead.h"
#include "source/parser.h"

namespace deadair {
namespace {

constexpr size_t kBufferBytes = 1 << 18;  // grows for a longer record, as its bytes really arrive
constexpr int kRefillsACall =
    64;  // so that a stream of blocks without packets lets its caller breathe

class StreamSource final : public Source {
 public:
  StreamSource(std::unique_ptr<Feed> feed, const std::string& name, uint64_t bytes_total)
      : feed_(std::move(feed)), buffer_(new uint8_t[kBufferBytes]), capacity_(kBufferBytes) {
    // 0: nobody knows.
    Populate(buffer_.get(), bytes_total == 0 ? capacity_ : std::min(bytes_total, capacity_));
    window_.cursor = window_.end = buffer_.get();
    ledger_.facts.name = name;
    ledger_.facts.bytes_total = bytes_total;
  }

  // Until the first bytes told what it is.
  bool Begin() {
    while (!ended_ && parser_ == nullptr)
      if (Refill()) Recognise();
    return parser_ != nullptr;
  }

  size_t Next(std::span<Frame> out) override {
    for (int refills = 0; !ended_ && refills < kRefillsACall; ++refills) {
      if (parser_ != nullptr) {
        const size_t count = parser_->Parse(&window_, out);
        if (count != 0) return count;
        if (parser_->done()) End();
        if (ended_ || parser_->wanted() == 0) return 0;
      }
      if (!Refill()) return 0;
      if (parser_ == nullptr) Recognise();
    }
    return 0;
  }

  bool ended() const override { return ended_; }
  const SourceFacts& facts() const override { return ledger_.facts; }
  const std::vector<CapturePoint>& capture_points() const override { return ledger_.points.all(); }

 private:
  // More bytes behind those at hand, or the knowledge that none will come. False: nothing yet.
  bool Refill() {
    const Fed fed = ahead_ != nullptr ? Borrow() : Read();
    window_.last = fed == Fed::kEnd || fed == Fed::kFailed;
    ledger_.facts.bytes_read = ahead_ != nullptr ? ahead_->bytes_read() : feed_->bytes_read();
    return fed != Fed::kNothingYet;
  }

  Fed Read() {
    const size_t left = Gather(kBufferBytes / 2);
    size_t got = 0;
    const Fed fed = feed_->Read({buffer_.get() + left, capacity_ - left}, &got);
    window_.end += got;
    return fed;
  }

  // The window moves into the next buffer that is lent, what is left of it before its front. A
  // record that is longer than that room is put together in our own buffer, where each byte is
  // copied once however long it is.
  Fed Borrow() {
    const size_t left = window_.left();
    const bool is_long = left > kHeadroom;
    if (is_long)
      Gather(kLentBytes);
    else
      SetAside();
    std::span<uint8_t> lent;
    const Fed fed = ahead_->Next(&lent);
    if (fed != Fed::kBytes) return fed;
    if (is_long) {
      std::copy(lent.begin(), lent.end(), buffer_.get() + left);
      window_.end += lent.size();
    } else {
      std::copy(rest_.begin(), rest_.end(), lent.data() - left);
      window_ = {lent.data() - left, lent.data() + lent.size(), false};
    }
    return fed;
  }

  // What is left of a buffer that is about to be given back.
  void SetAside() {
    rest_ = std::vector<uint8_t>(window_.cursor, window_.end);
    window_ = {rest_.data(), rest_.data() + rest_.size(), false};
  }

  // Brings what is left, which may be more than our buffer holds, to its front, with room for
  // `more` bytes behind it (a record has at most kMaxRecordBytes: the parser stops at a longer
  // one). → how much is left
  size_t Gather(size_t more) {
    const size_t left = window_.left();
    if (capacity_ >= left + more) {
      if (window_.cursor != buffer_.get()) std::memmove(buffer_.get(), window_.cursor, left);
    } else {
      while (capacity_ < left + more) capacity_ *= 2;
      std::unique_ptr<uint8_t[]> wider(new uint8_t[capacity_]);
      std::memcpy(wider.get(), window_.cursor, left);
      buffer_ = std::move(wider);
    }
    window_.cursor = buffer_.get();
    window_.end = window_.cursor + left;
    return left;
  }

  void Recognise() {
    const std::span<const uint8_t> head(window_.cursor, window_.left());
    const Format format = FormatOf(head);
    if (suffix_ == nullptr && (format == Format::kGzip || format == Format::kZstd))
      return Unpack(format);
    Problem problem;
    size_t wanted = 0;
    parser_ = MakeParser(&window_, &ledger_, &problem, &wanted);
    if (parser_ != nullptr && suffix_ != nullptr) ledger_.facts.format += suffix_;
    if (parser_ != nullptr || !problem) return;
    if (suffix_ != nullptr) problem.what = std::string("compressed, and inside: ") + problem.what;
    ledger_.facts.problem = window_.last && complaint() ? complaint() : problem;
    ended_ = true;
  }

  void Unpack(Format format) {
    ahead_ = UnpackAhead(format, std::move(feed_), {window_.cursor, window_.left()});
    suffix_ = format == Format::kGzip ? ".gz" : ".zst";
    window_ = {buffer_.get(), buffer_.get(), false};
  }

  // What the feed complains of is the cause of what the parser saw.
  void End() {
    ended_ = true;
    if (!window_.last || !complaint()) return;
    ledger_.facts.complete = false;
    ledger_.facts.problem = complaint();
    ledger_.facts.problem.at_byte = parser_->offset();
    ledger_.facts.problem.at_frame = ledger_.facts.frames;
  }

  // Of the feed, when the window says that nothing more comes.
  const Problem& complaint() const {
    return ahead_ != nullptr ? ahead_->problem() : feed_->problem();
  }

  std::unique_ptr<Feed> feed_;
  std::unique_ptr<Ahead> ahead_;  // of an archive; then it has the feed
  std::unique_ptr<uint8_t[]> buffer_;
  size_t capacity_;
  std::vector<uint8_t> rest_;  // what was left when the last buffer was given back
  Window window_;  // into buffer_; with ahead_ into the buffer that is lent, else into rest_
  Ledger ledger_;
  std::unique_ptr<Parser> parser_;
  const char* suffix_ = nullptr;  // of a compressed stream
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<Source> OpenStream(std::unique_ptr<Feed> feed, const std::string& name,
                                   uint64_t bytes_total) {
  return std::make_unique<StreamSource>(std::move(feed), name, bytes_total);
}

std::unique_ptr<Source> OpenStreamedFile(std::unique_ptr<Feed> feed, const std::string& name,
                                         uint64_t bytes_total, Problem* problem) {
  auto source = std::make_unique<StreamSource>(std::move(feed), name, bytes_total);
  if (source->Begin()) return source;
  *problem = source->facts().problem;
  return nullptr;
}

}  // namespace deadair
