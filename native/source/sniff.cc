#include "source/sniff.h"

#include <algorithm>
#include <string_view>

#include "source/bytes.h"

namespace deadair {
namespace {

// Read as little-endian numbers; a capture of the other byte order shows them reversed.
constexpr uint32_t kPcapMagics[] = {0xa1b2c3d4, 0xa1b23c4d, 0xa1b2cd34};  // µs, ns, Kuznetzov's
constexpr uint32_t kPcapngMagic = 0x0a0d0d0a;    // a palindrome, for this very purpose
constexpr uint32_t kZstdMagic = 0xfd2fb528;      // RFC 8878 3.1.1
constexpr uint32_t kZstdSkippable = 0x184d2a50;  // … to 0x184d2a5f (RFC 8878 3.1.2)

struct Known {
  std::string_view magic;
  const char* name;
};
constexpr Known kKnown[] = {
    {"snoop", "a Solaris snoop capture"},
    {"BZh", "bzip2-compressed (decompress it first)"},
    {"\xfd"
     "7zXZ",
     "xz-compressed (decompress it first)"},
    {"\x04\x22\x4d\x18", "lz4-compressed (decompress it first)"},
    {"PK\x03\x04", "a zip archive (unpack it first)"},
    {"\x7f"
     "ELF",
     "a program"},
    {"TRSNIFF data", "a capture of the old Sniffer program"},
    {"XCP", "a capture of the NetXRay/Sniffer program"},
    {"GMBU", "a capture of Microsoft Network Monitor 2"},
    {"RTSS", "a capture of Microsoft Network Monitor 1"},
    {"btsnoop", "a Bluetooth HCI log"},
    {"%PDF", "a PDF document"},
};

bool StartsWith(std::span<const uint8_t> head, std::string_view magic) {
  return head.size() >= magic.size() && std::memcmp(head.data(), magic.data(), magic.size()) == 0;
}

// Endace ERF has no magic: a 64-bit time stamp of fixed point, a type, flags, rlen, lctr, wlen (ERF
// types guide).
bool LooksLikeErf(std::span<const uint8_t> head) {
  if (head.size() < 16) return false;
  const uint8_t type = head[8] & 0x7f;
  const uint32_t rlen = head[10] << 8 | head[11], wlen = head[14] << 8 | head[15];
  return type >= 1 && type <= 48 && rlen >= 16 && wlen > 0 && wlen <= rlen &&
         Read32<false>(head.data() + 4) >> 24 < 0x80 && Read32<false>(head.data() + 4) > 0x20000000;
}

bool IsText(uint8_t byte) { return byte >= 0x20 ? byte != 0x7f : byte >= '\t' && byte <= '\r'; }

}  // namespace

Format FormatOf(std::span<const uint8_t> head) {
  if (head.size() >= 2 && head[0] == 0x1f && head[1] == 0x8b)
    return Format::kGzip;  // RFC 1952 2.3.1
  if (head.size() < 4) return Format::kUnknown;
  const uint32_t little = Read32<false>(head.data()), big = Read32<true>(head.data());
  for (const uint32_t magic : kPcapMagics)
    if (little == magic || big == magic) return Format::kPcap;
  if (little == kPcapngMagic) return Format::kPcapng;
  if (little == kZstdMagic || (little & 0xfffffff0) == kZstdSkippable) return Format::kZstd;
  return Format::kUnknown;
}

size_t HeaderBytes(Format format) {
  switch (format) {
    case Format::kPcap:
      return 24;  // the file header
    case Format::kPcapng:
      return 28;  // the shortest section header
    default:
      return 4;
  }
}

std::string LooksLike(std::span<const uint8_t> head) {
  for (const Known& known : kKnown)
    if (StartsWith(head, known.magic)) return std::string("it looks like ") + known.name;
  if (head.size() > 512) head = head.first(512);
  if (!head.empty() && std::all_of(head.begin(), head.end(), IsText)) return "it looks like text";
  if (LooksLikeErf(head))
    return "it may be an Endace ERF capture (convert it with editcap -F pcap)";
  return "its first bytes are those of no capture";
}

}  // namespace deadair
