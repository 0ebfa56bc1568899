// Who sends next: a heap of times, so that a trace of a million open connections comes out sorted.
// An entry is one word, microseconds above, actor below; four children a node keep it within few
// cache lines.
#pragma once
#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace bench {

class Agenda {
 public:
  static constexpr int kActorBits = 24;

  struct Entry {
    uint64_t at;
    uint32_t actor;
  };

  bool Empty() const { return heap_.empty(); }

  Entry Top() const {
    return {heap_.front() >> kActorBits,
            static_cast<uint32_t>(heap_.front() & ((1u << kActorBits) - 1))};
  }

  void Add(uint64_t at, uint32_t actor) {
    heap_.push_back(at << kActorBits | actor);
    size_t child = heap_.size() - 1;
    while (child > 0 && heap_[child] < heap_[(child - 1) / 4]) {
      std::swap(heap_[child], heap_[(child - 1) / 4]);
      child = (child - 1) / 4;
    }
  }

  // The common case: the actor on top acts again later.
  void Postpone(uint64_t at) {
    const Entry top = Top();
    Sink(at << kActorBits | top.actor);
  }

  void Drop() {
    const uint64_t last = heap_.back();
    heap_.pop_back();
    if (!heap_.empty()) Sink(last);
  }

 private:
  void Sink(uint64_t entry) {
    size_t hole = 0;
    const size_t size = heap_.size();
    for (size_t child = 1; child < size; child = 4 * hole + 1) {
      const size_t end = std::min(child + 4, size);
      size_t least = child;
      for (size_t other = child + 1; other < end; ++other)
        if (heap_[other] < heap_[least]) least = other;
      if (heap_[least] >= entry) break;
      heap_[hole] = heap_[least];
      hole = least;
    }
    heap_[hole] = entry;
  }

  std::vector<uint64_t> heap_;
};

}  // namespace bench
