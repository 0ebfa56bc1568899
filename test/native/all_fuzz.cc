// The whole plain C++ in one fuzz entry: any bytes are read as a capture, decoded and tracked. With
// clang it links against libFuzzer; everywhere else main() below is the driver:
//
//   all_fuzz CORPUS             inputs one behind the other, each after its length (32 bits,
//   little-endian) all_fuzz --files FILE...    one input a file
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "flow/intake.h"
#include "source/timeline.h"

namespace {

constexpr size_t kBlock = deadair::Tracker::kBlock;

// A file without a name: the mapped reader wants one that it can open.
class MemoryFile {
 public:
  MemoryFile(const uint8_t* data, size_t size) : fd_(memfd_create("fuzz", MFD_CLOEXEC)) {
    if (fd_ < 0 || write(fd_, data, size) != static_cast<ssize_t>(size)) std::abort();
  }
  ~MemoryFile() { close(fd_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); }

 private:
  int fd_;
};

// Each frame is copied into a buffer of exactly its size: in a mapped page nobody would see a byte
// too many.
class ExactCopies {
 public:
  const uint8_t* Of(const deadair::Frame& frame) {
    copies_.push_back(std::make_unique<uint8_t[]>(frame.captured));
    std::memcpy(copies_.back().get(), frame.data, frame.captured);
    return copies_.back().get();
  }

 private:
  std::vector<std::unique_ptr<uint8_t[]>> copies_;
};

void Track(deadair::Timeline* timeline, deadair::Intake* intake) {
  std::array<deadair::Frame, kBlock> frames;
  while (const size_t count = timeline->Next(frames)) {
    ExactCopies copies;
    for (deadair::Frame& frame : std::span(frames.data(), count)) frame.data = copies.Of(frame);
    intake->Take(std::span<const deadair::Frame>(frames.data(), count));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const MemoryFile file(data, size);
  deadair::Problem problem;
  std::string culprit;
  const auto timeline = deadair::Timeline::Open({file.path()}, &problem, &culprit);
  if (timeline == nullptr) return problem ? 0 : -1;
  deadair::TrackerOptions options;
  options.shortest_ns = 1000000000;
  options.max_flows = 6400;
  const auto intake = std::make_unique<deadair::Intake>(options, "", timeline->sources());
  if (!intake->tracker().ok()) std::abort();
  Track(timeline.get(), intake.get());
  intake->tracker().Finish();
  return 0;
}

#ifndef DEADAIR_LIBFUZZER
namespace {

using Bytes = std::vector<uint8_t>;

// A buffer of exactly the input's size, so that one byte too many is seen.
void RunOne(const Bytes& bytes) {
  const auto copy = std::make_unique<uint8_t[]>(bytes.size());
  std::memcpy(copy.get(), bytes.data(), bytes.size());
  if (LLVMFuzzerTestOneInput(copy.get(), bytes.size()) != 0) std::abort();
}

Bytes ReadAll(std::ifstream* in) {
  return Bytes(std::istreambuf_iterator<char>(*in), std::istreambuf_iterator<char>());
}

size_t RunCorpus(const char* path) {
  std::ifstream in(path, std::ios::binary);
  size_t inputs = 0;
  uint32_t length;
  while (in.read(reinterpret_cast<char*>(&length), sizeof length)) {
    Bytes bytes(length);
    in.read(reinterpret_cast<char*>(bytes.data()), length);
    RunOne(bytes);
    inputs++;
  }
  return inputs;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  size_t inputs = 0;
  if (std::strcmp(argv[1], "--files") != 0) {
    inputs = RunCorpus(argv[1]);
  } else {
    for (int i = 2; i < argc; i++, inputs++) {
      std::ifstream in(argv[i], std::ios::binary);
      RunOne(ReadAll(&in));
    }
  }
  std::printf("%zu inputs\n", inputs);
  return 0;
}
#endif
