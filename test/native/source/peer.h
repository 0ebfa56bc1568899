#pragma once
#include <string>

#include "reading.h"

namespace deadair::test {

struct Verdict {
  bool opened;            // libpcap could open it
  size_t frames;          // compared
  std::string complaint;  // empty: they agree; or why libpcap did not open it
  std::string stopped;    // libpcap's error in the middle
};

Verdict CompareWithPeer(const std::string& path, const Reading& ours);

}  // namespace deadair::test
