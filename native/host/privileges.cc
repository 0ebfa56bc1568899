#include "host/privileges.h"

#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace deadair {
namespace {

constexpr uint32_t kMostCapability = 63;

struct Capabilities {
  __user_cap_header_struct head{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2]{};

  bool Read() { return syscall(SYS_capget, &head, data) == 0; }
  bool Write() { return syscall(SYS_capset, &head, data) == 0; }
};

Capabilities Only(const std::vector<uint32_t>& keep) {
  Capabilities all;
  for (const uint32_t one : keep) {
    auto& word = all.data[one / 32];
    word.effective |= 1u << (one % 32);
    word.permitted |= 1u << (one % 32);
  }
  return all;
}

std::string Refused(const char* step) { return std::string(step) + ": " + std::strerror(errno); }

bool Contains(const std::vector<uint32_t>& keep, uint32_t one) {
  for (const uint32_t each : keep)
    if (each == one) return true;
  return false;
}

// So that not even a set-user-ID program could bring one back. Without CAP_SETPCAP it stays as it
// is: no_new_privs below closes the same door.
void Bound(const std::vector<uint32_t>& keep) {
  for (uint32_t one = 0; prctl(PR_CAPBSET_READ, one, 0, 0, 0) >= 0; one++)
    if (!Contains(keep, one)) prctl(PR_CAPBSET_DROP, one, 0, 0, 0);
}

std::string Become(const Identity& identity) {
  const std::vector<gid_t> groups(identity.groups.begin(), identity.groups.end());
  if (setgroups(groups.size(), groups.data()) != 0) return Refused("setgroups");
  if (setresgid(identity.group, identity.group, identity.group) != 0) return Refused("setresgid");
  if (setresuid(identity.user, identity.user, identity.user) != 0) return Refused("setresuid");
  return {};
}

}  // namespace

std::string DropPrivileges(const Identity& identity, const std::vector<uint32_t>& keep) {
  for (const uint32_t one : keep)
    if (one > kMostCapability) return "there is no such capability";
  Bound(keep);
  if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0) return Refused("prctl(PR_SET_KEEPCAPS)");
  if (std::string refused = Become(identity); !refused.empty()) return refused;
  if (!Only(keep).Write()) return Refused("capset");
  if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0)
    return Refused("prctl(PR_CAP_AMBIENT)");
  prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return Refused("prctl(PR_SET_NO_NEW_PRIVS)");
  return {};
}

uint64_t EffectiveCapabilities() {
  Capabilities own;
  if (!own.Read()) return 0;
  return static_cast<uint64_t>(own.data[1].effective) << 32 | own.data[0].effective;
}

}  // namespace deadair
