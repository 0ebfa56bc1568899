// What a socket of another process is set to: a copy of its descriptor (pidfd_getfd(2), Linux 5.6)
// answers getsockopt as the original would. Takes the right to trace that process
// (PTRACE_MODE_ATTACH_REALCREDS). Plain C++.
#pragma once
#include <cstdint>
#include <optional>

namespace deadair {

struct Keepalive {
  bool on = false;      // SO_KEEPALIVE
  uint32_t idle_s = 0;  // TCP_KEEPIDLE, or the namespace's tcp_keepalive_time
  uint32_t interval_s = 0;
  uint32_t probes = 0;
  uint32_t user_timeout_ms = 0;  // TCP_USER_TIMEOUT; 0: none
};

// Nothing where the process may not be looked into, is gone, or `descriptor` is not socket `inode`
// any more.
std::optional<Keepalive> KeepaliveOf(int32_t pid, int32_t descriptor, uint64_t inode);

}  // namespace deadair
