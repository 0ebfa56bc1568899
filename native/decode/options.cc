// TCP options (RFC 9293 3.1, RFC 7323): the timestamps and the window scale.
#include "bytes.h"
#include "decode.h"
#include "silence.h"

namespace deadair {
namespace {

constexpr uint8_t kEndOfList = 0, kNop = 1, kScale = 3, kTimestamps = 8;

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
  // RFC 7323 2.3: a shift above 14 is used as 14.
  if (kind == kScale && length == 3)
    found->window_scale = options[*at + 2] < 14 ? options[*at + 2] : 14;
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
  TcpOptions found{bytes == 0 ? Tristate::kNo : Tristate::kUnknown, -1, 0, 0};
  uint32_t at = 0;
  while (at < captured)
    if (!TakeOption(options, bytes, captured, &at, &found)) return found;
  if (captured == bytes && found.timestamps == Tristate::kUnknown) found.timestamps = Tristate::kNo;
  return found;
}

}  // namespace deadair
