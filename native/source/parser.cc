#include "source/parser.h"

#include <algorithm>

#include "source/classic.h"
#include "source/pcapng.h"
#include "source/sniff.h"

namespace deadair {

void Parser::Finish() {
  done_ = true;
  ledger_.facts.complete = true;
}

void Parser::Stop(const char* code, std::string what) {
  done_ = true;
  ledger_.facts.problem = {code, std::move(what), offset_, ledger_.facts.frames};
}

void Parser::StopCut(uint64_t promised, uint64_t there) {
  Stop("E_INPUT_TRUNCATED", "the file ends inside a record: " + std::to_string(there) + " of " +
                                std::to_string(promised) + " bytes are there");
}

void Parser::Note(std::span<const Frame> frames, bool in_order) {
  if (frames.empty()) return;
  SourceFacts& facts = ledger_.facts;
  uint64_t first = facts.frames == 0 ? UINT64_MAX : facts.first_at_ns;
  uint64_t last = facts.last_at_ns;
  for (const Frame& frame : in_order ? frames.first(1) : frames) {
    first = std::min(first, frame.at_ns);
    last = std::max(last, frame.at_ns);
  }
  if (in_order) last = std::max(last, frames.back().at_ns);
  facts.first_at_ns = first;
  facts.last_at_ns = last;
  facts.frames += frames.size();
}

std::unique_ptr<Parser> MakeParser(Window* window, Ledger* ledger, Problem* problem,
                                   size_t* wanted) {
  const std::span<const uint8_t> head(window->cursor, window->left());
  if (head.empty() && window->last) {
    *problem = {"E_INPUT_EMPTY", "nothing is in it"};
    return nullptr;
  }
  const Format format = FormatOf(head);
  const size_t needed = HeaderBytes(format);
  if (head.size() < needed && !window->last) {
    *wanted = needed;
    return nullptr;
  }
  if (format != Format::kPcap && format != Format::kPcapng) {
    *problem = {"E_INPUT_FORMAT", "neither pcap nor pcapng: " + LooksLike(head)};
    return nullptr;
  }
  if (head.size() < needed) {
    *problem = {"E_INPUT_TRUNCATED", "a capture that ends inside its own header, after " +
                                         std::to_string(head.size()) + " bytes"};
    return nullptr;
  }
  if (format == Format::kPcap) return MakeClassicParser(window, ledger);
  return MakePcapngParser(window, ledger, problem);
}

}  // namespace deadair
