// A capture read through a buffer that is refilled: a file in blocks, a pipe, stdin, the output of
// a decompressor. The same parsers as for mapped files.
#pragma once
#include <memory>
#include <string>

#include "source/feed.h"
#include "source/source.h"

namespace deadair {

// What is in a pipe shows only later: never fails. `bytes_total` 0 when unknown.
std::unique_ptr<Source> OpenStream(std::unique_ptr<Feed> feed, const std::string& name,
                                   uint64_t bytes_total);

// For a file that is there: reads until the format is known. Null with a problem when it is no
// capture.
std::unique_ptr<Source> OpenStreamedFile(std::unique_ptr<Feed> feed, const std::string& name,
                                         uint64_t bytes_total, Problem* problem);

}  // namespace deadair
