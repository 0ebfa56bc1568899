// pcapng (draft-ietf-opsawg-pcapng): blocks that each say their length; sections that each have a
// byte order and interfaces of their own.
#pragma once
#include "source/parser.h"

namespace deadair {

// `window` holds at least a section header's 28 bytes; nothing is taken. Null with a problem when
// it has no byte-order magic or another major version.
std::unique_ptr<Parser> MakePcapngParser(Window* window, Ledger* ledger, Problem* problem);

}  // namespace deadair
