// Memory that grows in steps and never moves: an address range reserved once for the ceiling, of
// which only what is reached for costs anything. Growth has no moment of twice the table.
#pragma once
#include <cstddef>
#include <cstdint>

namespace deadair {

class Arena {
 public:
  explicit Arena(size_t bytes);
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  // Null when the address range could not be reserved.
  void* base() const { return base_; }

  // Asks the kernel for the pages of [0, end), which lies in the range, before they are touched: in
  // steps that grow to a huge page each.
  void Reach(size_t end) {
    if (end > reached_) Extend(end);
  }

 private:
  void Extend(size_t end);

  void* mapped_ = nullptr;
  uint8_t* base_ = nullptr;
  size_t bytes_ = 0;
  size_t reached_ = 0;
};

}  // namespace deadair
