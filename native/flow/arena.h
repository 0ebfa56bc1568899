// Memory that grows a page at a time and never moves: an address range reserved once for the
// ceiling, of which only what is touched costs anything. Growth has no moment of twice the table.
#pragma once
#include <cstddef>

namespace deadair {

class Arena {
 public:
  explicit Arena(size_t bytes);
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  // Null when the address range could not be reserved.
  void* base() const { return base_; }

 private:
  void* base_ = nullptr;
  size_t bytes_ = 0;
};

}  // namespace deadair
