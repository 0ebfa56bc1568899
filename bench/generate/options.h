// What kind of trace: the knobs of the command line, and what each kind means by them.
#pragma once
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace bench {

inline constexpr uint64_t kSecond = 1000000;  // the trace's clock counts microseconds

struct Options {
  std::string kind = "small", out;
  uint64_t packets = 1000000, flows = 0, seed = 1, flood = 0;
  uint64_t kills = 0;
  uint64_t span = 0;  // microseconds in which connections begin

  bool ipv6() const { return kind == "ipv6"; }
  bool vxlan() const { return kind == "vxlan"; }
  bool pcapng() const { return kind == "pcapng"; }
  bool full() const { return kind == "full"; }
  bool open() const { return kind == "open"; }
  bool day() const { return kind == "day"; }  // of its own size: the numbers are not looked at
  bool flooded() const { return kind == "flood-syn" || kind == "flood-ack"; }
};

// Defaults follow the capture that design.md measured: 284 k connections in 10 M packets.
inline void Complete(Options* o) {
  if (o->flows == 0) o->flows = o->kind == "many" ? o->packets / 9 : o->packets * 284 / 10000;
  if (o->flows < 64) o->flows = 64;
  if (o->kills == 0) o->kills = o->open() ? 40 : o->flows / 250;
  if (o->kills < 8) o->kills = 8;
  if (o->kills * 4 > o->flows) o->kills = o->flows / 4;
  if (o->flooded() && o->flood == 0) o->flood = o->packets;
  if (o->span != 0) return;
  if (o->open()) {
    o->span = 40 * kSecond;  // everybody is open within 4 s and nobody falls silent for 20
    return;
  }
  const uint64_t hours = o->packets > 10000000 ? (o->packets + 9999999) / 10000000 : 1;
  o->span = hours * 3600 * kSecond;  // the same rate of connections from 10 M packets on
}

inline bool IsKind(const char* name) {
  for (const char* kind : {"small", "full", "many", "flood-syn", "flood-ack", "ipv6", "vxlan",
                           "pcapng", "open", "day"})
    if (std::strcmp(name, kind) == 0) return true;
  return false;
}

inline bool Read(Options* o, const char* name, const char* value) {
  uint64_t* number = std::strcmp(name, "--packets") == 0 ? &o->packets
                     : std::strcmp(name, "--flows") == 0 ? &o->flows
                     : std::strcmp(name, "--seed") == 0  ? &o->seed
                     : std::strcmp(name, "--flood") == 0 ? &o->flood
                     : std::strcmp(name, "--kills") == 0 ? &o->kills
                                                         : nullptr;
  if (number != nullptr) {
    *number = static_cast<uint64_t>(std::strtod(value, nullptr));
    return true;
  }
  if (std::strcmp(name, "--out") == 0) o->out = value;
  if (std::strcmp(name, "--kind") == 0) o->kind = value;
  return std::strcmp(name, "--out") == 0 || (std::strcmp(name, "--kind") == 0 && IsKind(value));
}

inline bool ParseOptions(int count, char** words, Options* options) {
  if (count % 2 == 0) return false;
  for (int i = 1; i + 1 < count; i += 2)
    if (!Read(options, words[i], words[i + 1])) return false;
  if (options->out.empty() || options->packets < 1000) return false;
  Complete(options);
  return true;
}

}  // namespace bench
