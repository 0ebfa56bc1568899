#include "source/classic.h"

#include <algorithm>

#include "source/bytes.h"

namespace deadair {
namespace {

constexpr uint32_t kMicroseconds = 0xa1b2c3d4, kNanoseconds = 0xa1b23c4d, kKuznetzov = 0xa1b2cd34;
constexpr size_t kFileHeader = 24;

// What the file header says, in our words.
struct Layout {
  uint32_t frame_limit;  // a longer record is odd
  uint32_t fcs_bytes;    // checksum bytes behind every frame
  uint16_t link_type;
  bool lengths_swapped;  // before 2.3, and in some of 2.3, the lengths stood the other way round
};

// The hot loop of the project: everything that a file decides once is a template argument or a
// local.
template <bool kSwap, uint32_t kUnitNs, size_t kHeader>
class ClassicParser final : public Parser {
 public:
  ClassicParser(Ledger* ledger, const Layout& layout) : Parser(ledger), layout_(layout) {
    offset_ = kFileHeader;
  }

  size_t Parse(Window* window, std::span<Frame> out) override {
    const uint8_t* at = window->cursor;
    size_t left = window->left();
    const Layout layout = layout_;
    uint64_t number = ledger_.facts.frames, steps = 0, last_ns = 0;
    Frame* to = out.data();
    Frame* const full = to + out.size();
    while (to != full && left >= kHeader) {
      const size_t room = left - kHeader;
      uint32_t captured = Read32<kSwap>(at + 8), wire = Read32<kSwap>(at + 12), kept = captured;
      if (captured > std::min(layout.frame_limit, wire) || captured > room) [[unlikely]] {
        if (!AcceptOdd(&captured, &wire, room)) break;
        kept = std::min(captured, wire);
      }
      if (layout.fcs_bytes != 0) [[unlikely]] {
        wire = wire >= layout.fcs_bytes ? wire - layout.fcs_bytes : wire;
        kept = std::min(kept, wire);
      }
      const uint64_t at_ns =
          Read32<kSwap>(at) * uint64_t{1000000000} + Read32<kSwap>(at + 4) * uint64_t{kUnitNs};
      *to++ = {at + kHeader, at_ns, ++number, kept, wire, layout.link_type, 0};
      at += kHeader + captured;
      left = room - captured;
      steps |= at_ns - last_ns;  // below 2^63 each: a step back shows in the sign
      last_ns = at_ns;
    }
    const size_t count = static_cast<size_t>(to - out.data());
    Note(out.first(count), static_cast<int64_t>(steps) >= 0);
    offset_ += static_cast<uint64_t>(at - window->cursor);
    window->cursor = at;
    if (to != full) Pause(*window);
    return count;
  }

 private:
  // A record that the common case does not cover. False: it is not (or cannot be) here.
  bool AcceptOdd(uint32_t* captured, uint32_t* wire, size_t left) {
    if (layout_.lengths_swapped && *captured > *wire) std::swap(*captured, *wire);
    if (*captured > left || *captured > kMaxRecordBytes) return false;
    if (*captured > layout_.frame_limit || *captured > *wire) ++ledger_.facts.bad_records;
    return true;
  }

  // Why the loop stopped short of a full block.
  void Pause(const Window& window) {
    const size_t left = window.left();
    if (left == 0 && window.last) return Finish();
    if (left < kHeader) {
      wanted_ = kHeader;
      if (window.last) StopCut(kHeader, left);
      return;
    }
    uint32_t captured = Read32<kSwap>(window.cursor + 8);
    if (layout_.lengths_swapped) captured = std::min(captured, Read32<kSwap>(window.cursor + 12));
    const uint32_t believable = std::max(layout_.frame_limit, kUsualFrameBytes);
    if (captured > kMaxRecordBytes || (window.last && captured > believable))
      return Stop("E_INPUT_CORRUPT",
                  "a record claims " + std::to_string(captured) + " captured bytes");
    wanted_ = kHeader + captured;
    if (window.last) StopCut(wanted_, left);
  }

  const Layout layout_;
};

template <bool kSwap>
Layout ReadLayout(const uint8_t* header, CapturePoint* point) {
  const uint16_t major = Read16<kSwap>(header + 4), minor = Read16<kSwap>(header + 6);
  const uint32_t link = Read32<kSwap>(header + 20);
  point->snaplen = Read32<kSwap>(header + 16);
  point->link_type = PortableLinkType(static_cast<uint16_t>(link));
  Layout layout;
  layout.link_type = point->link_type;
  layout.frame_limit =
      point->snaplen == 0 ? kUsualFrameBytes : std::min(point->snaplen, kMaxRecordBytes);
  // Bit 26 says that the top four bits hold the FCS length in 16-bit words (libpcap, pcap-common.c:
  // LT_FCS_LENGTH).
  layout.fcs_bytes = (link & 0x04000000) != 0 ? (link >> 28) * 2 : 0;
  // libpcap, sf-pcap.c: below 2.3 and from DG/UX (543) always, in 2.3 where the numbers tell.
  layout.lengths_swapped = major == 543 || (major == 2 && minor <= 3) || major < 2;
  return layout;
}

template <bool kSwap>
std::unique_ptr<Parser> Make(uint32_t magic, const uint8_t* header, Ledger* ledger) {
  CapturePoint point;
  const Layout layout = ReadLayout<kSwap>(header, &point);
  if (magic == kNanoseconds) point.ts_per_second = 1000000000;
  ledger->points.IndexOf(point);
  if (magic == kNanoseconds) return std::make_unique<ClassicParser<kSwap, 1, 16>>(ledger, layout);
  // Alexey Kuznetzov's records carry interface index, protocol and packet type behind the lengths.
  if (magic == kKuznetzov) return std::make_unique<ClassicParser<kSwap, 1000, 24>>(ledger, layout);
  return std::make_unique<ClassicParser<kSwap, 1000, 16>>(ledger, layout);
}

}  // namespace

uint16_t PortableLinkType(uint16_t written) {
  constexpr uint16_t kRaw = 101;
  return written == 12 || written == 14 ? kRaw
                                        : written;  // DLT_RAW of most systems, and of OpenBSD
}

std::unique_ptr<Parser> MakeClassicParser(Window* window, Ledger* ledger) {
  const uint8_t* const header = window->cursor;
  const uint32_t magic = Read32<false>(header);
  window->cursor += kFileHeader;
  ledger->facts.format = "pcap";
  if (magic == kMicroseconds || magic == kNanoseconds || magic == kKuznetzov)
    return Make<false>(magic, header, ledger);
  return Make<true>(__builtin_bswap32(magic), header, ledger);
}

}  // namespace deadair
