#include "flow/arena.h"

#include <sys/mman.h>

namespace deadair {

Arena::Arena(size_t bytes) : bytes_(bytes) {
  void* mapped = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) return;
  base_ = mapped;
  madvise(base_, bytes_, MADV_HUGEPAGE);  // a wish: fewer TLB misses where the kernel grants it
}

Arena::~Arena() {
  if (base_ != nullptr) munmap(base_, bytes_);
}

}  // namespace deadair
