// TCP options (RFC 9293 3.1, RFC 7323): the timestamps and the window scale.
#include "bytes.h"
#include "decode.h"
#include "silence.h"

namespace deadair {
namespace {

constexpr uint8_t kEndOfList = 0, kNop = 1, kScale = 3, kTimestamps = 8;

// RFC 7323 2.3: a shift above 14 is used as 14.
int8_t ScaleOf(uint8_t shift) { return static_cast<int8_t>(shift < 14 ? shift : 14); }

// Reads the option at `at`. False ends the list; `found->timestamps` says by then whether the
// answer is known.
bool TakeOption(const uint8_t* options, uint32_t bytes, uint32_t captured, uint32_t* at,
                TcpOptions* found) {
  if (options[*at] == kNop) {
    ++*at;
    return true;
  }
  if (options[*at] == kEndOfList) {
    if (found->timestamps == Tristate::kUnknown) found->timestamps = Tristate::kNo;
    return false;
  }
  if (*at + 2 > captured) return false;
  const uint8_t kind = options[*at], length = options[*at + 1];
  if (length < 2 || *at + length > bytes || *at + length > captured) return false;
  if (kind == kTimestamps && length == 10) {
    found->timestamps = Tristate::kYes;
    found->tsval = Be32(options + *at + 2);
    found->tsecr = Be32(options + *at + 6);
  }
  if (kind == kTimestamps && length != 10) return false;
  if (kind == kScale && length == 3) found->window_scale = ScaleOf(options[*at + 2]);
  *at += length;
  return true;
}

}  // namespace

TcpOptions ParseOptions(const Packet& packet) {
  const uint8_t* options = packet.options;
  const uint32_t bytes = packet.options_bytes, captured = packet.options_captured;
  // RFC 7323 appendix A: two NOPs and the timestamps, which nearly every segment that has any
  // carries.
  if (bytes == 12 && captured == 12 && Be32(options) == 0x0101080a)
    return {Tristate::kYes, -1, Be32(options + 4), Be32(options + 8)};
  // What Linux puts into a SYN: segment size, selective acknowledgements allowed, timestamps, a
  // NOP, the window scale.
  constexpr uint64_t kSynMask = 0xffff'ffff'0000'ffff, kSyn = 0x0a08'0204'0000'0402;
  if (bytes == 20 && captured == 20 && (Le64(options) & kSynMask) == kSyn &&
      Be24(options + 16) == 0x010303)
    return {Tristate::kYes, ScaleOf(options[19]), Be32(options + 8), Be32(options + 12)};
  TcpOptions found{bytes == 0 ? Tristate::kNo : Tristate::kUnknown, -1, 0, 0};
  uint32_t at = 0;
  while (at < captured)
    if (!TakeOption(options, bytes, captured, &at, &found)) return found;
  if (captured == bytes && found.timestamps == Tristate::kUnknown) found.timestamps = Tristate::kNo;
  return found;
}

}  // namespace deadair
