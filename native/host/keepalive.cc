#include "host/keepalive.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "host/descriptor.h"

namespace deadair {
namespace {

bool IsSocket(int descriptor, uint64_t inode) {
  struct stat facts {};
  return fstat(descriptor, &facts) == 0 && S_ISSOCK(facts.st_mode) && facts.st_ino == inode;
}

bool Ask(int socket, int level, int option, uint32_t* out) {
  int value = 0;
  socklen_t size = sizeof value;
  if (getsockopt(socket, level, option, &value, &size) != 0 || value < 0) return false;
  *out = static_cast<uint32_t>(value);
  return true;
}

}  // namespace

std::optional<Keepalive> KeepaliveOf(int32_t pid, int32_t descriptor, uint64_t inode) {
  const Descriptor process(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (!process.open()) return std::nullopt;
  const Descriptor copy(static_cast<int>(syscall(SYS_pidfd_getfd, process.get(), descriptor, 0)));
  // The number may have become another file meanwhile.
  if (!copy.open() || !IsSocket(copy.get(), inode)) return std::nullopt;
  Keepalive out;
  uint32_t on = 0;
  if (!Ask(copy.get(), SOL_SOCKET, SO_KEEPALIVE, &on) ||
      !Ask(copy.get(), IPPROTO_TCP, TCP_KEEPIDLE, &out.idle_s) ||
      !Ask(copy.get(), IPPROTO_TCP, TCP_KEEPINTVL, &out.interval_s) ||
      !Ask(copy.get(), IPPROTO_TCP, TCP_KEEPCNT, &out.probes) ||
      !Ask(copy.get(), IPPROTO_TCP, TCP_USER_TIMEOUT, &out.user_timeout_ms)) {
    return std::nullopt;
  }
  out.on = on != 0;
  return out;
}

}  // namespace deadair
