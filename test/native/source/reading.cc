#include "reading.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "source/guard.h"
#include "source/stream.h"

namespace deadair::test {
namespace {

// Pieces of a length that walks through 1 … longest, every seventh answer a silence.
class PieceFeed final : public Feed {
 public:
  PieceFeed(std::span<const uint8_t> bytes, size_t longest) : bytes_(bytes), longest_(longest) {}

  Fed Read(std::span<uint8_t> into, size_t* got) override {
    if (++calls_ % 7 == 0) return Fed::kNothingYet;
    if (at_ == bytes_.size()) return Fed::kEnd;
    *got = std::min({into.size(), bytes_.size() - at_, 1 + calls_ * 37 % longest_});
    std::memcpy(into.data(), bytes_.data() + at_, *got);
    at_ += *got;
    return Fed::kBytes;
  }
  uint64_t bytes_read() const override { return at_; }
  const Problem& problem() const override { return none_; }

 private:
  const std::span<const uint8_t> bytes_;
  const size_t longest_;
  size_t at_ = 0;
  size_t calls_ = 0;
  const Problem none_;
};

constexpr int kMostSilences = 2'000'000;

}  // namespace

uint64_t Hash(std::span<const uint8_t> bytes) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const uint8_t byte : bytes) hash = (hash ^ byte) * 0x100000001b3;
  return hash;
}

Seen See(const Frame& frame) {
  return {frame.at_ns,        frame.number, Hash({frame.data, frame.captured}),
          frame.captured,     frame.wire,   frame.link_type,
          frame.capture_point};
}

Reading ReadAll(Source* source, size_t block) {
  Reading reading;
  std::vector<Frame> frames(block);
  int silences = 0;
  while (!source->ended()) {
    const bool whole = GuardMapped([&] {
      const size_t count = source->Next(frames);
      for (size_t i = 0; i < count; ++i) reading.frames.push_back(See(frames[i]));
      if (count == 0) ++silences;
    });
    Require(silences < kMostSilences, "a source gives frames or ends");
    (void)whole;  // a lost block ends in E_INPUT_SHRANK, which is what the caller looks at
  }
  reading.facts = source->facts();
  reading.points = source->capture_points();
  return reading;
}

MemoryFile::MemoryFile(std::span<const uint8_t> bytes) : fd_(memfd_create("capture", MFD_CLOEXEC)) {
  Require(fd_ >= 0 && write(fd_, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()),
          "an anonymous file can be made");
}
MemoryFile::~MemoryFile() { close(fd_); }
void MemoryFile::Cut(size_t bytes) const {
  Require(ftruncate(fd_, static_cast<off_t>(bytes)) == 0, "a file can be cut");
}
std::string MemoryFile::path() const { return "/proc/self/fd/" + std::to_string(fd_); }

namespace {
Reading ReadOpened(std::unique_ptr<Source> source, const Problem& problem) {
  if (source != nullptr) return ReadAll(source.get());
  Require(static_cast<bool>(problem), "what cannot be opened says why");
  Reading reading;
  reading.facts.problem = problem;
  return reading;
}

}  // namespace

Reading ReadPath(const std::string& path) {
  Problem problem;
  std::unique_ptr<Source> source = OpenSource(path, &problem);
  return ReadOpened(std::move(source), problem);
}

Reading ReadAsFile(std::span<const uint8_t> bytes) { return ReadPath(MemoryFile(bytes).path()); }

Reading ReadMapped(std::span<const uint8_t> bytes) {
  const Format format = FormatOf(bytes);
  if (bytes.empty() || format == Format::kGzip || format == Format::kZstd) return ReadAsFile(bytes);
  const MemoryFile file(bytes);
  Problem problem;
  Descriptor descriptor(open(file.path().c_str(), O_RDONLY | O_CLOEXEC));
  std::unique_ptr<Source> source =
      OpenMapped(std::move(descriptor), bytes.size(), "mapped", &problem);
  return ReadOpened(std::move(source), problem);
}

Reading ReadAsStream(std::span<const uint8_t> bytes, size_t longest_piece) {
  return ReadAll(OpenStream(std::make_unique<PieceFeed>(bytes, longest_piece), "piped", 0).get());
}

Bytes Load(const std::string& path) {
  Bytes bytes;
  std::FILE* const file = std::fopen(path.c_str(), "rb");
  Require(file != nullptr, path + " can be read");
  uint8_t piece[65536];
  for (size_t got; (got = std::fread(piece, 1, sizeof piece, file)) > 0;)
    bytes.insert(bytes.end(), piece, piece + got);
  std::fclose(file);
  return bytes;
}

void Require(bool holds, const std::string& claim) {
  if (holds) return;
  std::printf("FAILED: %s\n", claim.c_str());
  std::fflush(stdout);
  std::_Exit(1);
}

}  // namespace deadair::test
