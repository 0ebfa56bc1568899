// Records in the order in which they came, in chunks that never move: growing copies nothing, and a
// chunk is asked of the kernel at once.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

#include "pages.h"

namespace deadair {

template <class Record>
class Records {
  static_assert(std::is_trivially_copyable_v<Record>);

 public:
  // The record as it lies now, to be finished.
  Record& Add(const Record& record) {
    if (chunks_.empty() || chunks_.back().size() == chunks_.back().capacity()) Grow();
    size_++;
    return chunks_.back().emplace_back(record);
  }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  // Where they lie, until Clear.
  std::vector<std::span<const uint8_t>> bytes() const {
    std::vector<std::span<const uint8_t>> all;
    for (const Chunk& chunk : chunks_) {
      all.emplace_back(reinterpret_cast<const uint8_t*>(chunk.data()),
                       chunk.size() * sizeof(Record));
    }
    return all;
  }

  // All memory but that of the first few is given back.
  void Clear() {
    size_ = 0;
    if (chunks_.empty()) return;
    chunks_.resize(1);
    chunks_[0].clear();
  }

 private:
  using Chunk = PagedVector<Record>;
  static constexpr size_t kFirst = 64;  // chosen: 20 KB of silences
  static constexpr size_t kMost = kHugePage / sizeof(Record);

  void Grow() {
    const size_t next = chunks_.empty() ? kFirst : chunks_.back().capacity() * 4;
    chunks_.emplace_back().reserve(std::min(next, kMost));
  }

  std::vector<Chunk> chunks_;
  size_t size_ = 0;
};

}  // namespace deadair
