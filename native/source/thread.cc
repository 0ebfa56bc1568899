#include "source/thread.h"

#include <pthread.h>

#include <csignal>
#include <exception>

namespace deadair {

std::thread StartThread(const char* name, std::function<void()> work) {
  sigset_t others, before;
  sigfillset(&others);
  for (const int own : {SIGBUS, SIGSEGV, SIGFPE, SIGILL, SIGTRAP}) sigdelset(&others, own);
  pthread_sigmask(SIG_SETMASK, &others, &before);
  std::thread thread;
  try {
    thread = std::thread(std::move(work));
    pthread_setname_np(thread.native_handle(), name);
  } catch (const std::exception&) {
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread;
}

}  // namespace deadair
