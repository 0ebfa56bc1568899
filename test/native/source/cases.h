#pragma once

namespace deadair::test {

// Runs every case; ends the process at the first claim that does not hold.
int RunCases();

}  // namespace deadair::test
