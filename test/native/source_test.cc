// The readers against captures in files: what libpcap sees we see, mapped and streamed agree, and a
// file cut or changed anywhere neither crashes nor hangs. Built with the sanitizers by
// test/native-source.test.ts.
//
//   source_test compare FILE...             against libpcap, and mapped against streamed
//   source_test cut STEP FILE...            every STEP-th length of each file
//   source_test mutate SEED COUNT FILE...   COUNT random changes, spread over the files
//   source_test cases                       the format's corners, in captures made here
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string_view>

#include "source/cases.h"
#include "source/peer.h"
#include "source/reading.h"

using namespace deadair;
using namespace deadair::test;

namespace {

void SameReading(const Reading& mapped, const Reading& streamed, const std::string& which) {
  Require(mapped.frames == streamed.frames, which + ": mapped and streamed give the same frames (" +
                                                std::to_string(mapped.frames.size()) + ", " +
                                                std::to_string(streamed.frames.size()) + ")");
  Require(mapped.facts.complete == streamed.facts.complete &&
              mapped.facts.problem.code == streamed.facts.problem.code &&
              mapped.facts.problem.at_byte == streamed.facts.problem.at_byte &&
              mapped.facts.problem.at_frame == streamed.facts.problem.at_frame,
          which + ": mapped and streamed end alike: '" + mapped.facts.problem.code + "' " +
              mapped.facts.problem.what + " / '" + streamed.facts.problem.code + "' " +
              streamed.facts.problem.what);
  Require(mapped.facts.bad_records == streamed.facts.bad_records &&
              mapped.facts.dropped == streamed.facts.dropped,
          which + ": mapped and streamed count alike");
}

// What must hold of any bytes whatever.
void Sane(const Reading& reading, size_t file_bytes, const std::string& which) {
  Require(reading.facts.complete != static_cast<bool>(reading.facts.problem),
          which + ": complete, or a problem that says why not");
  Require(reading.facts.frames == reading.frames.size(), which + ": frames are counted");
  for (const Seen& seen : reading.frames)
    Require(seen.captured <= seen.wire && seen.captured <= file_bytes &&
                seen.capture_point < reading.points.size(),
            which + ": a frame holds no more than there is");
}

bool Compressed(const Bytes& bytes) {
  const Format format = FormatOf(bytes);
  return format == Format::kGzip || format == Format::kZstd;
}

int Compare(std::span<char*> paths) {
  size_t agreed = 0, frames = 0, unopened = 0, quarrels = 0;
  for (const char* path : paths) {
    const Bytes bytes = Load(path);
    const Reading mapped = ReadMapped(bytes);
    SameReading(mapped, ReadPath(path), path);
    SameReading(mapped, ReadAsStream(bytes, 4096), path);
    if (!Compressed(bytes)) Sane(mapped, bytes.size(), path);
    const Verdict verdict = CompareWithPeer(path, mapped);
    if (!verdict.opened) {
      ++unopened;
      if (!mapped.facts.complete)
        std::printf("neither: %s: %s\n", path, mapped.facts.problem.what.c_str());
      continue;
    }
    if (!verdict.stopped.empty())
      std::printf("libpcap stops: %s after %zu (%zu ours): %s; ours: %s %s\n", path, verdict.frames,
                  mapped.frames.size(), verdict.stopped.c_str(), mapped.facts.problem.code.c_str(),
                  mapped.facts.problem.what.c_str());
    if (!verdict.complaint.empty())
      std::printf("DIFFERS: %s: %s\n", path, verdict.complaint.c_str());
    verdict.complaint.empty() ? ++agreed : ++quarrels;
    frames += verdict.frames;
  }
  std::printf("compared %zu files, %zu frames: %zu agree, %zu differ, %zu libpcap does not open\n",
              paths.size(), frames, agreed, quarrels, unopened);
  return quarrels == 0 ? 0 : 1;
}

int Cut(size_t step, std::span<char*> paths) {
  size_t cuts = 0;
  for (const char* path : paths) {
    const Bytes bytes = Load(path);
    const Reading whole = ReadMapped(bytes);
    for (size_t length = bytes.size(); length-- > 0;) {
      if (length % step != 0) continue;
      const std::span<const uint8_t> part(bytes.data(), length);
      const std::string which = std::string(path) + " cut at " + std::to_string(length);
      const Reading reading = ReadMapped(part);
      ++cuts;
      if (!Compressed(bytes)) Sane(reading, length, which);
      Require(reading.frames.size() <= whole.frames.size() &&
                  std::equal(reading.frames.begin(), reading.frames.end(), whole.frames.begin()),
              which + ": the good part comes as it was");
      if (length % 61 == 0) SameReading(reading, ReadAsStream(part, 777), which);
    }
  }
  std::printf("%zu cuts\n", cuts);
  return 0;
}

void Mutate(Bytes* bytes, std::mt19937_64* random) {
  constexpr uint8_t kNasty[] = {0, 1, 3, 4, 6, 0x7f, 0x80, 0xff};
  const size_t changes = 1 + (*random)() % 8;
  // Half of the changes hit the first kilobyte, where the structure is dense.
  for (size_t i = 0; i < changes && !bytes->empty(); ++i) {
    const size_t reach = (*random)() % 2 ? bytes->size() : std::min<size_t>(bytes->size(), 1024);
    const size_t at = (*random)() % reach;
    switch ((*random)() % 4) {
      case 0:
        (*bytes)[at] ^= static_cast<uint8_t>(1u << (*random)() % 8);
        break;
      case 1:
        (*bytes)[at] = kNasty[(*random)() % std::size(kNasty)];
        break;
      case 2:
        std::fill_n(bytes->begin() + at, std::min<size_t>(4, bytes->size() - at), (*random)());
        break;
      case 3:
        bytes->erase(bytes->begin() + at,
                     bytes->begin() + at + std::min<size_t>((*random)() % 9, bytes->size() - at));
        break;
    }
  }
}

int MutateAll(uint64_t seed, size_t count, std::span<char*> paths) {
  std::mt19937_64 random(seed);
  std::vector<Bytes> originals;
  for (const char* path : paths) originals.push_back(Load(path));
  size_t frames = 0, problems = 0;
  for (size_t i = 0; i < count; ++i) {
    Bytes bytes = originals[i % originals.size()];
    Mutate(&bytes, &random);
    const std::string which =
        std::string(paths[i % originals.size()]) + " mutation " + std::to_string(i);
    const Reading mapped = ReadMapped(bytes);
    if (!Compressed(bytes)) Sane(mapped, bytes.size(), which);
    if (!mapped.facts.format.empty()) {
      SameReading(mapped, ReadAsStream(bytes, 1 + random() % 5000), which);
    }
    frames += mapped.frames.size();
    problems += mapped.facts.problem ? 1 : 0;
  }
  std::printf("%zu mutations, %zu frames, %zu ended early\n", count, frames, problems);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::span<char*> words(argv + 1, static_cast<size_t>(argc - 1));
  const std::string_view verb = words.empty() ? "" : words[0];
  if (verb == "compare") return Compare(words.subspan(1));
  if (verb == "cut" && words.size() > 2)
    return Cut(std::strtoull(words[1], nullptr, 10), words.subspan(2));
  if (verb == "mutate" && words.size() > 3)
    return MutateAll(std::strtoull(words[1], nullptr, 10), std::strtoull(words[2], nullptr, 10),
                     words.subspan(3));
  if (verb == "cases") return RunCases();
  std::fprintf(stderr, "usage: source_test compare|cut|mutate|cases ...\n");
  return 2;
}
