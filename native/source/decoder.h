// gzip and zstd, one buffer at a time. The only files that know zlib.h and zstd.h.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "source/sniff.h"

namespace deadair {

enum class Decoded : uint8_t { kMore, kEnd, kCut, kBroken };

class Decoder {
 public:
  virtual ~Decoder() = default;
  // Takes from `in` and fills `out`, moving both spans on. kMore: one of them is used up. `last`:
  // nothing follows `in`. kEnd: the compressed data is over (what follows it is ignored); kCut: it
  // stops in the middle; kBroken: see complaint(). What was written before is good in every case.
  virtual Decoded Step(std::span<const uint8_t>* in, std::span<uint8_t>* out, bool last) = 0;
  virtual std::string complaint() const = 0;
};

std::unique_ptr<Decoder> MakeDecoder(Format format);

}  // namespace deadair
