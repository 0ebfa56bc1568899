// A segment as bytes: Ethernet (or VLAN + VXLAN around it), IPv4 or IPv6, TCP with options,
// checksums right.
#pragma once
#include <cstdint>
#include <cstring>

#include "options.h"
#include "random.h"

namespace bench {

namespace Flag {
inline constexpr uint8_t kFin = 1, kSyn = 2, kRst = 4, kPsh = 8, kAck = 16;
}
inline constexpr uint32_t kResolver = 0xffff35;  // the client number of the network's DNS server

struct Host {
  bool server;
  uint32_t number;
  uint16_t port;
};

enum class TcpOptions : uint8_t { kNone, kTimestamps, kSyn };

struct Segment {
  Host from, to;
  uint32_t seq, ack, tsval, tsecr;
  uint16_t window, ip_id, payload;
  uint8_t flags, ttl;
  TcpOptions options;
};

// One's complement sums (RFC 1071), in memory order so that they need no swap until the end.
inline uint64_t Sum(const uint8_t* bytes, size_t count) {
  uint64_t sum = 0;
  for (; count >= 4; bytes += 4, count -= 4) {
    uint32_t word;
    std::memcpy(&word, bytes, 4);
    sum += word;
  }
  if (count >= 2) {
    uint16_t word;
    std::memcpy(&word, bytes, 2);
    sum += word;
    bytes += 2;
  }
  return count % 2 == 1 ? sum + *bytes : sum;
}

inline uint16_t Folded(uint64_t sum) {
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(~sum);
}

class Framer {
 public:
  explicit Framer(const Options& options) : ipv6_(options.ipv6()), vxlan_(options.vxlan()) {
    Random letters(42);
    for (uint8_t& byte : text_) byte = static_cast<uint8_t>('!' + letters.Below(90));
    for (uint32_t i = 0; i < kText / 2; ++i)
      text_sum_[i + 1] =
          text_sum_[i] + text_[2 * i] + (static_cast<uint32_t>(text_[2 * i + 1]) << 8);
  }

  static constexpr size_t kMost = 2048;

  // Writes the frame and returns its length.
  size_t Tcp(const Segment& s, uint8_t* out) {
    const size_t options = s.options == TcpOptions::kNone  ? 0
                           : s.options == TcpOptions::kSyn ? 20
                                                           : 12;
    const size_t body = 20 + options + s.payload;
    uint8_t* ip = Link(s.from, out, body);
    uint8_t* tcp = Ip(s.from, s.to, 6, s.ttl, s.ip_id, body, ip);
    Put16(tcp, s.from.port);
    Put16(tcp + 2, s.to.port);
    Put32(tcp + 4, s.seq);
    Put32(tcp + 8, s.ack);
    tcp[12] = static_cast<uint8_t>((20 + options) / 4 << 4);
    tcp[13] = s.flags;
    Put16(tcp + 14, s.window);
    Put32(tcp + 16, 0);
    WriteOptions(s, tcp + 20);
    const uint64_t payload = Text(s.seq, s.payload, tcp + 20 + options);
    const uint16_t sum = Folded(Sum(tcp, 20 + options) + payload + Pseudo(ip, 6, body));
    std::memcpy(tcp + 16, &sum, 2);
    return static_cast<size_t>(tcp - out) + body;
  }

  // A DNS question or answer: what a `tcp` filter has to leave out.
  size_t Udp(const Host& from, const Host& to, uint16_t id, uint16_t payload, uint8_t* out) {
    const size_t body = 8u + payload;
    uint8_t* ip = Link(from, out, body);
    uint8_t* udp = Ip(from, to, 17, 64, id, body, ip);
    Put16(udp, from.port);
    Put16(udp + 2, to.port);
    Put16(udp + 4, static_cast<uint16_t>(body));
    Put16(udp + 6, 0);
    const uint64_t text = Text(id, payload, udp + 8);
    const uint16_t sum = Folded(Sum(udp, 8) + text + Pseudo(ip, 17, body));
    std::memcpy(udp + 6, &sum, 2);
    return static_cast<size_t>(udp - out) + body;
  }

 private:
  static constexpr uint32_t kText = 65536;

  static void Put16(uint8_t* at, uint16_t value) {
    value = __builtin_bswap16(value);
    std::memcpy(at, &value, 2);
  }
  static void Put32(uint8_t* at, uint32_t value) {
    value = __builtin_bswap32(value);
    std::memcpy(at, &value, 4);
  }

  size_t IpBytes() const { return ipv6_ ? 40 : 20; }

  static uint8_t* Ethernet(bool from_server, uint16_t type, uint8_t* out) {
    static constexpr uint8_t kInside[6] = {2, 0, 0, 0, 0, 1}, kGateway[6] = {2, 0, 0, 0, 0, 2};
    std::memcpy(out, from_server ? kInside : kGateway, 6);
    std::memcpy(out + 6, from_server ? kGateway : kInside, 6);
    Put16(out + 12, type);
    return out + 14;
  }

  uint8_t* Link(const Host& from, uint8_t* out, size_t body) {
    const uint16_t type = ipv6_ ? 0x86dd : 0x0800;
    if (!vxlan_) return Ethernet(from.server, type, out);
    uint8_t* tag = Ethernet(from.server, 0x8100, out);
    Put16(tag, 100);  // VLAN 100
    Put16(tag + 2, 0x0800);
    uint8_t* udp = Outer(from.server, 8 + 8 + 14 + IpBytes() + body, tag + 4);
    Put32(udp + 8, 0x08000000);  // RFC 7348 section 5: flag I, VNI 42
    Put32(udp + 12, 42 << 8);
    return Ethernet(from.server, type, udp + 16);
  }

  // The tunnel's own IPv4 and UDP headers, between two tunnel ends.
  static uint8_t* Outer(bool from_server, size_t body, uint8_t* ip) {
    const uint32_t inside = 0xac100001, outside = 0xac100002;  // 172.16.0.1 and .2
    Ipv4(from_server ? outside : inside, from_server ? inside : outside, 17, 64, 0, body, ip);
    Put16(ip + 20, 49152);
    Put16(ip + 22, 4789);
    Put16(ip + 24, static_cast<uint16_t>(body));
    Put16(ip + 26, 0);  // RFC 7348: the outer checksum should be sent as zero
    return ip + 20;
  }

  static void Ipv4(uint32_t from, uint32_t to, uint8_t protocol, uint8_t ttl, uint16_t id,
                   size_t body, uint8_t* ip) {
    Put16(ip, 0x4500);
    Put16(ip + 2, static_cast<uint16_t>(20 + body));
    Put16(ip + 4, id);
    Put16(ip + 6, 0x4000);
    ip[8] = ttl;
    ip[9] = protocol;
    Put16(ip + 10, 0);
    Put32(ip + 12, from);
    Put32(ip + 16, to);
    const uint16_t sum = Folded(Sum(ip, 20));
    std::memcpy(ip + 10, &sum, 2);
  }

  // Clients live in 10.0.0.0/8, servers in 198.18.0.0/15 (RFC 2544's benchmarking block).
  static uint32_t Address4(const Host& host) {
    return host.server ? 0xc6120001 + host.number : 0x0a000001 + host.number;
  }
  static void Address6(const Host& host, uint8_t* out) {
    Put32(out, 0x20010db8);
    Put32(out + 4, host.server ? 2 : 1);
    Put32(out + 8, 0);
    Put32(out + 12, host.number + 1);
  }

  uint8_t* Ip(const Host& from, const Host& to, uint8_t protocol, uint8_t ttl, uint16_t id,
              size_t body, uint8_t* ip) const {
    if (!ipv6_) {
      Ipv4(Address4(from), Address4(to), protocol, ttl, id, body, ip);
      return ip + 20;
    }
    Put32(ip, 0x60000000);
    Put16(ip + 4, static_cast<uint16_t>(body));
    ip[6] = protocol;
    ip[7] = ttl;
    Address6(from, ip + 8);
    Address6(to, ip + 24);
    return ip + 40;
  }

  uint64_t Pseudo(const uint8_t* ip, uint8_t protocol, size_t body) const {
    const uint64_t addresses = ipv6_ ? Sum(ip + 8, 32) : Sum(ip + 12, 8);
    return addresses + __builtin_bswap16(protocol) + __builtin_bswap16(static_cast<uint16_t>(body));
  }

  static void WriteOptions(const Segment& s, uint8_t* out) {
    if (s.options == TcpOptions::kSyn) {
      Put32(out, 0x020405b4);       // MSS 1460
      Put32(out + 4, 0x0402080a);   // SACK permitted, timestamps
      Put32(out + 16, 0x01030307);  // NOP, window scale 7
      out += 4;
    } else if (s.options == TcpOptions::kTimestamps) {
      Put32(out, 0x0101080a);
    } else {
      return;
    }
    Put32(out + 4, s.tsval);
    Put32(out + 8, s.tsecr);
  }

  // Payload from a fixed text at a place that depends on the data's position: compresses like text
  // does, and its checksum is a difference of two sums known before.
  uint64_t Text(uint32_t position, uint16_t count, uint8_t* out) {
    if (count == 0) return 0;
    const uint32_t from = static_cast<uint32_t>(Mix(position)) % (kText - kMost) & ~1u;
    std::memcpy(out, text_ + from, count);
    const uint64_t words = text_sum_[(from + count) / 2] - text_sum_[from / 2];
    return count % 2 == 1 ? words + text_[from + count - 1] : words;
  }

  bool ipv6_, vxlan_;
  uint8_t text_[kText];
  uint32_t text_sum_[kText / 2 + 1] = {};
};

}  // namespace bench
