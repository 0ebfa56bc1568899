// Memory that is about to be written whole is asked of the kernel at once, in huge pages where it
// is large enough, instead of by a page fault for each 4 KiB: a fault costs up to twelve
// microseconds in a guest (docs/performance.md, "Pages").
#pragma once
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <vector>

namespace deadair {

inline constexpr size_t kHugePage = 1 << 21;

// Whole pages of [at, at + bytes) are there afterwards, what lies in them stays. Wishes: populating
// came with Linux 5.14, and huge pages are the machine's to grant.
inline void Populate(void* at, size_t bytes) {
  constexpr size_t kWorth = 1 << 14;  // chosen: of less than four pages it is not worth a call
  constexpr int kPopulateWrite = 23;  // include/uapi/asm-generic/mman-common.h
  static const uintptr_t page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  if (bytes < kWorth) return;
  const uintptr_t begin = reinterpret_cast<uintptr_t>(at);
  const uintptr_t from = (begin + page - 1) & ~(page - 1), until = (begin + bytes) & ~(page - 1);
  if (from >= until) return;
  if (bytes >= kHugePage) madvise(reinterpret_cast<void*>(from), until - from, MADV_HUGEPAGE);
  madvise(reinterpret_cast<void*>(from), until - from, kPopulateWrite);
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
    const size_t bytes = BytesOf(count);
    void* const at = ::operator new(bytes, AlignmentOf(bytes));
    Populate(at, bytes);
    return static_cast<T*>(at);
  }
  void deallocate(T* at, size_t count) { ::operator delete(at, AlignmentOf(BytesOf(count))); }

 private:
  // What nearly fills a huge page gets one.
  static size_t BytesOf(size_t count) {
    const size_t bytes = count * sizeof(T);
    return bytes > kHugePage / 4 * 3 ? std::max(bytes, kHugePage) : bytes;
  }
  static std::align_val_t AlignmentOf(size_t bytes) {
    return std::align_val_t{bytes < kHugePage ? alignof(std::max_align_t) : kHugePage};
  }
};

// A vector that asks for its memory at once.
template <class T>
using PagedVector = std::vector<T, Populating<T>>;

}  // namespace deadair
