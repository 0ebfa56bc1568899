// Numbers in order.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace deadair {

// Whether they can be put in order: NaN has no place.
bool IsSound(std::span<const double> keys);

// Indexes of `keys`, ascending by key; equal keys keep their order.
std::vector<int32_t> OrderOf(std::span<const double> keys);

}  // namespace deadair
