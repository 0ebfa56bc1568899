// Memory that is asked for ahead: an arena has what was reached for, and hardly more; where huge
// pages are dear nobody gets one.
//
//   pages_test → "N reaches, H huge KiB, then none" (H: 0 where the kernel grants none)
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "flow/arena.h"
#include "pages.h"

namespace {

using namespace deadair;

const auto kPage = static_cast<size_t>(sysconf(_SC_PAGESIZE));

void Fail(const char* what, size_t bytes, size_t end) {
  std::printf("an arena of %zu bytes, reached for %zu: %s\n", bytes, end, what);
  std::exit(1);
}

// Of [0, bytes), in pages from the first.
std::vector<unsigned char> Resident(const uint8_t* base, size_t bytes) {
  std::vector<unsigned char> pages((bytes + kPage - 1) / kPage);
  if (mincore(const_cast<uint8_t*>(base), bytes, pages.data()) != 0) std::exit(2);
  return pages;
}

// Linux before 5.14 faults page by page.
bool KernelPopulates() {
  alignas(65536) static uint8_t page[65536];
  return madvise(page, sizeof page, MADV_POPULATE_WRITE) == 0;
}

void CheckReach(const uint8_t* base, size_t bytes, size_t end) {
  size_t there = 0;
  const std::vector<unsigned char> pages = Resident(base, bytes);
  for (size_t i = 0; i < pages.size(); i++) {
    const bool is = (pages[i] & 1) != 0;
    if (!is && i * kPage < end && KernelPopulates()) Fail("a page is missing", bytes, end);
    there += is ? kPage : 0;
  }
  // Twice of it while it is small, then a step more; the least is what one step asks for.
  const size_t most = std::max<size_t>(1 << 16, std::min(2 * end, end + kHugePage)) + kPage;
  if (there > most) Fail("more is there than one step", bytes, end);
}

int Reaches(size_t bytes) {
  Arena arena(bytes);
  auto* const base = static_cast<uint8_t*>(arena.base());
  int count = 0;
  for (size_t end = 1; end < bytes; end += end / 2 + 7, count++) {
    arena.Reach(end);
    base[end - 1] = 1;
    CheckReach(base, bytes, end);
  }
  arena.Reach(bytes);
  base[bytes - 1] = 1;
  CheckReach(base, bytes, bytes);
  return count + 1;
}

// Of this process, in KiB (proc_pid_smaps(5)).
size_t HugeKiB() {
  std::FILE* const maps = std::fopen("/proc/self/smaps_rollup", "r");
  if (maps == nullptr) std::exit(2);
  char line[256];
  size_t kib = 0;
  while (std::fgets(line, sizeof line, maps) != nullptr)
    std::sscanf(line, "AnonHugePages: %zu kB", &kib);
  std::fclose(maps);
  return kib;
}

// A table of four huge pages, as it grows.
size_t HugeOfAnArena() {
  Arena arena(8 << 20);
  const size_t before = HugeKiB();
  arena.Reach(8 << 20);
  return HugeKiB() - before;
}

}  // namespace

// At most so many ns for so many bytes are not dear, one more is.
void CheckPrice(int64_t most, size_t bytes) {
  if (IsDear(most, bytes) || !IsDear(most + 1, bytes)) Fail("the price", bytes, 0);
}

int main() {
  CheckPrice(kDearNs, kHugePage);
  CheckPrice(4 * kDearNs, 4 * kHugePage);
  CheckPrice(kDearNs / 2 * 3, kHugePage / 2 * 3);  // one huge page, and small ones around it
  int count = 0;
  for (const size_t bytes : {size_t{40}, size_t{4096}, size_t{65536}, size_t{100000}, kHugePage,
                             kHugePage + 72, size_t{9 << 20}, size_t{11'000'003}})
    count += Reaches(bytes);
  huge_pages_are_dear = false;
  const size_t huge = HugeOfAnArena();
  huge_pages_are_dear = true;
  if (HugeOfAnArena() != 0) Fail("a huge page where they are dear", 8 << 20, 8 << 20);
  std::printf("%d reaches, %zu huge KiB, then none\n", count, huge);
  return 0;
}
