#include "flow/arena.h"

#include <sys/mman.h>

#include <algorithm>

#include "pages.h"

namespace deadair {
namespace {

// Chosen: what a capture of some hundred connections needs.
constexpr size_t kFirstStep = 1 << 16;

}  // namespace

Arena::Arena(size_t bytes) : bytes_(bytes) {
  void* const mapped = mmap(nullptr, bytes_ + kHugePage, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) return;
  mapped_ = mapped;
  const uintptr_t at = reinterpret_cast<uintptr_t>(mapped);
  base_ = reinterpret_cast<uint8_t*>((at + kHugePage - 1) & ~(kHugePage - 1));
  // A small table stays small where the kernel gives huge pages unasked.
  Advise(base_, std::min(bytes_, kHugePage), MADV_NOHUGEPAGE);
}

Arena::~Arena() {
  if (mapped_ != nullptr) munmap(mapped_, bytes_ + kHugePage);
}

void Arena::Extend(size_t end) {
  while (reached_ < end) {
    const size_t step = std::clamp(reached_, kFirstStep, kHugePage);
    PopulateHuge(base_ + reached_, std::min(step, bytes_ - reached_));
    reached_ += step;
  }
}

}  // namespace deadair
