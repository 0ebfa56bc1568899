// Memory that is about to be written whole is asked of the kernel at once, in huge pages where it
// is large enough, instead of by a page fault for each 4 KiB: a fault costs up to twelve
// microseconds in a guest (docs/performance.md, "Pages").
#pragma once
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <new>
#include <vector>

// Linux 5.14, include/uapi/asm-generic/mman-common.h; older kernels answer EINVAL and fault page by
// page.
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_READ 22
#define MADV_POPULATE_WRITE 23
#endif

namespace deadair {

inline constexpr size_t kHugePage = 1 << 21;

// For the whole pages of [at, at + bytes). A wish, as all advice here: what the kernel does not
// know or grant costs time, not correctness.
inline void Advise(void* at, size_t bytes, int advice) {
  static const uintptr_t page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  const uintptr_t begin = reinterpret_cast<uintptr_t>(at);
  const uintptr_t from = (begin + page - 1) & ~(page - 1), until = (begin + bytes) & ~(page - 1);
  if (from < until) madvise(reinterpret_cast<void*>(from), until - from, advice);
}

// The pages are there afterwards, what lies in them stays.
inline void Populate(void* at, size_t bytes) {
  constexpr size_t kWorth = 1 << 14;  // chosen: of less than four pages it is not worth a call
  if (bytes >= kWorth) Advise(at, bytes, MADV_POPULATE_WRITE);
}

// A host that takes back what its guests leave free (free page reporting) brings each huge page
// anew: two to seven milliseconds, where 512 small pages, most of which it never took, are one
// (docs/decisions/0010-huge-pages-where-cheap.md). So the price is watched, and is dear above
// this (chosen; elsewhere a huge page costs a tenth of it).
inline constexpr int64_t kDearNs = 1'500'000;

constexpr bool IsDear(int64_t spent_ns, size_t bytes) {
  return spent_ns > kDearNs * static_cast<int64_t>(bytes) / static_cast<int64_t>(kHugePage);
}

// The process's, since what a page costs is the machine's to say, whoever asks for it. Once set, it
// stays.
inline std::atomic<bool> huge_pages_are_dear{false};

inline int64_t ThreadCpuNs() {
  timespec now = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

// … huge ones where it holds any, unless they are dear (a kernel that does not populate is not
// asked what they cost). The address range keeps the wish when it is used for something else.
inline void PopulateHuge(void* at, size_t bytes) {
  if (bytes < kHugePage) return Populate(at, bytes);
  const bool dear = huge_pages_are_dear.load(std::memory_order_relaxed);
  Advise(at, bytes, dear ? MADV_NOHUGEPAGE : MADV_HUGEPAGE);
  const int64_t before = ThreadCpuNs();
  Populate(at, bytes);
  if (IsDear(ThreadCpuNs() - before, bytes))
    huge_pages_are_dear.store(true, std::memory_order_relaxed);
}

// For containers that are about to be filled as far as they are allocated.
template <class T>
struct Populating {
  static_assert(alignof(T) <= alignof(std::max_align_t));
  using value_type = T;
  Populating() = default;
  template <class U>
  explicit(false) Populating(const Populating<U>&) {}
  bool operator==(const Populating&) const = default;

  T* allocate(size_t count) {
    const size_t bytes = BytesOf(count);
    void* const at = ::operator new(bytes, AlignmentOf(bytes));
    PopulateHuge(at, bytes);
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

template <class T>
using PagedVector = std::vector<T, Populating<T>>;

}  // namespace deadair
