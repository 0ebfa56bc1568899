// pcap, the format of 1987 that everybody writes (draft-ietf-opsawg-pcap): a file header, then
// records of seconds, fraction, captured and original length.
#pragma once
#include "source/parser.h"

namespace deadair {

// `window` holds at least the 24 bytes of a header with a known magic; they are taken.
std::unique_ptr<Parser> MakeClassicParser(Window* window, Ledger* ledger);

// The LINKTYPE_ for the values that some systems wrote as they stood in their own headers.
uint16_t PortableLinkType(uint16_t written);

}  // namespace deadair
