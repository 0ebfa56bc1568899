// Memory that is about to be written whole is asked of the kernel in one call instead of by a page
// fault for each 4 KiB: a fault costs up to twelve microseconds in a guest (docs/performance.md,
// "Pages").
#pragma once
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <memory>

namespace deadair {

// Of less it is not worth a call (chosen: four pages).
inline constexpr size_t kWorthPopulating = 1 << 14;

// Whole pages of [at, at + bytes) are there afterwards, what lies in them stays. A wish: the kernel
// knows it since 5.14, and before that they come one by one.
inline void Populate(void* at, size_t bytes) {
  constexpr int kPopulateWrite = 23;  // include/uapi/asm-generic/mman-common.h
  static const uintptr_t page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  if (bytes < kWorthPopulating) return;
  const uintptr_t begin = reinterpret_cast<uintptr_t>(at);
  const uintptr_t from = (begin + page - 1) & ~(page - 1), until = (begin + bytes) & ~(page - 1);
  if (from < until) madvise(reinterpret_cast<void*>(from), until - from, kPopulateWrite);
}

// For containers that are about to be filled.
template <class T>
struct Populating : std::allocator<T> {
  template <class U>
  struct rebind {
    using other = Populating<U>;
  };
  Populating() = default;
  template <class U>
  explicit(false) Populating(const Populating<U>&) {}

  T* allocate(size_t count) {
    T* const at = std::allocator<T>::allocate(count);
    Populate(at, count * sizeof(T));
    return at;
  }
};

}  // namespace deadair
