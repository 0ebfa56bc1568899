// `--filter`: libpcap compiles the expression and runs the program. It is loaded when it is first
// called (libpcap.h, which only filter.cc and the live devices know, and with it pcap.h).
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "packet.h"

namespace deadair {

// What keeps libpcap from being loaded, in the dynamic linker's words; empty where nothing does.
// Who lets anybody filter or capture asks first.
const std::string& LibpcapMissing();

// Nothing when libpcap compiles the expression for Ethernet, else libpcap's own words.
std::optional<std::string> FilterComplaint(const std::string& expression);

// One expression over frames of any link type; a program is compiled when a link type is first met.
// An expression that makes no sense on a link type (`ether host` on raw IP) matches nothing there,
// and says so in unfit().
class Filter {
 public:
  explicit Filter(std::string expression);
  ~Filter();
  Filter(const Filter&) = delete;
  Filter& operator=(const Filter&) = delete;

  bool Matches(const Frame& frame);
  // Link types met on which the expression does not compile.
  size_t unfit() const;

 private:
  struct Programs;
  std::unique_ptr<Programs> programs_;
};

}  // namespace deadair
