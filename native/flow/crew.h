// A shard with threads beside the caller's: one reads the time line, looks at every packet once and
// deals it to one of several trackers; the others, and it too when they are behind, work on
// whichever tracker waits (docs/decisions/0008-lanes.md).
#pragma once
#include <memory>

#include "flow/shard.h"

namespace deadair {

// `options.helpers` threads at most, and one at least: where none can be had, the caller's does it
// all.
std::unique_ptr<Shard> StartCrew(const ShardOptions& options, std::unique_ptr<Timeline> timeline);

}  // namespace deadair
