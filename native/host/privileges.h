// Giving up what root may do, but for named capabilities (capabilities(7)). Plain C++.
//
// Capabilities belong to threads. The calling thread keeps the named ones, and threads and programs
// that it starts afterwards inherit them as capabilities(7) says; the identity changes in all
// threads (nptl(7)), and the other threads of now lose all capabilities with it.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace deadair {

struct Identity {
  uint32_t user = 0;
  uint32_t group = 0;
  std::vector<uint32_t> groups;  // supplementary
};

// Becomes this user for good, keeping the capabilities with these numbers; no program that it
// starts can gain any. Empty: done; else which step the system refused, in its own words. After a
// refusal the process must end: some steps are done.
std::string DropPrivileges(const Identity& identity, const std::vector<uint32_t>& keep);

// Bits of the calling thread's effective capabilities.
uint64_t EffectiveCapabilities();

}  // namespace deadair
