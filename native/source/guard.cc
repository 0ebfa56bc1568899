#include "source/guard.h"

#include <mutex>

namespace deadair {
namespace {

// A signal handler can reach nothing but what is static. These are this thread's own, and
// initial-exec because a handler may not allocate thread storage lazily, as a loaded library
// otherwise would.
__attribute__((tls_model("initial-exec"))) thread_local GuardedRegion* regions = nullptr;
__attribute__((tls_model("initial-exec"))) thread_local FaultFrame* innermost = nullptr;

// Written once, before our handler can run.
struct sigaction before_us;

}  // namespace

struct FaultHandler {
  static void Install() {
    struct sigaction ours = {};
    ours.sa_sigaction = &FaultHandler::OnFault;
    ours.sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK;
    sigemptyset(&ours.sa_mask);
    sigaction(SIGBUS, nullptr, &before_us);
    sigaction(SIGBUS, &ours, nullptr);
  }

  static void OnFault(int signal, siginfo_t* info, void* context) {
    const auto at = reinterpret_cast<uintptr_t>(info->si_addr);
    if (innermost != nullptr && info->si_code == BUS_ADRERR && Mark(at))
      siglongjmp(innermost->jump, 1);
    Chain(signal, info, context);
  }

 private:
  static bool Mark(uintptr_t at) {
    for (GuardedRegion* region = regions; region != nullptr; region = region->next_) {
      if (at < region->begin_ || at >= region->end_) continue;
      region->hit_ = 1;
      return true;
    }
    return false;
  }

  static void Chain(int signal, siginfo_t* info, void* context) {
    if (before_us.sa_flags & SA_SIGINFO) return before_us.sa_sigaction(signal, info, context);
    if (before_us.sa_handler != SIG_DFL && before_us.sa_handler != SIG_IGN)
      return before_us.sa_handler(signal);
    // The default: the faulting access runs again and ends the process with the right status.
    sigaction(SIGBUS, &before_us, nullptr);
  }
};

namespace {
void InstallOnce() {
  static std::once_flag once;
  std::call_once(once, &FaultHandler::Install);
}
}  // namespace

GuardedRegion::GuardedRegion(const uint8_t* begin, size_t bytes)
    : begin_(reinterpret_cast<uintptr_t>(begin)),
      end_(begin_ + ((bytes + 4095) & ~size_t{4095})),
      next_(regions) {
  InstallOnce();
  regions = this;
}

GuardedRegion::~GuardedRegion() {
  for (GuardedRegion** link = &regions; *link != nullptr; link = &(*link)->next_) {
    if (*link != this) continue;
    *link = next_;
    return;
  }
}

FaultFrame::FaultFrame() : outer_(innermost) { innermost = this; }
FaultFrame::~FaultFrame() { innermost = outer_; }

}  // namespace deadair
