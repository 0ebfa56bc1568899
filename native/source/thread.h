// Threads of ours beside those of whoever loaded us.
#pragma once
#include <functional>
#include <thread>

namespace deadair {

// Not joinable where none can be had. Signals are the main thread's, one that arrived here would
// run its handler on a thread nobody expects; but what the thread does itself is told to it (a
// mapping that lost its pages). `name`: at most 15 bytes, for who looks at /proc.
std::thread StartThread(const char* name, std::function<void()> work);

}  // namespace deadair
