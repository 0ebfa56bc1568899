#include "source/pcapng.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "source/bytes.h"
#include "source/interface.h"

namespace deadair {
namespace {

namespace Block {
constexpr uint32_t kSection = 0x0a0d0d0a, kInterface = 1, kObsoletePacket = 2, kSimplePacket = 3,
                   kStatistics = 5, kEnhancedPacket = 6, kJournal = 9, kCustom = 0x0bad,
                   kCustomNotCopied = 0x40000bad;
}
namespace Option {
constexpr uint16_t kPacketFlags = 2, kPacketDrops = 4;  // of a packet block
constexpr uint16_t kIfDrop = 5, kOsDrop = 7;            // of a statistics block
}  // namespace Option

constexpr uint32_t kByteOrder = 0x1a2b3c4d;
constexpr uint16_t kMajorVersion = 1;
constexpr size_t kSectionHeader = 28;
constexpr size_t kLeast = 12;  // type, length, length again
constexpr size_t kPacketFields =
    28;  // of an enhanced (and an obsolete) packet block, up to its bytes
constexpr size_t kPacketFrame = 32;  // … and the length at the end
constexpr int kBlocksACall =
    65536;  // so that a file of blocks without packets still lets its caller breathe
constexpr uint64_t kLongestBlock = uint64_t{kMaxRecordBytes} + 65536;

class PcapngParser final : public Parser {
 public:
  PcapngParser(Ledger* ledger, bool swap) : Parser(ledger), swap_(swap) {}

  size_t Parse(Window* window, std::span<Frame> out) override {
    const uint8_t* const from = window->cursor;
    Frame* to = out.data();
    Frame* const full = to + out.size();
    int blocks = kBlocksACall;
    do {
      turned_ = false;
      to = swap_ ? Blocks<true>(window, to, full, &blocks)
                 : Blocks<false>(window, to, full, &blocks);
    } while (turned_);
    const size_t count = static_cast<size_t>(to - out.data());
    Note(out.first(count));
    offset_ += static_cast<uint64_t>(window->cursor - from);
    wanted_ = 0;
    if (to != full && blocks > 0) swap_ ? Pause<true>(*window) : Pause<false>(*window);
    return count;
  }

 private:
  // Takes blocks until `full`, the end of the window, a block that cannot be, or a section of the
  // other byte order.
  template <bool kSwap>
  Frame* Blocks(Window* window, Frame* to, Frame* const full, int* blocks) {
    const uint8_t* at = window->cursor;
    for (; to != full && *blocks > 0; --*blocks) {
      const size_t left = static_cast<size_t>(window->end - at);
      if (left < kLeast) break;
      const uint32_t type = Read32<kSwap>(at);
      if (type == Block::kSection && Read32<kSwap>(at + 8) != kByteOrder) {
        turned_ = Read32<!kSwap>(at + 8) == kByteOrder;
        swap_ = turned_ ? !kSwap : kSwap;
        break;
      }
      const uint64_t bytes = PaddedTo4(Read32<kSwap>(at + 4));
      if (bytes < kLeast || bytes > left || bytes > kLongestBlock ||
          !LengthStands<kSwap>(at, bytes))
        break;
      if (type == Block::kEnhancedPacket) [[likely]] {
        to += TakePacket<kSwap>({at, bytes}, Read32<kSwap>(at + 8), to);
      } else {
        to += TakeOther<kSwap>(type, {at, bytes}, to);
      }
      at += bytes;
    }
    window->cursor = at;
    return to;
  }

  // A length that is no multiple of four is believed (rounded up) when the block's end repeats it,
  // as Wireshark does. A multiple of four is believed in any case: the next block shows soon enough
  // whether it was right.
  template <bool kSwap>
  bool LengthStands(const uint8_t* block, uint64_t bytes) {
    const uint32_t said = Read32<kSwap>(block + 4);
    const bool repeated = Read32<kSwap>(block + bytes - 4) == said;
    if (repeated && said == bytes) [[likely]]
      return true;
    if (!repeated && said != bytes) return false;
    ++ledger_.facts.bad_records;
    return true;
  }

  template <bool kSwap>
  size_t TakePacket(std::span<const uint8_t> block, uint32_t id, Frame* to) {
    if (block.size() < kPacketFrame || id >= interfaces_.size()) return Skip();
    const uint8_t* const at = block.data();
    const uint32_t captured = Read32<kSwap>(at + 20), wire = Read32<kSwap>(at + 24);
    if (captured > block.size() - kPacketFrame) return Skip();
    Interface& interface = interfaces_[id];
    const uint64_t ticks = uint64_t{Read32<kSwap>(at + 12)} << 32 | Read32<kSwap>(at + 16);
    last_ns_ = interface.clock.ToNs(ticks);
    uint32_t fcs_bytes = interface.fcs_bytes;
    const size_t options_at = kPacketFields + PaddedTo4(captured);
    if (options_at + 8 <= block.size()) [[unlikely]]
      ReadPacketOptions<kSwap>(block.subspan(options_at, block.size() - 4 - options_at), &interface,
                               &fcs_bytes);
    Put(interface, {at + kPacketFields, captured}, wire, fcs_bytes, to);
    return 1;
  }

  void Put(const Interface& interface, std::span<const uint8_t> bytes, uint32_t wire,
           uint32_t fcs_bytes, Frame* to) {
    const auto captured = static_cast<uint32_t>(bytes.size());
    if (captured > wire || (interface.snaplen != 0 && captured > interface.snaplen)) [[unlikely]]
      ++ledger_.facts.bad_records;
    to->data = bytes.data();
    to->at_ns = last_ns_;
    to->number = ++number_;
    to->wire = wire >= fcs_bytes ? wire - fcs_bytes : wire;
    to->captured = std::min(captured, to->wire);
    to->link_type = interface.link_type;
    to->capture_point = interface.point;
  }

  template <bool kSwap>
  void ReadPacketOptions(std::span<const uint8_t> options, Interface* interface,
                         uint32_t* fcs_bytes) {
    EachOption<kSwap>(options, [&](uint16_t code, std::span<const uint8_t> value) {
      if (code == Option::kPacketFlags && value.size() >= 4) {
        const uint32_t said =
            Read32<kSwap>(value.data()) >> 5 & 0xf;  // bits 5–8: FCS length in bytes, 0 not said
        if (said != 0) *fcs_bytes = said;
      }
      if (code == Option::kPacketDrops && value.size() >= 8)
        CountDrops(interface, interface->dropped_by_statistics,
                   interface->dropped_by_packets + Read64<kSwap>(value.data()));
    });
  }

  template <bool kSwap>
  size_t TakeOther(uint32_t type, std::span<const uint8_t> block, Frame* to) {
    switch (type) {
      case Block::kSection:
        return TakeSection<kSwap>(block);
      case Block::kInterface:
        return TakeInterface<kSwap>(block);
      case Block::kObsoletePacket:
        return TakeObsolete<kSwap>(block, to);
      case Block::kSimplePacket:
        return TakeSimple<kSwap>(block, to);
      case Block::kStatistics:
        return TakeStatistics<kSwap>(block);
      case Block::kJournal:
      case Block::kCustom:
      case Block::kCustomNotCopied:
        ++number_;
        return 0;  // Wireshark shows them, and numbers frames behind them
      default:
        return 0;  // name resolution, secrets, comments of their own: nothing that crossed a wire
    }
  }

  // A section of another major version may mean anything by its blocks (draft 4.1): without
  // interfaces, none of its packets is believed.
  template <bool kSwap>
  size_t TakeSection(std::span<const uint8_t> block) {
    interfaces_.clear();
    ordinals_.clear();
    foreign_ = block.size() < kSectionHeader || Read16<kSwap>(block.data() + 12) != kMajorVersion;
    return foreign_ ? Skip() : 0;
  }

  template <bool kSwap>
  size_t TakeInterface(std::span<const uint8_t> block) {
    if (foreign_) return 0;
    if (block.size() < 20) return Skip();
    CapturePoint point;
    Interface interface = ReadInterface<kSwap>(block.subspan(8, block.size() - kLeast), &point);
    point.ordinal = ordinals_[{point.name, point.link_type}]++;
    interface.point = ledger_.points.IndexOf(point);
    interfaces_.push_back(interface);
    return 0;
  }

  // As an enhanced packet block, but for a 16-bit interface and the drops since the packet before
  // (0xffff unknown).
  template <bool kSwap>
  size_t TakeObsolete(std::span<const uint8_t> block, Frame* to) {
    if (block.size() < kPacketFrame) return Skip();
    const uint16_t id = Read16<kSwap>(block.data() + 8), drops = Read16<kSwap>(block.data() + 10);
    if (id < interfaces_.size() && drops != UINT16_MAX)
      CountDrops(&interfaces_[id], interfaces_[id].dropped_by_statistics,
                 interfaces_[id].dropped_by_packets + drops);
    return TakePacket<kSwap>(block, id, to);
  }

  // Has no time, no interface but the first, and a captured length that must be worked out
  // (draft 4.4).
  template <bool kSwap>
  size_t TakeSimple(std::span<const uint8_t> block, Frame* to) {
    if (block.size() < 16 || interfaces_.empty()) return Skip();
    const uint32_t wire = Read32<kSwap>(block.data() + 8), snaplen = interfaces_[0].snaplen;
    size_t captured = std::min<size_t>(block.size() - 16, wire);
    if (snaplen != 0) captured = std::min<size_t>(captured, snaplen);
    Put(interfaces_[0], block.subspan(12, captured), wire, interfaces_[0].fcs_bytes, to);
    return 1;
  }

  template <bool kSwap>
  size_t TakeStatistics(std::span<const uint8_t> block) {
    if (block.size() < 24) return Skip();
    const uint32_t id = Read32<kSwap>(block.data() + 8);
    if (id >= interfaces_.size()) return Skip();
    uint64_t dropped = 0;
    EachOption<kSwap>(
        block.subspan(20, block.size() - 24), [&](uint16_t code, std::span<const uint8_t> value) {
          if ((code == Option::kIfDrop || code == Option::kOsDrop) && value.size() >= 8)
            dropped += Read64<kSwap>(value.data());
        });
    CountDrops(&interfaces_[id], dropped, interfaces_[id].dropped_by_packets);
    return 0;
  }

  // Statistics hold totals and packets hold steps of the same drops: the larger sum of the two
  // counts.
  void CountDrops(Interface* interface, uint64_t by_statistics, uint64_t by_packets) {
    uint64_t& total = ledger_.facts.dropped;
    total -= std::max(interface->dropped_by_statistics, interface->dropped_by_packets);
    interface->dropped_by_statistics = by_statistics;
    interface->dropped_by_packets = by_packets;
    total += std::max(by_statistics, by_packets);
  }

  size_t Skip() {
    ++ledger_.facts.bad_records;
    return 0;
  }

  // Why Blocks stopped short of a full block of frames.
  template <bool kSwap>
  void Pause(const Window& window) {
    const size_t left = window.left();
    if (left == 0 && window.last) return Finish();
    if (left < kLeast) {
      wanted_ = kLeast;
      if (window.last) StopCut(kLeast, left);
      return;
    }
    const uint8_t* const at = window.cursor;
    if (Read32<kSwap>(at) == Block::kSection && Read32<kSwap>(at + 8) != kByteOrder)
      return Stop("E_INPUT_CORRUPT", "a section header without a byte-order magic");
    const uint32_t said = Read32<kSwap>(at + 4);
    const uint64_t bytes = PaddedTo4(said);
    const bool too_long =
        bytes > kLongestBlock || (window.last && bytes > left && bytes > kUsualBlockBytes);
    if (bytes < kLeast || bytes <= left || too_long)
      return Stop("E_INPUT_CORRUPT",
                  "a block claims a length of " + std::to_string(said) + " bytes");
    wanted_ = bytes;
    if (window.last) StopCut(bytes, left);
  }

  std::vector<Interface> interfaces_;  // of this section
  std::map<std::pair<std::string, uint16_t>, uint32_t> ordinals_;
  uint64_t number_ = 0;
  uint64_t last_ns_ = 0;
  bool swap_;
  bool foreign_ = false;  // a section of a version that we do not know
  bool turned_ = false;   // a section of the other byte order begins at the cursor
};

}  // namespace

std::unique_ptr<Parser> MakePcapngParser(Window* window, Ledger* ledger, Problem* problem) {
  const uint8_t* const order = window->cursor + 8;
  const bool swap = Read32<true>(order) == kByteOrder;
  if (!swap && Read32<false>(order) != kByteOrder) {
    *problem = {"E_INPUT_FORMAT", "a pcapng section header without a byte-order magic"};
    return nullptr;
  }
  const uint16_t major = swap ? Read16<true>(order + 4) : Read16<false>(order + 4);
  if (major != kMajorVersion) {
    *problem = {"E_INPUT_FORMAT",
                "pcapng of major version " + std::to_string(major) + "; only 1 is known"};
    return nullptr;
  }
  ledger->facts.format = "pcapng";
  return std::make_unique<PcapngParser>(ledger, swap);
}

}  // namespace deadair
