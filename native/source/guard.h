// A mapped file that shrinks under its reader (rotation, `> file`) raises SIGBUS at the next touch
// of a page that is gone. Without a guard that kills the process; with it, the work in hand is
// abandoned and the source ends with E_INPUT_SHRANK.
//
// What is always true: a fault outside of a guarded mapping, or outside of GuardMapped, goes to
// whoever handled SIGBUS before. A mapping is guarded on the thread that made it, and is unmapped
// on that thread, or on another one after it has ended.
#pragma once
#include <csetjmp>
#include <csignal>
#include <cstddef>
#include <cstdint>

namespace deadair {

// A mapping of this thread that may lose its pages. Lives as long as the mapping.
class GuardedRegion {
 public:
  GuardedRegion(const uint8_t* begin, size_t bytes);
  ~GuardedRegion();
  GuardedRegion(const GuardedRegion&) = delete;
  GuardedRegion& operator=(const GuardedRegion&) = delete;
  bool hit() const { return hit_ != 0; }  // a fault of this mapping was caught

 private:
  friend struct FaultHandler;
  const uintptr_t begin_;
  const uintptr_t end_;
  volatile sig_atomic_t hit_ = 0;
  GuardedRegion* next_;
};

// Where a fault jumps to; the innermost one of this thread counts.
class FaultFrame {
 public:
  FaultFrame();
  ~FaultFrame();
  FaultFrame(const FaultFrame&) = delete;
  FaultFrame& operator=(const FaultFrame&) = delete;
  sigjmp_buf jump;

 private:
  FaultFrame* const outer_;
};

// Runs `work`, which may touch mapped bytes anywhere (readers, decoder, tracker's option parser).
// False when a guarded mapping of this thread lost its pages on the way: `work` was left in the
// middle, without running destructors, so it may hold only trivially destructible state across a
// touch of mapped bytes, and the block of frames in hand is lost. The source that was hit ends by
// itself, with E_INPUT_SHRANK, at its next Next.
template <class Work>
[[nodiscard]] bool GuardMapped(Work&& work) {
  FaultFrame frame;
  // The mask is not saved (a system call): the handler is installed with SA_NODEFER and changes no
  // mask.
  if (sigsetjmp(frame.jump, 0) != 0) return false;
  work();
  return true;
}

}  // namespace deadair
