// One connection as it stands: which packet comes next, and what both ends have sent.
#pragma once
#include <cstdint>

#include "world.h"

namespace bench {

enum class Phase : uint8_t {
  kLookup,
  kLookupAnswer,
  kSyn,
  kSynAck,
  kEstablish,
  kRefuse,
  kRequest,
  kRequestAgain,
  kResponse,
  kResponseAck,
  kProbe,
  kProbeAnswer,
  kFin,
  kFinAnswer,
  kFinLast,
  kAbort,
  kTrigger,
  kRetransmit,
  kFatalProbe,
  kGatewayReset,
  kExpiry,
};

// How the silence that a connection is in will end, decided when it begins.
enum class Awaits : uint8_t { kNothing, kAnswer, kClose, kKill };

struct Conversation {
  uint64_t last_at;
  uint32_t nxt[2];    // next sequence number; side 0 is the client
  uint32_t tsval[2];  // last timestamp sent
  uint32_t client, planned, sent;
  uint16_t server, port, ip_id[2];
  uint16_t exchanges;  // still to come before the next silence or the end
  uint16_t last_bytes;
  uint8_t silences;  // still to survive
  uint8_t segments, unacknowledged, tries;
  Fate fate;
  Phase phase;
  Awaits awaits;
  bool keepalives, server_closes;
};

inline constexpr uint8_t kClient = 0, kServer = 1;

}  // namespace bench
