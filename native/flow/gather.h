// What several shards found, packed → one table in an order that no number of shards can change.
//
// Records come out by time, then by frame, then by their bytes. Rows with one key are one row: what
// they count is added, or the larger kept, which no order can change; the table is sorted by key.
// One shard's rows go the same way.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace deadair {

// Empty when nothing is packed under this name: silences, births, survivors, alive, resetSeconds.
std::optional<std::vector<uint8_t>> Gather(std::string_view what,
                                           const std::vector<std::span<const uint8_t>>& parts);

}  // namespace deadair
