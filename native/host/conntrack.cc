#include "host/conntrack.h"

#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <time.h>

#include <cerrno>
#include <cstring>
#include <span>

namespace deadair {
namespace {

using Bytes = std::span<const uint8_t>;

uint64_t Now() {
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1000000000 + static_cast<uint64_t>(now.tv_nsec);
}

uint64_t Big(Bytes bytes) {
  uint64_t value = 0;
  for (const uint8_t byte : bytes) value = value << 8 | byte;
  return value;
}

// Attributes of one level: calls `use(type, payload)` for each that is whole.
template <class Use>
void ForEach(Bytes bytes, Use use) {
  while (bytes.size() >= sizeof(nlattr)) {
    nlattr head;
    std::memcpy(&head, bytes.data(), sizeof head);
    if (head.nla_len < sizeof head || head.nla_len > bytes.size()) return;
    use(head.nla_type & NLA_TYPE_MASK, bytes.subspan(sizeof head, head.nla_len - sizeof head));
    bytes = bytes.subspan(std::min<size_t>(NLA_ALIGN(head.nla_len), bytes.size()));
  }
}

void ReadAddresses(Bytes nested, RowTuple* tuple, uint8_t* version) {
  ForEach(nested, [&](int type, Bytes payload) {
    const bool source = type == CTA_IP_V4_SRC || type == CTA_IP_V6_SRC;
    const bool is4 = type == CTA_IP_V4_SRC || type == CTA_IP_V4_DST;
    if (!is4 && type != CTA_IP_V6_SRC && type != CTA_IP_V6_DST) return;
    if (payload.size() != (is4 ? 4u : 16u)) return;
    std::memcpy(source ? tuple->source : tuple->destination, payload.data(), payload.size());
    *version = is4 ? 4 : 6;
  });
}

// False where the row is of another protocol than TCP.
bool ReadPorts(Bytes nested, RowTuple* tuple) {
  bool tcp = false;
  ForEach(nested, [&](int type, Bytes payload) {
    if (type == CTA_PROTO_NUM && payload.size() == 1) tcp = payload[0] == IPPROTO_TCP;
    if (payload.size() != 2) return;
    const auto port = static_cast<uint16_t>(Big(payload));
    if (type == CTA_PROTO_SRC_PORT) tuple->source_port = port;
    if (type == CTA_PROTO_DST_PORT) tuple->destination_port = port;
  });
  return tcp;
}

bool ReadTuple(Bytes nested, RowTuple* tuple, uint8_t* version) {
  bool tcp = false;
  ForEach(nested, [&](int type, Bytes payload) {
    if (type == CTA_TUPLE_IP) ReadAddresses(payload, tuple, version);
    if (type == CTA_TUPLE_PROTO) tcp = ReadPorts(payload, tuple);
  });
  return tcp;
}

void ReadState(Bytes nested, int8_t* state) {
  ForEach(nested, [&](int type, Bytes tcp) {
    if (type != CTA_PROTOINFO_TCP) return;
    ForEach(tcp, [&](int inner, Bytes payload) {
      if (inner == CTA_PROTOINFO_TCP_STATE && payload.size() == 1)
        *state = static_cast<int8_t>(payload[0]);
    });
  });
}

void ReadStop(Bytes nested, RowEnd* out) {
  ForEach(nested, [&](int type, Bytes payload) {
    if (type != CTA_TIMESTAMP_STOP || payload.size() != 8) return;
    out->at_ns = Big(payload);
    out->marked = true;
  });
}

}  // namespace

bool ParseRowEnd(const uint8_t* message, size_t bytes, uint64_t now_ns, RowEnd* out) {
  nlmsghdr head;
  constexpr size_t kHeads = NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(nfgenmsg));
  if (bytes < kHeads) return false;
  std::memcpy(&head, message, sizeof head);
  constexpr int kDelete = NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_DELETE;
  if (head.nlmsg_type != kDelete || head.nlmsg_len > bytes || head.nlmsg_len < kHeads) return false;
  *out = RowEnd{};
  out->at_ns = now_ns;
  bool there = false, back = false;
  ForEach(Bytes(message, head.nlmsg_len).subspan(kHeads), [&](int type, Bytes payload) {
    switch (type) {
      case CTA_TUPLE_ORIG:
        there = ReadTuple(payload, &out->original, &out->ip_version);
        break;
      case CTA_TUPLE_REPLY:
        back = ReadTuple(payload, &out->reply, &out->ip_version);
        break;
      case CTA_STATUS:
        out->assured = payload.size() == 4 && (Big(payload) & IPS_ASSURED) != 0;
        break;
      case CTA_PROTOINFO:
        ReadState(payload, &out->state);
        break;
      case CTA_ZONE:
        out->zone = payload.size() == 2 ? static_cast<uint16_t>(Big(payload)) : 0;
        break;
      case CTA_TIMESTAMP:
        ReadStop(payload, out);
        break;
      default:
        break;
    }
  });
  return there && back && out->ip_version != 0;
}

std::unique_ptr<ConntrackEvents> ConntrackEvents::Open(uint32_t buffer_bytes, int* error) {
  const int number = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_NETFILTER);
  std::unique_ptr<ConntrackEvents> events(new ConntrackEvents(number));
  // Beyond net.core.rmem_max only with CAP_NET_ADMIN; without it the smaller one has to do.
  const int size = static_cast<int>(buffer_bytes);
  if (setsockopt(number, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0)
    setsockopt(number, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  const int group = NFNLGRP_CONNTRACK_DESTROY;
  const bool joined =
      number >= 0 && bind(number, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
      setsockopt(number, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) == 0;
  if (joined) return events;
  *error = errno;
  return nullptr;
}

void ConntrackEvents::Take(size_t most, std::vector<RowEnd>* out) {
  const size_t before = out->size();
  while (out->size() - before < most) {
    sockaddr_nl from{};
    socklen_t length = sizeof from;
    const ssize_t got = recvfrom(socket_.get(), buffer_.data(), buffer_.size(), 0,
                                 reinterpret_cast<sockaddr*>(&from), &length);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == ENOBUFS) {
      // netlink(7): messages were dropped; how many, nobody knows. What is still queued is read.
      ++overruns_;
      continue;
    }
    if (got <= 0) return;
    // Port 0 is the kernel: another process may send to this socket too.
    if (from.nl_pid != 0) continue;
    const uint64_t now = Now();
    RowEnd end;
    for (size_t at = 0; at + sizeof(nlmsghdr) <= static_cast<size_t>(got);) {
      nlmsghdr head;
      std::memcpy(&head, buffer_.data() + at, sizeof head);
      if (head.nlmsg_len < sizeof head) break;
      if (ParseRowEnd(buffer_.data() + at, static_cast<size_t>(got) - at, now, &end))
        out->push_back(end);
      at += NLMSG_ALIGN(head.nlmsg_len);
    }
  }
}

}  // namespace deadair
