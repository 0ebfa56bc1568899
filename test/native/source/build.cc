#include "build.h"

#include <zlib.h>
#include <zstd.h>

namespace deadair::test {

void Writer::Put(uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i)
    bytes_.push_back(static_cast<uint8_t>(value >> 8 * (big_endian_ ? bytes - 1 - i : i)));
}
Writer& Writer::U8(uint8_t value) { return Put(value, 1), *this; }
Writer& Writer::U16(uint16_t value) { return Put(value, 2), *this; }
Writer& Writer::U32(uint32_t value) { return Put(value, 4), *this; }
Writer& Writer::U64(uint64_t value) { return Put(value, 8), *this; }
Writer& Writer::Raw(std::span<const uint8_t> bytes) {
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  return *this;
}
Writer& Writer::Pad4() {
  while (bytes_.size() % 4 != 0) bytes_.push_back(0);
  return *this;
}

Writer& Writer::PcapHeader(uint32_t magic, uint32_t link_type, uint32_t snaplen) {
  return U32(magic).U16(2).U16(4).U32(0).U32(0).U32(snaplen).U32(link_type);
}
Writer& Writer::PcapRecord(uint32_t seconds, uint32_t fraction, std::span<const uint8_t> bytes,
                           uint32_t wire) {
  return U32(seconds).U32(fraction).U32(static_cast<uint32_t>(bytes.size())).U32(wire).Raw(bytes);
}

Writer& Writer::Block(uint32_t type, const Bytes& body) {
  const auto length = static_cast<uint32_t>((body.size() + 3) / 4 * 4 + 12);
  return U32(type).U32(length).Raw(body).Pad4().U32(length);
}
Writer& Writer::Section() {
  return Block(0x0a0d0d0a, Body().U32(0x1a2b3c4d).U16(1).U16(0).U64(UINT64_MAX).bytes());
}
Writer& Writer::Interface(uint16_t link_type, uint32_t snaplen, const Bytes& options) {
  return Block(1, Body().U16(link_type).U16(0).U32(snaplen).Raw(options).bytes());
}
Writer& Writer::Enhanced(uint32_t interface, uint64_t ticks, std::span<const uint8_t> bytes,
                         uint32_t wire, const Bytes& options) {
  return Block(6, Body()
                      .U32(interface)
                      .U32(static_cast<uint32_t>(ticks >> 32))
                      .U32(static_cast<uint32_t>(ticks))
                      .U32(static_cast<uint32_t>(bytes.size()))
                      .U32(wire)
                      .Raw(bytes)
                      .Pad4()
                      .Raw(options)
                      .bytes());
}
Writer& Writer::Option(uint16_t code, const Bytes& value) {
  return U16(code).U16(static_cast<uint16_t>(value.size())).Raw(value).Pad4();
}

Bytes Payload(size_t count, uint8_t seed) {
  Bytes bytes(count);
  for (size_t i = 0; i < count; ++i) bytes[i] = static_cast<uint8_t>(i * 7 + seed * 31 + (i >> 8));
  return bytes;
}
Bytes Text(std::string_view text) { return {text.begin(), text.end()}; }
Bytes Joined(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

Bytes Gzipped(std::span<const uint8_t> bytes) {
  z_stream stream = {};
  deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  Bytes out(deflateBound(&stream, bytes.size()) + 64);
  stream.next_in = const_cast<uint8_t*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  Require(deflate(&stream, Z_FINISH) == Z_STREAM_END, "gzip works");
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}
Bytes Zstandard(std::span<const uint8_t> bytes) {
  Bytes out(ZSTD_compressBound(bytes.size()));
  out.resize(ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), 3));
  return out;
}

}  // namespace deadair::test
