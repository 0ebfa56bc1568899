// What a path or stdin is, and who reads it.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "pages.h"
#include "source/mapped.h"
#include "source/parser.h"
#include "source/source.h"
#include "source/stream.h"

namespace deadair {
namespace {

std::unique_ptr<Source> Refuse(Problem* problem, const char* code, std::string what) {
  *problem = {code, std::move(what)};
  return nullptr;
}

std::unique_ptr<Source> RefuseByErrno(Problem* problem, int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return Refuse(problem, "E_INPUT_MISSING", "there is no such file");
    case EACCES:
    case EPERM:
      return Refuse(problem, "E_INPUT_DENIED", "it may not be read");
    case ENXIO:
    case ENODEV:
      return Refuse(problem, "E_INPUT_NOT_A_FILE", "it is a socket or a device, not a file");
    default:
      return Refuse(problem, "E_INPUT_IO", std::strerror(error));
  }
}

// From this mean length of a record on, a mapping beats block reads
// (docs/decisions/0003-block-reads.md): most of what a read would copy is never looked at.
constexpr int64_t kLargeRecord = 4096;
constexpr size_t kSampleBytes = 256 << 10;

// 0: the beginning does not tell. Of a first record that is longer than it, at least that.
uint64_t MeanRecord(std::span<const uint8_t> sample) {
  Window window = {sample.data(), sample.data() + sample.size(), false};
  Ledger ledger;
  Problem problem;
  size_t wanted = 0;
  const std::unique_ptr<Parser> parser = MakeParser(&window, &ledger, &problem, &wanted);
  if (parser == nullptr) return 0;
  Frame frames[64];
  while (parser->Parse(&window, frames) != 0 && !parser->done()) continue;
  return ledger.facts.frames == 0 ? kSampleBytes : parser->offset() / ledger.facts.frames;
}

// The same of a file, 0 also where it is shorter than a sample; -1 with errno.
int64_t MeanRecordOf(const Descriptor& file, uint64_t bytes) {
  if (bytes < kSampleBytes) return 0;
  const auto sample = std::make_unique_for_overwrite<uint8_t[]>(kSampleBytes);
  Populate(sample.get(), kSampleBytes);
  const ssize_t got = pread(file.get(), sample.get(), kSampleBytes, 0);
  if (got < 0) return -1;
  if (static_cast<size_t>(got) < kSampleBytes) return 0;  // it became shorter just now
  return static_cast<int64_t>(MeanRecord({sample.get(), kSampleBytes}));
}

// A regular file from its beginning: in blocks, or mapped when its frames are large.
std::unique_ptr<Source> OpenRegular(Descriptor file, uint64_t bytes, const std::string& name,
                                    Problem* problem) {
  if (bytes == 0) return Refuse(problem, "E_INPUT_EMPTY", "nothing is in it");
  const int64_t record = MeanRecordOf(file, bytes);
  if (record < 0) return RefuseByErrno(problem, errno);
  if (record >= kLargeRecord) return OpenMapped(std::move(file), bytes, name, problem);
  return OpenStreamedFile(FeedFromFile(std::move(file), bytes), name, bytes, problem);
}

std::unique_ptr<Source> OpenDescriptor(Descriptor descriptor, const std::string& name, bool stdin_,
                                       Problem* problem) {
  struct stat status;
  if (fstat(descriptor.get(), &status) != 0) return RefuseByErrno(problem, errno);
  const mode_t mode = status.st_mode;
  if (S_ISDIR(mode)) return Refuse(problem, "E_INPUT_IS_DIRECTORY", "it is a directory");
  // A parent process may have made our stdin a socket pair (Node does).
  if (S_ISFIFO(mode) || (stdin_ && S_ISSOCK(mode)))
    return OpenStream(FeedFromDescriptor(std::move(descriptor)), name, 0);
  if (stdin_ && isatty(descriptor.get()))
    return Refuse(problem, "E_INPUT_NOT_A_FILE", "a terminal is no capture; pipe one in");
  if (!S_ISREG(mode))
    return Refuse(problem, "E_INPUT_NOT_A_FILE", "it is a device or a socket, not a file");
  // `(head -c 100; deadair read -) < file` hands over a file that was begun.
  if (lseek(descriptor.get(), 0, SEEK_CUR) > 0)
    return OpenStream(FeedFromDescriptor(std::move(descriptor)), name, 0);
  return OpenRegular(std::move(descriptor), static_cast<uint64_t>(status.st_size), name, problem);
}

}  // namespace

std::unique_ptr<Source> OpenSource(const std::string& path, Problem* problem) {
  if (path == "-") {
    Descriptor copy(fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3));
    if (copy.get() < 0) return RefuseByErrno(problem, errno);
    return OpenDescriptor(std::move(copy), path, true, problem);
  }
  struct stat status;
  if (stat(path.c_str(), &status) != 0) return RefuseByErrno(problem, errno);
  // Opening a device can do things (rewind a tape); asking first keeps us from it.
  if (S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode) || S_ISSOCK(status.st_mode))
    return Refuse(problem, "E_INPUT_NOT_A_FILE", "it is a device or a socket, not a file");
  // O_NONBLOCK: a FIFO opens without its writer (and is silent until one comes); files do not mind
  // it.
  Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (file.get() < 0) return RefuseByErrno(problem, errno);
  return OpenDescriptor(std::move(file), path, false, problem);
}

}  // namespace deadair
