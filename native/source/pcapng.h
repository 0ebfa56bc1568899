// pcapng (draft-ietf-opsawg-pcapng): blocks that each say their length; sections that each have a byte order and
// interfaces of their own.
#pragma once
#include "source/parser.h"

namespace deadair {

// `window` holds at least 12 bytes that begin with a section header's type; nothing is taken. Null with a problem
// when the byte-order magic is none.
std::unique_ptr<Parser> MakePcapngParser(Window* window, Ledger* ledger, Problem* problem);

}  // namespace deadair
