// For who finds nothing to do: looks again at once for a while, then ever more rarely.
#pragma once
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <thread>

namespace deadair {

class Patience {
 public:
  void Reset() { looks_ = 0; }

  // Something may come at any moment, or not for long.
  void Rest() {
    if (Looks()) return;
    std::this_thread::sleep_for(rest_);
    rest_ = std::min(rest_ * 2, kLong);
  }

  // It comes as soon as somebody runs.
  void Yield() {
    if (!Looks()) std::this_thread::yield();
  }

 private:
  using Micros = std::chrono::microseconds;
  static constexpr uint32_t kEager = 2000;  // chosen: some tens of microseconds
  static constexpr Micros kShort{50}, kLong{2000};

  bool Looks() {
    if (looks_ == kEager) return false;
    if (++looks_ == kEager) rest_ = kShort;
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
    return true;
  }

  uint32_t looks_ = 0;
  Micros rest_{kShort};
};

}  // namespace deadair
