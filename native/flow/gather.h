// What several shards found, packed → one table in an order that no number of shards can change.
//
// Records come out by time, then by frame, then by their bytes. Rows with one key are one row: what
// they count is added, or the larger kept, which no order can change; the table is sorted by key.
// One shard's rows go the same way.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace deadair {

// Memory for a table of so many bytes, asked for once.
using Room = std::function<uint8_t*(size_t bytes)>;

// Writes the table there. False when nothing is packed under this name: silences, births,
// survivors, undecided, alive, resetSeconds, greetings, places (64-bit hashes).
bool Gather(std::string_view what, const std::vector<std::span<const uint8_t>>& parts,
            const Room& room);

// A gathered table brought below its ceiling (thin.h proves that shards cannot matter).
struct Thin {
  std::optional<std::vector<uint8_t>> rows;  // null: all of them
  uint32_t level;
  uint64_t dropped;  // what the dropped rows had counted: silences, resets; of other tables 0
};

// `level`: the highest of all shards and of the places; `most` rows stay. Tables: places,
// survivors, alive, resetSeconds, greetings.
std::optional<Thin> ThinTable(std::string_view what, std::span<const uint8_t> rows, uint32_t level,
                              uint32_t most);

}  // namespace deadair
