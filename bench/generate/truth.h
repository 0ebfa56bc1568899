// What the trace holds, counted where it is made: the sidecar that every contender's answer is
// checked against.
#pragma once
#include <cstdint>
#include <cstdio>
#include <string>

#include "options.h"

namespace bench {

struct Truth {
  uint64_t packets = 0, tcp_packets = 0, bytes = 0;
  uint64_t connections = 0, established = 0, flood_tuples = 0;
  uint64_t open = 0, most_open = 0;
  uint64_t late_reset = 0, keepalive_reset = 0, expiry_reset = 0, blackhole = 0;
  uint64_t refused = 0, after_fin = 0, abort = 0;
  uint64_t survived = 0, killed = 0, closed = 0;  // silences of at least 20 s, by how they ended
  uint64_t last_at = 0;

  uint64_t resets() const {
    return late_reset + keepalive_reset + expiry_reset + refused + after_fin + abort;
  }
};

// `more`: members of a kind's own.
inline bool WriteTruth(const Truth& t, const Options& options, const std::string& more = "") {
  FILE* file = std::fopen((options.out + ".json").c_str(), "w");
  if (file == nullptr) return false;
  const auto number = [](uint64_t value) { return static_cast<unsigned long long>(value); };
  std::fprintf(file, "{\n  \"kind\": \"%s\", \"seed\": %llu,\n", options.kind.c_str(),
               number(options.seed));
  std::fprintf(file, "  \"bytes\": %llu, \"packets\": %llu, \"tcpPackets\": %llu,\n",
               number(t.bytes), number(t.packets), number(t.tcp_packets));
  std::fprintf(file, "  \"seconds\": %.6f,\n", static_cast<double>(t.last_at) / 1e6);
  std::fprintf(file, "  \"connections\": %llu, \"established\": %llu, \"mostOpen\": %llu,\n",
               number(t.connections), number(t.established), number(t.most_open));
  std::fprintf(file, "  \"floodTuples\": %llu,\n", number(t.flood_tuples));
  std::fprintf(file,
               "  \"kills\": { \"late-reset\": %llu, \"keepalive-reset\": %llu, "
               "\"expiry-reset\": %llu, \"blackhole\": %llu },\n",
               number(t.late_reset), number(t.keepalive_reset), number(t.expiry_reset),
               number(t.blackhole));
  std::fprintf(file,
               "  \"resets\": { \"total\": %llu, \"refused\": %llu, \"after-fin\": %llu, "
               "\"abort\": %llu },\n",
               number(t.resets()), number(t.refused), number(t.after_fin), number(t.abort));
  std::fputs(more.c_str(), file);
  std::fprintf(file,
               "  \"silences\": { \"survived\": %llu, \"killed\": %llu, \"closed\": %llu }\n}\n",
               number(t.survived), number(t.killed), number(t.closed));
  return std::fclose(file) == 0;
}

}  // namespace bench
