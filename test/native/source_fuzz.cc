// The readers under a fuzzer. With libFuzzer: the first byte says in what pieces a pipe would bring
// the rest, which is a capture (or not). Without it (g++ under sanitizers) each file named on the
// command line is one input.
#include <cstdio>
#include <cstdlib>

#include "source/reading.h"

using namespace deadair::test;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::span<const uint8_t> capture(data + 1, size - 1);
  const Reading streamed = ReadAsStream(capture, 1 + data[0] * size_t{16});
  const Reading mapped = ReadMapped(capture);
  // A file says E_INPUT_… when it is opened, a pipe when it is read; from then on they are one.
  if (mapped.facts.format.empty()) return 0;
  Require(streamed.frames == mapped.frames, "mapped and streamed give the same frames");
  Require(streamed.facts.problem.code == mapped.facts.problem.code,
          "mapped and streamed end alike");
  for (const Seen& seen : mapped.frames)
    Require(seen.captured <= seen.wire, "no more captured than there was");
  return 0;
}

#ifndef DEADAIR_LIBFUZZER
int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    Bytes input = Load(argv[i]);
    input.insert(input.begin(), static_cast<uint8_t>(i));
    LLVMFuzzerTestOneInput(input.data(), input.size());
  }
  std::printf("%d inputs\n", argc - 1);
  return 0;
}
#endif
