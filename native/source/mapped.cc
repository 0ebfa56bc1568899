#include "source/mapped.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "pages.h"
#include "source/guard.h"
#include "source/parser.h"

namespace deadair {
namespace {

// Pages are asked for and given back in steps of this (chosen: few calls, little resident).
constexpr size_t kStep = 8 << 20;

// The mapping, with a belt of resident pages around the cursor.
class Pages {
 public:
  Pages(const uint8_t* begin, size_t bytes) : begin_(begin), bytes_(bytes), region_(begin, bytes) {
    madvise(At(0), bytes_, MADV_SEQUENTIAL);
  }
  ~Pages() { munmap(At(0), bytes_); }
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;

  bool hit() const { return region_.hit(); }

  // Nothing before `cursor` will be touched soon: the pages ahead come, those behind go (out of
  // this process; the page cache keeps them). False when nothing moved.
  bool Follow(const uint8_t* cursor) {
    const size_t at = static_cast<size_t>(cursor - begin_);
    if (at < next_) return false;
    const size_t behind = at & ~(kStep - 1);
    if (behind > given_back_) {
      madvise(At(given_back_), behind - given_back_, MADV_DONTNEED);
      given_back_ = behind;
    }
    const size_t from = std::max(populated_, behind), until = std::min(bytes_, behind + 2 * kStep);
    if (until > from) madvise(At(from), until - from, MADV_POPULATE_READ);
    populated_ = until;
    next_ = behind + kStep;
    return true;
  }

 private:
  void* At(size_t offset) const { return const_cast<uint8_t*>(begin_ + offset); }

  const uint8_t* const begin_;
  const size_t bytes_;
  GuardedRegion region_;
  size_t given_back_ = 0;
  size_t populated_ = 0;
  size_t next_ = 0;  // the cursor position from which Follow has work
};

class MappedSource final : public Source {
 public:
  MappedSource(Descriptor file, const uint8_t* begin, size_t bytes, const std::string& name)
      : file_(std::move(file)), bytes_(bytes), pages_(begin, bytes) {
    window_ = {begin, begin + bytes, true};
    ledger_.facts.name = name;
    ledger_.facts.bytes_total = bytes;
  }

  bool Begin(Problem* problem) {
    size_t wanted = 0;
    const bool touched =
        GuardMapped([&] { parser_ = MakeParser(&window_, &ledger_, problem, &wanted); });
    if (!touched) *problem = {"E_INPUT_SHRANK", "it became shorter while it was opened"};
    return parser_ != nullptr;
  }

  size_t Next(std::span<Frame> out) override {
    if (ended_) return 0;
    if (pages_.hit() || (pages_.Follow(window_.cursor) && Shrank())) return Shrink();
    const size_t count = parser_->Parse(&window_, out);
    ledger_.facts.bytes_read = parser_->offset();
    if (count != 0 || !parser_->done()) return count;
    // A file cut within a page reads as zeros there, without a fault: whatever the end looks like,
    // ask the size.
    if (Shrank()) return Shrink();
    ended_ = true;
    return 0;
  }

  bool ended() const override { return ended_; }
  const SourceFacts& facts() const override { return ledger_.facts; }
  const std::vector<CapturePoint>& capture_points() const override { return ledger_.points.all(); }

 private:
  bool Shrank() const {
    struct stat now;
    return fstat(file_.get(), &now) == 0 && static_cast<uint64_t>(now.st_size) < bytes_;
  }

  size_t Shrink() {
    ended_ = true;
    ledger_.facts.complete = false;
    ledger_.facts.problem = {"E_INPUT_SHRANK", "the file became shorter while it was read",
                             parser_->offset(), ledger_.facts.frames};
    return 0;
  }

  const Descriptor file_;
  const uint64_t bytes_;
  Pages pages_;
  Window window_;
  Ledger ledger_;
  std::unique_ptr<Parser> parser_;
  bool ended_ = false;
};

}  // namespace

Descriptor::~Descriptor() {
  if (fd_ >= 0) close(fd_);
}

std::unique_ptr<Source> OpenMapped(Descriptor file, uint64_t bytes, const std::string& name,
                                   Problem* problem) {
  void* const at = mmap(nullptr, bytes, PROT_READ, MAP_PRIVATE, file.get(), 0);
  if (at == MAP_FAILED) {
    *problem = {"E_INPUT_IO", std::string("cannot be mapped: ") + std::strerror(errno)};
    return nullptr;
  }
  auto source =
      std::make_unique<MappedSource>(std::move(file), static_cast<const uint8_t*>(at), bytes, name);
  if (!source->Begin(problem)) return nullptr;
  return source;
}

}  // namespace deadair
