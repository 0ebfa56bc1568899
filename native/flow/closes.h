// Plain closes: nine of ten records of a busy capture are connections that one side closed in
// order, of which no rule has anything to say but idle-close, and that only where many agree. They
// are told apart here, where it costs a microsecond for a hundred, and laid out for that rule.
//
// A plain close is a FIN that was heard, that nothing had asked for, after no FIN before, on an
// established connection, at the distance of its sender's other packets, with no reset beside it:
// then every rule says `closed` without a finding, whatever the scene (proven by
// test/judge/plain-close.test.ts).
#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace deadair {

struct Closes {
  // Places of plain closes in the table, in the order of the judge: ending, frame, what came
  // before, kind; and of all other records.
  std::vector<int32_t> rows, others;
  // By close: nanoseconds from the first of them to its ending, and from the last payload to its
  // ending, exact below 104 days; idle is negative where no payload was seen.
  std::vector<double> moments, idles;
  // By close, and by other record: equal numbers are equal addresses of the originator at one
  // capture point and in one tunnel; from 0, in the order of the closes, then of the others.
  std::vector<int32_t> originators, originators_of_others;
  // Closes of one responder by one side, by idle time; those of group g are order[starts[g]] up to
  // order[starts[g + 1]]. Of two records of one FIN the first is in it, without payload none.
  std::vector<int32_t> order, starts;
  uint64_t on_packet_clock = 0;
};

// `silences`: records by ending and frame, as Gather puts them; what is torn at the end is none.
Closes LayOutCloses(std::span<const uint8_t> silences);

}  // namespace deadair
