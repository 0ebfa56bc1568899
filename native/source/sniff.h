// What a file is, by its first bytes; names are never trusted.
#pragma once
#include <cstdint>
#include <span>
#include <string>

namespace deadair {

enum class Format : uint8_t { kUnknown, kPcap, kPcapng, kGzip, kZstd };

// kUnknown also for fewer than four bytes.
Format FormatOf(std::span<const uint8_t> head);

// Bytes at the front without which nothing can be said (four to tell the format at all).
size_t HeaderBytes(Format format);

// For a person who gave us something else: "it looks like text".
std::string LooksLike(std::span<const uint8_t> head);

}  // namespace deadair
