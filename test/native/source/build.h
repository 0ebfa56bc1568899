// Captures made byte by byte, in either byte order.
#pragma once
#include <initializer_list>
#include <string_view>

#include "reading.h"

namespace deadair::test {

class Writer {
 public:
  explicit Writer(bool big_endian = false) : big_endian_(big_endian) {}

  Writer& U8(uint8_t value);
  Writer& U16(uint16_t value);
  Writer& U32(uint32_t value);
  Writer& U64(uint64_t value);
  Writer& Raw(std::span<const uint8_t> bytes);
  Writer& Pad4();

  // pcap.
  Writer& PcapHeader(uint32_t magic, uint32_t link_type = 1, uint32_t snaplen = 262144);
  Writer& PcapRecord(uint32_t seconds, uint32_t fraction, std::span<const uint8_t> bytes,
                     uint32_t wire);

  // pcapng: the body is put between type, length and length.
  Writer& Block(uint32_t type, const Bytes& body);
  Writer& Section();
  Writer& Interface(uint16_t link_type, uint32_t snaplen, const Bytes& options = {});
  Writer& Enhanced(uint32_t interface, uint64_t ticks, std::span<const uint8_t> bytes,
                   uint32_t wire, const Bytes& options = {});
  Writer Body() const { return Writer(big_endian_); }
  Writer& Option(uint16_t code, const Bytes& value);

  const Bytes& bytes() const { return bytes_; }

 private:
  void Put(uint64_t value, int bytes);

  Bytes bytes_;
  bool big_endian_;
};

// `count` bytes that differ from each other and from those of another `seed`.
Bytes Payload(size_t count, uint8_t seed = 1);
Bytes Text(std::string_view text);
Bytes Joined(std::initializer_list<Bytes> parts);
Bytes Gzipped(std::span<const uint8_t> bytes);
Bytes Zstandard(std::span<const uint8_t> bytes);

}  // namespace deadair::test
