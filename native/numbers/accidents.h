// How likely silences died as they did if nothing but accidents ended them.
//
// Some accidents strike whatever the length, some per unit of time (hosts that go away,
// deployments, roaming, flapping links): a silence of length g outlives both with probability
// exp(−(a + b·g)). The log likelihood is concave in a and b, so Newton's method with halved steps
// finds its one maximum; survivors enter it by two sums, and each pass looks at kills alone.
#pragma once
#include "numbers/ladder.h"

namespace deadair {

// Whether LogAccidents may be asked: numbers all, lengths that rise from 0 or more, sums that begin
// with 0 and do not fall; some were killed and some survived.
bool IsSound(const Ladder& ladder);

// The greatest log likelihood that accidents can have, at rates that are not negative.
double LogAccidents(const Ladder& ladder);

}  // namespace deadair
