// The corners of the formats: each case is a capture made here and one claim about it.
#include "cases.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <system_error>
#include <thread>

#include "build.h"
#include "reading.h"
#include "source/filter.h"
#include "source/guard.h"
#include "source/mapped.h"
#include "source/timeline.h"

namespace deadair::test {
namespace {

constexpr uint32_t kMicro = 0xa1b2c3d4, kNano = 0xa1b23c4d, kKuznetzov = 0xa1b2cd34;
constexpr uint64_t kSecond = 1000000000;

void RequireProblem(const Reading& reading, const char* code, const std::string& claim) {
  Require(reading.facts.problem.code == code && !reading.facts.complete,
          claim + ": " + code + ", not '" + reading.facts.problem.code + "'");
}

void PcapVariants() {
  for (const bool big : {false, true}) {
    for (const uint32_t magic : {kMicro, kNano, kKuznetzov}) {
      Writer file(big);
      file.PcapHeader(magic);
      for (uint8_t i = 1; i <= 3; ++i) {
        file.U32(100 + i).U32(7).U32(60).U32(1514);
        if (magic == kKuznetzov) file.U32(0).U16(0).U8(0).U8(0);
        file.Raw(Payload(60, i));
      }
      const Reading reading = ReadMapped(file.bytes());
      const std::string which = std::to_string(magic) + (big ? " big-endian" : " little-endian");
      Require(reading.facts.complete && reading.frames.size() == 3, which + " is read to its end");
      for (uint8_t i = 1; i <= 3; ++i) {
        const Seen& seen = reading.frames[i - 1];
        Require(seen.at_ns == (100u + i) * kSecond + (magic == kNano ? 7 : 7000) &&
                    seen.number == i && seen.captured == 60 && seen.wire == 1514 &&
                    seen.hash == Hash(Payload(60, i)),
                which + ": every field as written");
      }
    }
  }
}

void PcapWithoutPackets() {
  const Reading reading = ReadAsFile(Writer().PcapHeader(kMicro).bytes());
  Require(reading.facts.complete && reading.frames.empty() && reading.points.size() == 1,
          "a pcap without packets is complete");
}

void PcapChecksumBytes() {
  // Four FCS bytes announced (2 words); the second frame's snaplen cut them off, the third is
  // shorter than they are.
  const Bytes file = Writer()
                         .PcapHeader(kMicro, 0x24000001)
                         .PcapRecord(1, 0, Payload(64), 64)
                         .PcapRecord(2, 0, Payload(30), 64)
                         .PcapRecord(3, 0, Payload(2), 2)
                         .bytes();
  const Reading reading = ReadMapped(file);
  const std::vector<Seen>& frames = reading.frames;
  Require(frames.size() == 3 && frames[0].captured == 60 && frames[0].wire == 60 &&
              frames[1].captured == 30 && frames[1].wire == 60 && frames[2].captured == 2 &&
              frames[0].link_type == 1,
          "a checksum is taken off where it is there");
}

void PcapOddLengths() {
  Writer file;
  file.PcapHeader(kMicro, 1, 100)
      .PcapRecord(1, 0, Payload(80), 50)
      .PcapRecord(2, 0, Payload(120), 120);
  Reading reading = ReadMapped(file.bytes());
  Require(reading.facts.complete && reading.facts.bad_records == 2 &&
              reading.frames[0].captured == 50 && reading.frames[1].captured == 120,
          "captured > wire is cut to wire, captured > snaplen is kept; both counted");
  file.U32(3).U32(0).U32(0xfffffff0).U32(60);
  reading = ReadMapped(file.bytes());
  RequireProblem(reading, "E_INPUT_CORRUPT", "a captured length of 4 GiB");
  Require(reading.frames.size() == 2 && reading.facts.problem.at_byte == 24 + 16 + 80 + 16 + 120 &&
              reading.facts.problem.at_frame == 2,
          "what came before is kept, and where it stopped is said");
}

// if_tsresol, if_tsoffset, ticks → nanoseconds.
void PcapngClocks() {
  struct Row {
    uint8_t resolution;
    int64_t offset;
    uint64_t ticks;
    uint64_t ns;
  };
  const Row rows[] = {
      {6, 0, 1700000000123456, 1700000000123456000},
      {9, 0, 1700000000123456789, 1700000000123456789},
      {0, 0, 1700000000, 1700000000 * kSecond},
      {3, 0, 1700000000123, 1700000000123000000},
      {12, 0, 1700000000123456789, 1700000000123456},
      {19, 0, 18000000000000000000u, 1800000000},
      {127, 0, UINT64_MAX, 0},
      {0x80 | 10, 0, 1024 * 5 + 512, 5 * kSecond + kSecond / 2},
      {0x80 | 32, 0, (uint64_t{1700000000} << 32) + 1, 1700000000 * kSecond},
      {0x80 | 63, 0, uint64_t{1} << 63, kSecond},
      {0x80 | 0, 0, 12, 12 * kSecond},
      {6, 1000, 5000000, 1005 * kSecond},
      {6, -3, 5000000, 2 * kSecond},
      {6, -9, 5000000, 0},
      {6, 0, UINT64_MAX, INT64_MAX},
      {0, INT64_MAX, UINT64_MAX, INT64_MAX},
      {6, INT64_MIN, 1, 0},
      {6, 1000, 0, 1000 * kSecond},
  };
  for (const bool big : {false, true}) {
    for (const Row& row : rows) {
      Writer file(big);
      const Bytes options =
          file.Body()
              .Option(9, {row.resolution})
              .Option(14, file.Body().U64(static_cast<uint64_t>(row.offset)).bytes())
              .bytes();
      file.Section().Interface(1, 0, options).Enhanced(0, row.ticks, Payload(20), 20);
      const Reading reading = ReadMapped(file.bytes());
      Require(reading.frames.size() == 1 && reading.frames[0].at_ns == row.ns,
              "resolution " + std::to_string(row.resolution) + " offset " +
                  std::to_string(row.offset) + ": " +
                  std::to_string(reading.frames.empty() ? 0 : reading.frames[0].at_ns));
    }
  }
}

void PcapngSectionsAndInterfaces() {
  Writer little, big(true);
  little.Section()
      .Interface(1, 0, Writer().Option(2, Text("in0")).bytes())
      .Interface(113, 96, Writer().Option(2, Text("any")).bytes())
      .Enhanced(1, 1000000, Payload(40), 40)
      .Enhanced(0, 2000000, Payload(41), 41)
      .Enhanced(7, 2000000, Payload(41), 41);
  big.Section()
      .Interface(1, 0, big.Body().Option(2, Text("in0")).bytes())
      .Enhanced(0, 3000000, Payload(42), 42);
  const Reading reading = ReadMapped(Joined({little.bytes(), big.bytes()}));
  Require(reading.facts.complete && reading.frames.size() == 3 && reading.facts.bad_records == 1,
          "sections of both byte orders are read; a packet of an unknown interface is counted");
  Require(reading.frames[0].link_type == 113 && reading.frames[1].link_type == 1 &&
              reading.points.size() == 2 &&
              reading.frames[2].capture_point == reading.frames[1].capture_point &&
              reading.frames[0].capture_point != reading.frames[1].capture_point,
          "an interface goes on in the next section; two of one section are apart");
}

void PcapngOtherPackets() {
  Writer file;
  file.Section().Interface(1, 50).Enhanced(0, 9000000, Payload(20), 20);
  file.Block(3, file.Body().U32(80).Raw(Payload(50)).bytes());
  file.Block(
      2, file.Body().U16(0).U16(5).U32(0).U32(10000000).U32(30).U32(31).Raw(Payload(30)).bytes());
  file.Block(0x0bad, file.Body().U32(1).Raw(Payload(9)).bytes());
  file.Enhanced(0, 11000000, Payload(10), 10,
                file.Body().Option(4, file.Body().U64(7).bytes()).bytes());
  file.Block(5, file.Body()
                    .U32(0)
                    .U32(0)
                    .U32(0)
                    .Option(5, file.Body().U64(20).bytes())
                    .Option(7, file.Body().U64(3).bytes())
                    .bytes());
  const Reading reading = ReadMapped(file.bytes());
  const std::vector<Seen>& frames = reading.frames;
  Require(frames.size() == 4 && frames[1].captured == 50 && frames[1].wire == 80 &&
              frames[1].at_ns == 9 * kSecond && frames[2].captured == 30 && frames[2].wire == 31 &&
              frames[2].at_ns == 10 * kSecond,
          "simple and obsolete packets are packets; a simple one has the time of the one before");
  Require(reading.facts.dropped == 23,
          "drops: the larger of the statistics' total and the packets' sum");
}

void PcapngChecksumBytes() {
  Writer file;
  file.Section().Interface(1, 0, Writer().Option(13, {32}).bytes());
  file.Enhanced(0, 1, Payload(64), 64);
  file.Enhanced(0, 2, Payload(64), 64, Writer().Option(2, Writer().U32(2 << 5).bytes()).bytes());
  const Reading reading = ReadMapped(file.bytes());
  Require(reading.frames[0].captured == 60 && reading.frames[1].captured == 62,
          "if_fcslen is taken off, and a packet's own flags overrule it");
}

void PcapngBrokenLengths() {
  Writer start;
  start.Section().Interface(1, 0).Enhanced(0, 1000000, Payload(20), 20);
  const uint64_t stop = start.bytes().size();
  for (const uint32_t length : {0u, 8u, 0xffffffffu, 0x80000000u}) {
    const Reading reading =
        ReadMapped(Joined({start.bytes(), Writer().U32(6).U32(length).Raw(Payload(64)).bytes()}));
    RequireProblem(reading, "E_INPUT_CORRUPT", "a block length of " + std::to_string(length));
    Require(reading.frames.size() == 1 && reading.facts.problem.at_byte == stop,
            "the good part is kept");
  }
  Writer mismatch = start;
  mismatch.U32(6).U32(52).U32(0).U32(0).U32(2000000).U32(20).U32(20).Raw(Payload(20)).U32(99);
  mismatch.Enhanced(0, 3000000, Payload(20), 20);
  const Reading reading = ReadMapped(mismatch.bytes());
  Require(reading.facts.complete && reading.frames.size() == 3 && reading.facts.bad_records == 1,
          "a block whose two lengths differ is counted, and the next block found");
  Writer overrun = start;
  overrun.Block(6, Writer().U32(0).U32(0).U32(0).U32(500).U32(500).Raw(Payload(20)).bytes());
  overrun.Enhanced(0, 3000000, Payload(20), 20);
  const Reading skipped = ReadMapped(overrun.bytes());
  Require(skipped.facts.complete && skipped.frames.size() == 2 && skipped.facts.bad_records == 1,
          "a packet longer than its block is skipped and counted");
}

Bytes ManyFrames(size_t count, uint32_t from_second, uint32_t step = 1) {
  Writer file;
  file.PcapHeader(kMicro);
  for (size_t i = 0; i < count; ++i)
    file.PcapRecord(static_cast<uint32_t>(from_second + i * step), 0,
                    Payload(60 + i % 40, static_cast<uint8_t>(i)), 1514);
  return file.bytes();
}

void Compressed() {
  const Bytes plain = ManyFrames(5000, 1000);
  const Reading expected = ReadMapped(plain);
  const size_t half = plain.size() / 2;
  const std::span<const uint8_t> all(plain);
  const Bytes members = Joined({Gzipped(all.first(half)), Gzipped(all.subspan(half))});
  const Bytes frames = Joined({Zstandard(all.first(half)), Zstandard(all.subspan(half))});
  for (const Bytes& packed : {members, frames, Joined({members, Text("trailing garbage")})}) {
    const Reading reading = ReadAsFile(packed);
    Require(reading.frames == expected.frames && reading.facts.complete,
            "members and frames behind each other are one capture: " + reading.facts.problem.what);
    Require(ReadAsStream(packed, 999).frames == expected.frames, "… from a pipe as well");
  }
  Require(ReadAsFile(members).facts.format == "pcap.gz" &&
              ReadAsFile(frames).facts.format == "pcap.zst",
          "the format names its packing");
  RequireProblem(ReadAsFile(Gzipped(Text("not a capture\n"))), "E_INPUT_FORMAT", "a gzip of text");
  RequireProblem(ReadAsFile(Gzipped({})), "E_INPUT_EMPTY", "a gzip of nothing");
  RequireProblem(ReadAsFile(Gzipped(members)), "E_INPUT_FORMAT", "a gzip of a gzip");
}

void DamagedCompression() {
  const Bytes plain = ManyFrames(50000, 1000);
  for (const Bytes& packed : {Gzipped(plain), Zstandard(plain)}) {
    const Reading cut = ReadAsFile(std::span(packed).first(packed.size() / 2));
    RequireProblem(cut, "E_INPUT_TRUNCATED", "a compressed file cut in the middle");
    Require(!cut.frames.empty() && cut.facts.problem.at_frame == cut.frames.size(),
            "the good part is kept");
    Bytes damaged = packed;
    std::fill_n(damaged.begin() + static_cast<ptrdiff_t>(packed.size() * 3 / 4), 64, 0xff);
    const Reading bad = ReadAsFile(damaged);
    RequireProblem(bad, "E_INPUT_COMPRESSION", "damaged compressed data");
  }
}

// 64-byte frames of zeros shrink by several thousand in zstd; two gigabytes of them are a bomb.
void Bomb() {
  Writer some;
  for (int i = 0; i < 200000; ++i) some.PcapRecord(1, 0, Bytes(64), 64);
  const Bytes packed = Zstandard(some.bytes());
  Bytes bomb = Zstandard(Writer().PcapHeader(kMicro).bytes());
  for (int i = 0; i < 200; ++i) bomb.insert(bomb.end(), packed.begin(), packed.end());
  const MemoryFile file(bomb);
  Problem problem;
  const std::unique_ptr<Source> source = OpenSource(file.path(), &problem);
  Frame frames[64];
  while (!source->ended()) source->Next(frames);
  Require(source->facts().problem.code == "E_INPUT_RATIO" && !source->facts().complete,
          "a decompression bomb is stopped: " + source->facts().problem.code);
}

void WhatIsNoCapture() {
  RequireProblem(ReadAsFile({}), "E_INPUT_EMPTY", "an empty file");
  RequireProblem(ReadAsFile(Text("hello, this is a text file\n")), "E_INPUT_FORMAT", "a text file");
  RequireProblem(ReadAsFile(Text("snoop")), "E_INPUT_FORMAT", "a snoop capture");
  RequireProblem(ReadAsFile(Text("ab")), "E_INPUT_FORMAT", "two bytes");
  const Bytes header = Writer().PcapHeader(kMicro).bytes();
  RequireProblem(ReadAsFile(std::span(header).first(23)), "E_INPUT_TRUNCATED",
                 "a header cut short");
  RequireProblem(ReadPath("/nonexistent/capture"), "E_INPUT_MISSING", "no such file");
  RequireProblem(ReadPath("/"), "E_INPUT_IS_DIRECTORY", "a directory");
  RequireProblem(ReadPath("/dev/null"), "E_INPUT_NOT_A_FILE", "a device");
}

void RequireSameUnpacked(const Bytes& bytes, const std::string& claim) {
  const Reading plain = ReadMapped(bytes), unpacked = ReadAsFile(Gzipped(bytes));
  Require(unpacked.frames == plain.frames &&
              unpacked.facts.problem.code == plain.facts.problem.code &&
              unpacked.facts.problem.at_byte == plain.facts.problem.at_byte,
          "unpacked: " + claim);
}

void LargeRecords() {
  Writer file;
  file.PcapHeader(kMicro, 1, 8 << 20)
      .PcapRecord(1, 0, Payload(5 << 20), 5 << 20)
      .PcapRecord(2, 0, Payload(60), 60);
  const Reading mapped = ReadMapped(file.bytes());
  const Reading streamed = ReadAsStream(file.bytes(), 100000);
  Require(mapped.frames.size() == 2 && mapped.frames == streamed.frames &&
              ReadAsFile(file.bytes()).frames == mapped.frames,
          "a record larger than the buffer is read whole");
  RequireSameUnpacked(file.bytes(), "one record of megabytes");
}

// What a lent buffer has no room for in front is put together elsewhere, and the next ones are lent
// again.
void AheadOfItsReader() {
  Writer file;
  file.PcapHeader(kMicro, 1, 8 << 20);
  for (uint32_t i = 0; i < 40; ++i) {
    const Bytes large = Payload((i % 4) * (200u << 10), static_cast<uint8_t>(i));
    file.PcapRecord(2 * i + 1, 0, large, static_cast<uint32_t>(large.size()));
    for (int small = 0; small < 500; ++small) file.PcapRecord(2 * i + 2, 0, Payload(60), 60);
  }
  RequireSameUnpacked(file.bytes(), "long and short records by turns");
  const std::span<const uint8_t> cut = std::span(file.bytes()).first(file.bytes().size() - 7);
  RequireSameUnpacked(Bytes(cut.begin(), cut.end()), "… cut at its end");
  RequireSameUnpacked(ManyFrames(200000, 1000), "a large file of small frames");
}

// Wherever a record begins in what is lent (a mebibyte at once) and however much longer it is.
void RecordsAcrossLentBuffers() {
  constexpr uint32_t kKiB = 1 << 10;
  for (const uint32_t before : {0u, 300u, 700u, 800u, 900u, 1023u, 1500u}) {
    for (const uint32_t length : {200u, 257u, 400u, 1024u, 1300u, 1700u, 3000u}) {
      Writer file;
      file.PcapHeader(kMicro, 1, 8 << 20);
      for (uint32_t i = 0; i < before / 50; ++i)
        file.PcapRecord(1, i, Payload(50 * kKiB, static_cast<uint8_t>(i)), 50 * kKiB);
      file.PcapRecord(2, 0, Payload(length * kKiB), length * kKiB)
          .PcapRecord(3, 0, Payload(60), 60);
      const std::string what = std::to_string(length) + " KiB behind " + std::to_string(before);
      RequireSameUnpacked(file.bytes(), what);
      const std::span<const uint8_t> cut = std::span(file.bytes()).first(file.bytes().size() - 100);
      RequireSameUnpacked(Bytes(cut.begin(), cut.end()), what + ", cut");
    }
  }
}

// A header that claims 200 MiB, and two that come.
void ClaimAcrossLentBuffers() {
  Writer file;
  file.PcapHeader(kMicro, 1, 256 << 20).PcapRecord(1, 0, Payload(2 << 20), 200u << 20);
  Bytes bytes = file.bytes();
  const uint32_t claimed = 200u << 20;
  std::memcpy(&bytes[24 + 8], &claimed, sizeof claimed);
  RequireSameUnpacked(bytes, "a record that claims more than comes");
}

// In a process that may start none; → whether it read the same all the same.
bool SameWithoutThreads(const Bytes& packed, const Reading& expected) {
  const pid_t child = fork();
  if (child == 0) {
    const rlimit none = {0, 0};
    const bool bound =
        setrlimit(RLIMIT_NPROC, &none) == 0 && (geteuid() != 0 || setuid(65534) == 0);
    bool refused = false;
    try {
      std::thread([] {}).join();
    } catch (const std::system_error&) {
      refused = true;
    }
    _exit(bound && refused && ReadAsStream(packed, 5000).frames == expected.frames ? 0 : 1);
  }
  int status = 0;
  Require(child > 0 && waitpid(child, &status, 0) == child, "a process can be made");
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void NoThreadToBeHad() {
  const Bytes plain = ManyFrames(20000, 1000);
  const Reading expected = ReadMapped(plain);
  Require(SameWithoutThreads(Gzipped(plain), expected), "an archive is unpacked without a thread");
}

// The file loses its end after the first block was read: an end with a problem, never a signal.
void ShrinkingFile() {
  const Bytes bytes = ManyFrames(100000, 1000);
  for (const std::string how : {"mapped", "in blocks"}) {
    const MemoryFile file(bytes);
    Problem problem;
    std::unique_ptr<Source> source;
    if (how == "mapped") {
      source = OpenMapped(Descriptor(open(file.path().c_str(), O_RDONLY)), bytes.size(), "mapped",
                          &problem);
    } else {
      source = OpenSource(file.path(), &problem);
    }
    Frame frames[64];
    Require(source->Next(frames) == 64, "the first block comes");
    file.Cut(100000);
    const Reading rest = ReadAll(source.get());
    Require(
        rest.facts.problem.code == "E_INPUT_SHRANK" && !rest.facts.complete && !rest.frames.empty(),
        how + ": a file that shrinks ends with E_INPUT_SHRANK");
  }
}

// A directory of its own for what needs names.
class Folder {
 public:
  Folder() { Require(mkdtemp(path_) != nullptr, "a temporary folder can be made"); }
  ~Folder() {
    for (const std::string& file : files_) unlink(file.c_str());
    rmdir(path_);
  }
  std::string Put(const std::string& name, const Bytes& bytes) {
    const std::string path = Name(name);
    std::FILE* const file = std::fopen(path.c_str(), "wb");
    Require(file != nullptr && std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size(),
            "a file is written");
    std::fclose(file);
    return path;
  }
  std::string Name(const std::string& name) {
    return files_.emplace_back(std::string(path_) + "/" + name);
  }

 private:
  char path_[32] = "/tmp/deadair-source-XXXXXX";
  std::vector<std::string> files_;
};

void SilentPipe() {
  Folder folder;
  const std::string path = folder.Name("fifo");
  Require(mkfifo(path.c_str(), 0600) == 0, "a FIFO is made");
  Problem problem;
  const std::unique_ptr<Source> source = OpenSource(path, &problem);
  Frame frames[64];
  Require(source != nullptr && source->Next(frames) == 0 && !source->ended(),
          "a FIFO without a writer gives nothing yet");
  const int writer = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  const Bytes bytes = ManyFrames(3, 1);
  Require(write(writer, bytes.data(), 30) == 30 && source->Next(frames) == 0 && !source->ended(),
          "half a record is not yet a frame");
  Require(write(writer, bytes.data() + 30, bytes.size() - 30) > 0 && source->Next(frames) == 3,
          "then they come");
  close(writer);
  Require(source->Next(frames) == 0 && source->ended() && source->facts().complete,
          "and end with the writer");
}

struct Merged {
  std::vector<Seen> frames;
  size_t points = 0;
  std::unique_ptr<Timeline> timeline;
};

Merged Merge(const std::vector<std::string>& paths) {
  Problem problem;
  std::string culprit;
  Merged merged;
  merged.timeline = Timeline::Open(paths, &problem, &culprit);
  Require(merged.timeline != nullptr, "the files open: " + culprit + " " + problem.what);
  Frame frames[64];
  while (!merged.timeline->ended()) {
    const size_t count = merged.timeline->Next(frames);
    for (size_t i = 0; i < count; ++i) merged.frames.push_back(See(frames[i]));
  }
  merged.points = merged.timeline->capture_points().size();
  return merged;
}

void RequireOrdered(const std::vector<Seen>& frames, size_t count, const std::string& claim) {
  Require(frames.size() == count &&
              std::is_sorted(frames.begin(), frames.end(),
                             [](const Seen& a, const Seen& b) { return a.at_ns < b.at_ns; }),
          claim);
}

void TimeLine() {
  Folder folder;
  const std::string first = folder.Put("a.pcap", ManyFrames(1000, 1000));
  const std::string second = folder.Put("b.pcap", ManyFrames(700, 2000));
  const std::string across = folder.Put("c.pcap.gz", Gzipped(ManyFrames(900, 1100, 2)));
  Merged merged = Merge({second, first});
  RequireOrdered(merged.frames, 1700, "a rotation given backwards is put in order");
  Require(merged.points == 1 && merged.frames[0].number == (uint64_t{1} << kFrameBits | 1),
          "plain files of one link type are one capture point; numbers tell the source");
  merged = Merge({first, across, second});
  RequireOrdered(merged.frames, 2600, "files that overlap are merged");
  Require(merged.timeline->facts(1).frames == 900 && merged.timeline->facts(1).complete,
          "facts are per source");
  Writer back;
  back.PcapHeader(kMicro)
      .PcapRecord(1500, 0, Payload(9), 9)
      .PcapRecord(100, 0, Payload(8), 8)
      .PcapRecord(1501, 0, Payload(7), 7);
  merged = Merge({first, folder.Put("back.pcap", back.bytes())});
  std::vector<uint32_t> lengths;
  for (const Seen& seen : merged.frames)
    if (seen.number >> kFrameBits == 1) lengths.push_back(seen.captured);
  Require(lengths == std::vector<uint32_t>{9, 8, 7},
          "a clock that steps back reorders nothing within its source");
  Problem problem;
  std::string culprit;
  Require(Timeline::Open({first, "/nonexistent"}, &problem, &culprit) == nullptr &&
              culprit == "/nonexistent" && problem.code == "E_INPUT_MISSING",
          "a path that cannot be opened is named");
}

void ManyFiles() {
  Folder folder;
  std::vector<std::string> paths;
  for (uint32_t i = 0; i < 200; ++i)
    paths.push_back(folder.Put(std::to_string(i), ManyFrames(100, 100 * (200 - i))));
  const Merged merged = Merge(paths);
  RequireOrdered(merged.frames, 20000,
                 "more files than are opened at once are one time line all the same");
  for (size_t i = 0; i < paths.size(); ++i)
    Require(merged.timeline->facts(i).frames == 100 && merged.timeline->facts(i).complete,
            "each with its facts");
}

void Filters() {
  Require(!FilterComplaint("tcp port 443") && !FilterComplaint("wlan type data"),
          "good expressions pass");
  Require(FilterComplaint("tcp prot 443").value_or("").find("syntax") != std::string::npos,
          "libpcap's own words");
  Bytes tcp(54);
  tcp[12] = 8, tcp[14] = 0x45, tcp[23] = 6, tcp[36] = 1, tcp[37] = 0xbb;
  Filter filter("tcp dst port 443");
  Frame frame = {tcp.data(), 0, 1, 54, 54, 1, 0};
  Require(filter.Matches(frame), "a matching frame matches");
  Frame raw = {tcp.data() + 14, 0, 1, 40, 40, 101, 0};
  Require(filter.Matches(raw), "… on raw IP as well, by a program of its own");
  tcp[37] = 0xbc;
  Require(!filter.Matches(frame) && filter.unfit() == 0, "another port does not");
  Filter ethernet_only("ether multicast");
  Require(!ethernet_only.Matches(raw) && ethernet_only.unfit() == 1,
          "an expression that fits no such link is said");
}

struct Case {
  const char* name;
  void (*run)();
};
constexpr Case kCases[] = {
    {"pcap variants", PcapVariants},
    {"pcap without packets", PcapWithoutPackets},
    {"pcap checksum bytes", PcapChecksumBytes},
    {"pcap odd lengths", PcapOddLengths},
    {"pcapng clocks", PcapngClocks},
    {"pcapng sections", PcapngSectionsAndInterfaces},
    {"pcapng other packets", PcapngOtherPackets},
    {"pcapng checksum bytes", PcapngChecksumBytes},
    {"pcapng broken lengths", PcapngBrokenLengths},
    {"compressed", Compressed},
    {"damaged compression", DamagedCompression},
    {"bomb", Bomb},
    {"no capture", WhatIsNoCapture},
    {"large records", LargeRecords},
    {"ahead of its reader", AheadOfItsReader},
    {"records across lent buffers", RecordsAcrossLentBuffers},
    {"a claim across lent buffers", ClaimAcrossLentBuffers},
    {"no thread to be had", NoThreadToBeHad},
    {"shrinking file", ShrinkingFile},
    {"silent pipe", SilentPipe},
    {"time line", TimeLine},
    {"many files", ManyFiles},
    {"filters", Filters},
};

}  // namespace

int RunCases() {
  for (const Case& one : kCases) {
    std::printf("%s\n", one.name);
    std::fflush(stdout);
    one.run();
  }
  std::printf("%zu cases hold\n", std::size(kCases));
  return 0;
}

}  // namespace deadair::test
