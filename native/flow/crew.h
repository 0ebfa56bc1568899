// A shard divided among the caller's thread and others
// (docs/decisions/0008-shards-without-the-pool.md).
#pragma once
#include <memory>
#include <string>

#include "flow/shard.h"

namespace deadair {

// As Shard::Open, with `options.helpers` threads at most. Where a thread cannot be had, or cannot
// open what the caller's could, the caller's does it all.
std::unique_ptr<Shard> OpenCrew(const ShardOptions& options, Problem* problem,
                                std::string* culprit);

}  // namespace deadair
