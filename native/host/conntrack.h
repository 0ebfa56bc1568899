// What the kernel's connection table says when it drops a row: ctnetlink's DESTROY events
// (linux/netfilter/nfnetlink_conntrack.h), read from a netlink socket. Plain C++.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "host/descriptor.h"

namespace deadair {

// One direction of a row. IPv4 addresses fill the first four bytes.
struct RowTuple {
  uint8_t source[16] = {};
  uint8_t destination[16] = {};
  uint16_t source_port = 0;
  uint16_t destination_port = 0;
};

// The end of a row of TCP.
struct RowEnd {
  RowTuple original;
  RowTuple reply;
  // CLOCK_REALTIME: the kernel's own mark where nf_conntrack_timestamp is on, else when it was
  // read.
  uint64_t at_ns = 0;
  uint16_t zone = 0;
  uint8_t ip_version = 0;
  int8_t state = -1;  // enum tcp_conntrack; -1: a kernel before 5.7 does not say
  bool assured = false;
  bool marked = false;  // at_ns is the kernel's mark
};

// What a message holds, if it is the end of a row of TCP. Never reads beyond `bytes`.
bool ParseRowEnd(const uint8_t* message, size_t bytes, uint64_t now_ns, RowEnd* out);

class ConntrackEvents {
 public:
  // Null where the system refuses: `error` is its errno. Needs CAP_NET_ADMIN, only here.
  static std::unique_ptr<ConntrackEvents> Open(uint32_t buffer_bytes, int* error);
  // Takes up to `most` ends that are waiting; never blocks.
  void Take(size_t most, std::vector<RowEnd>* out);
  // How often the kernel said that it had to drop events because nobody fetched them in time.
  uint64_t overruns() const { return overruns_; }

 private:
  explicit ConntrackEvents(int socket) : socket_(socket) {}
  Descriptor socket_;
  uint64_t overruns_ = 0;
  std::vector<uint8_t> buffer_ = std::vector<uint8_t>(1 << 16);
};

}  // namespace deadair
