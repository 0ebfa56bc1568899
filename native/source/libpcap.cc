#include "source/libpcap.h"

#include <dlfcn.h>

#include <string>

#include "source/filter.h"

namespace deadair {
namespace {

// Debian's name for it, that of others, and that of who develops with it.
constexpr const char* kNames[] = {"libpcap.so.0.8", "libpcap.so.1", "libpcap.so"};

class Loaded {
 public:
  Loaded() {
    void* library = nullptr;
    for (const char* name : kNames) {
      library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
      if (library != nullptr) break;
      missing_ += (missing_.empty() ? "" : "; ") + std::string(dlerror());
    }
    if (library == nullptr) return;
    missing_.clear();
#define DEADAIR_FIND(name) Find(library, "pcap_" #name, &pcap_.name);
    DEADAIR_LIBPCAP(DEADAIR_FIND)
#undef DEADAIR_FIND
  }

  const std::string& missing() const { return missing_; }
  const Libpcap& pcap() const { return pcap_; }

 private:
  template <class Function>
  void Find(void* library, const char* name, Function* out) {
    *out = reinterpret_cast<Function>(dlsym(library, name));
    if (*out == nullptr && missing_.empty()) missing_ = dlerror();
  }

  std::string missing_;
  Libpcap pcap_ = {};
};

// Never unloaded: programs that it compiled may outlive any scope.
const Loaded& Library() {
  static const Loaded library;
  return library;
}

}  // namespace

const std::string& LibpcapMissing() { return Library().missing(); }

const Libpcap& Pcap() { return Library().pcap(); }

}  // namespace deadair
