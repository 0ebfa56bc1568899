// Printed from src/base/silence.ts by `npm run layout`; do not edit. A test proves it fresh.
// clang-format off
#pragma once
#include <cstddef>
#include <cstdint>

namespace deadair {

inline constexpr uint32_t kLayoutFingerprint = 0xad816d84;

struct Silence {
  uint64_t startedAtNs;  // last packet (for a payload silence: last payload) before the silence
  uint64_t endedAtNs;  // the packet that broke the silence; for one still open, the last packet of the capture point
  uint64_t triggerAtNs;  // the trigger, 0 when the silence was broken by the ending itself
  uint64_t endingAtNs;  // the RST or FIN, 0 when there was none
  uint64_t answeredAtNs;  // the first answer to the trigger, 0 when there was none
  uint64_t lastRetransmissionAtNs;  // last retransmission of (or later probe after) the trigger
  uint64_t pairAtNs;  // a second RST that went to the other end, 0 when none
  uint64_t icmpAtNs;  // an ICMP error that quoted this connection during or after the silence
  uint64_t flowStartedAtNs;  // first packet of the connection
  uint64_t lastPayloadAtNs;  // last payload of either side before the silence was broken, 0 when none was seen
  uint64_t lastPacketAtNs;  // last packet of the connection that the record knows of
  uint64_t frameLastBefore;  // frame of the last packet before the silence
  uint64_t frameTrigger;  // frame of the trigger
  uint64_t frameEnding;  // frame of the RST or FIN
  uint64_t framePair;  // frame of the second RST
  uint8_t originatorAddress[16];  // IPv6, or IPv4 in the first four bytes
  uint8_t responderAddress[16];  // IPv6, or IPv4 in the first four bytes
  uint16_t originatorPort;
  uint16_t responderPort;
  uint16_t capturePoint;  // index into the capture points of the analysis
  uint16_t vlan;  // outermost VLAN id of the last packet, 0 when untagged
  uint32_t tunnelId;  // VNI, GRE key or TEID-free tunnel number; see tunnelKind
  uint8_t tunnelKind;  // TUNNEL
  uint8_t ipVersion;  // 4 or 6
  uint8_t kind;  // SILENCE_KIND: packet or payload clock
  uint8_t outcome;  // OUTCOME
  uint8_t unobservedBecause;  // UNOBSERVED
  uint8_t triggerKind;  // TRIGGER
  uint8_t triggerBy;  // side
  uint8_t endingKind;  // ENDING
  uint8_t endingBy;  // side whose address the RST or FIN carries
  uint8_t lastBeforeBy;  // side of the last packet before the silence
  uint8_t icmpType;
  uint8_t icmpCode;
  uint32_t flowFlags;  // FLOW_FLAG bits, as they were before the silence was broken
  uint32_t endingFlags;  // ENDING_FLAG bits: how the RST relates to what came before
  uint32_t triggerSeq;  // sequence number of the trigger
  uint32_t triggerAck;  // its acknowledgement number
  uint32_t triggerEnd;  // sequence number behind its last byte
  uint32_t triggerPayload;  // payload bytes of the trigger itself
  uint8_t triggerTcpFlags;  // TCP flag byte
  uint8_t endingTcpFlags;  // TCP flag byte of the RST or FIN
  uint8_t endingTtl;  // TTL or hop limit of the RST or FIN
  uint8_t pairTtl;  // TTL of the second RST
  uint16_t retransmissions;  // retransmissions of the trigger, or further unanswered probes
  uint16_t endingIpId;  // IPv4 identification of the RST or FIN; 0 for IPv6
  uint32_t endingSeq;
  uint32_t endingAck;
  uint32_t endingTsval;  // timestamp value of the RST or FIN, see ENDING_FLAG
  uint16_t endingWindow;  // window field as on the wire
  uint8_t pairTcpFlags;
  uint8_t pairBy;  // side whose address the second RST carries
  uint32_t endingPayload;  // payload bytes of the RST or FIN
  uint16_t keepalivesBefore;  // keepalive probes seen before this silence, saturating
  uint16_t keepalivesAnswered;  // how many of them were answered, saturating
  uint32_t keepaliveIntervalMs;  // milliseconds between the last two probes sent in idle, 0 unknown
  uint32_t nxt0;  // side 0: sequence number behind the last byte seen before the silence was broken
  uint32_t ack0;  // side 0: highest acknowledgement number sent
  uint32_t tsval0;  // side 0: last timestamp value
  uint32_t minRttNs0;  // smallest unretransmitted round trip capture point – side 0, 0 unknown, saturating
  uint16_t window0;  // side 0: last window field
  uint16_t ipId0;  // side 0: last IPv4 identification
  uint8_t ttlHandshake0;  // side 0: TTL of its SYN or SYN-ACK, 0 unseen
  uint8_t ttlData0;  // side 0: TTL of its last packet that was neither SYN nor RST, 0 unseen
  uint16_t sideFlags0;  // SIDE_FLAG bits
  uint32_t nxt1;  // side 1
  uint32_t ack1;  // side 1
  uint32_t tsval1;  // side 1
  uint32_t minRttNs1;  // side 1
  uint16_t window1;  // side 1
  uint16_t ipId1;  // side 1
  uint8_t ttlHandshake1;  // side 1
  uint8_t ttlData1;  // side 1
  uint16_t sideFlags1;  // side 1
  uint32_t packets;  // packets of the connection seen before the silence was broken, at most 255
  uint32_t triggerTsval;  // timestamp value of the trigger, 0 when it has none
  uint16_t triggerIpId;  // IPv4 identification of the trigger
  uint8_t triggerTtl;  // TTL or hop limit of the trigger
  uint64_t reconnectedAtNs;  // the first SYN of the originator to the responder after the kill, 0 when none was seen
  uint64_t frameReconnect;  // its frame
  uint16_t reconnectPort;  // its source port
};
static_assert(sizeof(Silence) == 320);
static_assert(offsetof(Silence, startedAtNs) == 0);
static_assert(offsetof(Silence, endedAtNs) == 8);
static_assert(offsetof(Silence, triggerAtNs) == 16);
static_assert(offsetof(Silence, endingAtNs) == 24);
static_assert(offsetof(Silence, answeredAtNs) == 32);
static_assert(offsetof(Silence, lastRetransmissionAtNs) == 40);
static_assert(offsetof(Silence, pairAtNs) == 48);
static_assert(offsetof(Silence, icmpAtNs) == 56);
static_assert(offsetof(Silence, flowStartedAtNs) == 64);
static_assert(offsetof(Silence, lastPayloadAtNs) == 72);
static_assert(offsetof(Silence, lastPacketAtNs) == 80);
static_assert(offsetof(Silence, frameLastBefore) == 88);
static_assert(offsetof(Silence, frameTrigger) == 96);
static_assert(offsetof(Silence, frameEnding) == 104);
static_assert(offsetof(Silence, framePair) == 112);
static_assert(offsetof(Silence, originatorAddress) == 120);
static_assert(offsetof(Silence, responderAddress) == 136);
static_assert(offsetof(Silence, originatorPort) == 152);
static_assert(offsetof(Silence, responderPort) == 154);
static_assert(offsetof(Silence, capturePoint) == 156);
static_assert(offsetof(Silence, vlan) == 158);
static_assert(offsetof(Silence, tunnelId) == 160);
static_assert(offsetof(Silence, tunnelKind) == 164);
static_assert(offsetof(Silence, ipVersion) == 165);
static_assert(offsetof(Silence, kind) == 166);
static_assert(offsetof(Silence, outcome) == 167);
static_assert(offsetof(Silence, unobservedBecause) == 168);
static_assert(offsetof(Silence, triggerKind) == 169);
static_assert(offsetof(Silence, triggerBy) == 170);
static_assert(offsetof(Silence, endingKind) == 171);
static_assert(offsetof(Silence, endingBy) == 172);
static_assert(offsetof(Silence, lastBeforeBy) == 173);
static_assert(offsetof(Silence, icmpType) == 174);
static_assert(offsetof(Silence, icmpCode) == 175);
static_assert(offsetof(Silence, flowFlags) == 176);
static_assert(offsetof(Silence, endingFlags) == 180);
static_assert(offsetof(Silence, triggerSeq) == 184);
static_assert(offsetof(Silence, triggerAck) == 188);
static_assert(offsetof(Silence, triggerEnd) == 192);
static_assert(offsetof(Silence, triggerPayload) == 196);
static_assert(offsetof(Silence, triggerTcpFlags) == 200);
static_assert(offsetof(Silence, endingTcpFlags) == 201);
static_assert(offsetof(Silence, endingTtl) == 202);
static_assert(offsetof(Silence, pairTtl) == 203);
static_assert(offsetof(Silence, retransmissions) == 204);
static_assert(offsetof(Silence, endingIpId) == 206);
static_assert(offsetof(Silence, endingSeq) == 208);
static_assert(offsetof(Silence, endingAck) == 212);
static_assert(offsetof(Silence, endingTsval) == 216);
static_assert(offsetof(Silence, endingWindow) == 220);
static_assert(offsetof(Silence, pairTcpFlags) == 222);
static_assert(offsetof(Silence, pairBy) == 223);
static_assert(offsetof(Silence, endingPayload) == 224);
static_assert(offsetof(Silence, keepalivesBefore) == 228);
static_assert(offsetof(Silence, keepalivesAnswered) == 230);
static_assert(offsetof(Silence, keepaliveIntervalMs) == 232);
static_assert(offsetof(Silence, nxt0) == 236);
static_assert(offsetof(Silence, ack0) == 240);
static_assert(offsetof(Silence, tsval0) == 244);
static_assert(offsetof(Silence, minRttNs0) == 248);
static_assert(offsetof(Silence, window0) == 252);
static_assert(offsetof(Silence, ipId0) == 254);
static_assert(offsetof(Silence, ttlHandshake0) == 256);
static_assert(offsetof(Silence, ttlData0) == 257);
static_assert(offsetof(Silence, sideFlags0) == 258);
static_assert(offsetof(Silence, nxt1) == 260);
static_assert(offsetof(Silence, ack1) == 264);
static_assert(offsetof(Silence, tsval1) == 268);
static_assert(offsetof(Silence, minRttNs1) == 272);
static_assert(offsetof(Silence, window1) == 276);
static_assert(offsetof(Silence, ipId1) == 278);
static_assert(offsetof(Silence, ttlHandshake1) == 280);
static_assert(offsetof(Silence, ttlData1) == 281);
static_assert(offsetof(Silence, sideFlags1) == 282);
static_assert(offsetof(Silence, packets) == 284);
static_assert(offsetof(Silence, triggerTsval) == 288);
static_assert(offsetof(Silence, triggerIpId) == 292);
static_assert(offsetof(Silence, triggerTtl) == 294);
static_assert(offsetof(Silence, reconnectedAtNs) == 296);
static_assert(offsetof(Silence, frameReconnect) == 304);
static_assert(offsetof(Silence, reconnectPort) == 312);

struct Birth {
  uint64_t atNs;  // first packet
  uint64_t frame;  // its frame
  uint8_t sourceAddress[16];  // sender of that packet
  uint8_t destinationAddress[16];
  uint16_t sourcePort;
  uint16_t destinationPort;
  uint16_t capturePoint;
  uint16_t vlan;
  uint32_t tunnelId;
  uint32_t seq;
  uint32_t ack;
  uint32_t tsval;  // 0 when it has none
  uint32_t payload;  // payload bytes
  uint16_t ipId;
  uint8_t tcpFlags;
  uint8_t ttl;
  uint8_t ipVersion;
  uint8_t tunnelKind;
  uint8_t hasTimestamps;  // TRISTATE
  uint16_t window;  // window field as on the wire
};
static_assert(sizeof(Birth) == 88);
static_assert(offsetof(Birth, atNs) == 0);
static_assert(offsetof(Birth, frame) == 8);
static_assert(offsetof(Birth, sourceAddress) == 16);
static_assert(offsetof(Birth, destinationAddress) == 32);
static_assert(offsetof(Birth, sourcePort) == 48);
static_assert(offsetof(Birth, destinationPort) == 50);
static_assert(offsetof(Birth, capturePoint) == 52);
static_assert(offsetof(Birth, vlan) == 54);
static_assert(offsetof(Birth, tunnelId) == 56);
static_assert(offsetof(Birth, seq) == 60);
static_assert(offsetof(Birth, ack) == 64);
static_assert(offsetof(Birth, tsval) == 68);
static_assert(offsetof(Birth, payload) == 72);
static_assert(offsetof(Birth, ipId) == 76);
static_assert(offsetof(Birth, tcpFlags) == 78);
static_assert(offsetof(Birth, ttl) == 79);
static_assert(offsetof(Birth, ipVersion) == 80);
static_assert(offsetof(Birth, tunnelKind) == 81);
static_assert(offsetof(Birth, hasTimestamps) == 82);
static_assert(offsetof(Birth, window) == 84);

struct SurvivorBin {
  uint8_t responderAddress[16];
  uint64_t longestNs;  // longest silence in this bin
  uint64_t longestFrame;  // frame that broke that silence
  uint32_t tunnelId;
  uint32_t count;  // silences in this bin
  uint16_t responderPort;
  uint16_t capturePoint;
  uint8_t tunnelKind;
  uint8_t ipVersion;
  uint8_t firstSpeaker;  // side that broke the silence, 0 when none did
  uint8_t tcpState;  // TCP_STATE
  uint8_t clock;  // SILENCE_KIND
  uint8_t outcome;  // OUTCOME: survived; in a table of their own: open, unobserved
  uint16_t bin;  // logarithmic bin of the length, see binOf in path/bins.ts
  uint32_t keepalives;  // how many of them were broken by a keepalive probe that was answered
};
static_assert(sizeof(SurvivorBin) == 56);
static_assert(offsetof(SurvivorBin, responderAddress) == 0);
static_assert(offsetof(SurvivorBin, longestNs) == 16);
static_assert(offsetof(SurvivorBin, longestFrame) == 24);
static_assert(offsetof(SurvivorBin, tunnelId) == 32);
static_assert(offsetof(SurvivorBin, count) == 36);
static_assert(offsetof(SurvivorBin, responderPort) == 40);
static_assert(offsetof(SurvivorBin, capturePoint) == 42);
static_assert(offsetof(SurvivorBin, tunnelKind) == 44);
static_assert(offsetof(SurvivorBin, ipVersion) == 45);
static_assert(offsetof(SurvivorBin, firstSpeaker) == 46);
static_assert(offsetof(SurvivorBin, tcpState) == 47);
static_assert(offsetof(SurvivorBin, clock) == 48);
static_assert(offsetof(SurvivorBin, outcome) == 49);
static_assert(offsetof(SurvivorBin, bin) == 50);
static_assert(offsetof(SurvivorBin, keepalives) == 52);

struct AliveStrip {
  uint8_t responderAddress[16];
  uint64_t firstSecond;  // second of the capture clock of the first nibble
  uint16_t responderPort;
  uint16_t capturePoint;
  uint32_t tunnelId;
  uint8_t ipVersion;
  uint8_t tunnelKind;
  uint8_t ages0[16];  // 128 nibbles: 0 no answer, else 1 + floor(log2(1 + age in seconds)), at most 15
  uint8_t ages1[16];
  uint8_t ages2[16];
  uint8_t ages3[16];
  uint8_t secondsPerNibble;  // seconds that one nibble stands for, from firstSecond on
};
static_assert(sizeof(AliveStrip) == 104);
static_assert(offsetof(AliveStrip, responderAddress) == 0);
static_assert(offsetof(AliveStrip, firstSecond) == 16);
static_assert(offsetof(AliveStrip, responderPort) == 24);
static_assert(offsetof(AliveStrip, capturePoint) == 26);
static_assert(offsetof(AliveStrip, tunnelId) == 28);
static_assert(offsetof(AliveStrip, ipVersion) == 32);
static_assert(offsetof(AliveStrip, tunnelKind) == 33);
static_assert(offsetof(AliveStrip, ages0) == 34);
static_assert(offsetof(AliveStrip, ages1) == 50);
static_assert(offsetof(AliveStrip, ages2) == 66);
static_assert(offsetof(AliveStrip, ages3) == 82);
static_assert(offsetof(AliveStrip, secondsPerNibble) == 98);

struct ResetSecond {
  uint8_t responderAddress[16];
  uint64_t second;  // second of the capture clock
  uint16_t responderPort;
  uint16_t capturePoint;
  uint32_t tunnelId;
  uint32_t count;  // resets
  uint32_t middlebox;  // how many of them had a TTL unlike both of their sender
  uint64_t firstFrame;
  uint8_t ipVersion;
  uint8_t tunnelKind;
};
static_assert(sizeof(ResetSecond) == 56);
static_assert(offsetof(ResetSecond, responderAddress) == 0);
static_assert(offsetof(ResetSecond, second) == 16);
static_assert(offsetof(ResetSecond, responderPort) == 24);
static_assert(offsetof(ResetSecond, capturePoint) == 26);
static_assert(offsetof(ResetSecond, tunnelId) == 28);
static_assert(offsetof(ResetSecond, count) == 32);
static_assert(offsetof(ResetSecond, middlebox) == 36);
static_assert(offsetof(ResetSecond, firstFrame) == 40);
static_assert(offsetof(ResetSecond, ipVersion) == 48);
static_assert(offsetof(ResetSecond, tunnelKind) == 49);

struct Greeting {
  uint8_t responderAddress[16];
  uint64_t atNs;
  uint64_t frame;
  uint32_t tunnelId;
  uint32_t payload;  // payload bytes of the segment
  uint16_t responderPort;
  uint16_t capturePoint;
  uint8_t ipVersion;
  uint8_t tunnelKind;
  uint8_t by;  // side that sent it
  uint8_t fromStart;  // 1: its handshake was seen, so it is the first of all
  uint8_t captured;  // bytes below that are there
  uint8_t bytes0[16];
  uint8_t bytes1[16];
};
static_assert(sizeof(Greeting) == 88);
static_assert(offsetof(Greeting, responderAddress) == 0);
static_assert(offsetof(Greeting, atNs) == 16);
static_assert(offsetof(Greeting, frame) == 24);
static_assert(offsetof(Greeting, tunnelId) == 32);
static_assert(offsetof(Greeting, payload) == 36);
static_assert(offsetof(Greeting, responderPort) == 40);
static_assert(offsetof(Greeting, capturePoint) == 42);
static_assert(offsetof(Greeting, ipVersion) == 44);
static_assert(offsetof(Greeting, tunnelKind) == 45);
static_assert(offsetof(Greeting, by) == 46);
static_assert(offsetof(Greeting, fromStart) == 47);
static_assert(offsetof(Greeting, captured) == 48);
static_assert(offsetof(Greeting, bytes0) == 49);
static_assert(offsetof(Greeting, bytes1) == 65);

struct BlindSpot {
  uint64_t fromNs;
  uint64_t untilNs;
  uint64_t frame;  // first frame after it
  uint16_t capturePoint;
  uint8_t because;  // UNOBSERVED
  uint16_t pausedThrough;  // connections of one shard that go on behind it exactly where they stopped, saturating
  uint16_t spokeMeanwhile;  // connections of one shard whose numbers went on in it, saturating
};
static_assert(sizeof(BlindSpot) == 32);
static_assert(offsetof(BlindSpot, fromNs) == 0);
static_assert(offsetof(BlindSpot, untilNs) == 8);
static_assert(offsetof(BlindSpot, frame) == 16);
static_assert(offsetof(BlindSpot, capturePoint) == 24);
static_assert(offsetof(BlindSpot, because) == 26);
static_assert(offsetof(BlindSpot, pausedThrough) == 28);
static_assert(offsetof(BlindSpot, spokeMeanwhile) == 30);

namespace SilenceKind {
inline constexpr uint8_t kPacket = 0;
inline constexpr uint8_t kPayload = 1;
}  // namespace SilenceKind

namespace Outcome {
inline constexpr uint8_t kSurvived = 0;
inline constexpr uint8_t kKilled = 1;
inline constexpr uint8_t kClosed = 2;
inline constexpr uint8_t kOpen = 3;
inline constexpr uint8_t kUnobserved = 4;
}  // namespace Outcome

namespace Unobserved {
inline constexpr uint8_t kNone = 0;
inline constexpr uint8_t kCaptureHole = 1;
inline constexpr uint8_t kClockStep = 2;
inline constexpr uint8_t kUnseenData = 3;
inline constexpr uint8_t kDrops = 4;
inline constexpr uint8_t kInterfaceDown = 5;
}  // namespace Unobserved

namespace Trigger {
inline constexpr uint8_t kNone = 0;
inline constexpr uint8_t kData = 1;
inline constexpr uint8_t kKeepalive = 2;
inline constexpr uint8_t kFin = 3;
inline constexpr uint8_t kWindowProbe = 4;
inline constexpr uint8_t kAck = 5;
}  // namespace Trigger

namespace Ending {
inline constexpr uint8_t kNone = 0;
inline constexpr uint8_t kRst = 1;
inline constexpr uint8_t kFin = 2;
inline constexpr uint8_t kFinInferred = 3;
}  // namespace Ending

namespace Tunnel {
inline constexpr uint8_t kNone = 0;
inline constexpr uint8_t kVxlan = 1;
inline constexpr uint8_t kGeneve = 2;
inline constexpr uint8_t kGre = 3;
inline constexpr uint8_t kGtpu = 4;
inline constexpr uint8_t kErspan = 5;
inline constexpr uint8_t kIpip = 6;
inline constexpr uint8_t kNvgre = 7;
}  // namespace Tunnel

namespace Tristate {
inline constexpr uint8_t kNo = 0;
inline constexpr uint8_t kYes = 1;
inline constexpr uint8_t kUnknown = 2;
}  // namespace Tristate

namespace TcpState {
inline constexpr uint8_t kEstablished = 0;
inline constexpr uint8_t kHalfClosed = 1;
}  // namespace TcpState

namespace FlowFlag {
inline constexpr uint32_t kSawSyn = 1;
inline constexpr uint32_t kSawSynAck = 2;
inline constexpr uint32_t kHandshakeDone = 4;
inline constexpr uint32_t kMidStream = 8;
inline constexpr uint32_t kOriginatorKnown = 16;
inline constexpr uint32_t kSawSide0 = 32;
inline constexpr uint32_t kSawSide1 = 64;
inline constexpr uint32_t kReused = 256;
inline constexpr uint32_t kCrossed = 512;
inline constexpr uint32_t kOtherSpokeLater = 1024;
inline constexpr uint32_t kTriggerSideClosed = 2048;
}  // namespace FlowFlag

namespace SideFlag {
inline constexpr uint32_t kTimestamps = 1;
inline constexpr uint32_t kTimestampsUnknown = 2;
inline constexpr uint32_t kFin = 4;
inline constexpr uint32_t kFinInferred = 8;
inline constexpr uint32_t kRst = 16;
inline constexpr uint32_t kIpIdAlwaysZero = 32;
inline constexpr uint32_t kIpIdCounts = 64;
inline constexpr uint32_t kWindowScaleKnown = 128;
inline constexpr uint32_t kSentPayload = 256;
inline constexpr uint32_t kTtlVaries = 512;
inline constexpr uint32_t kRttOfHandshake = 1024;
inline constexpr uint32_t kCopyHops1 = 2048;
inline constexpr uint32_t kCopyHops2 = 4096;
}  // namespace SideFlag

namespace EndingFlag {
inline constexpr uint32_t kSeqIsTriggerAck = 1;
inline constexpr uint32_t kSeqExact = 2;
inline constexpr uint32_t kSeqInWindow = 4;
inline constexpr uint32_t kAckBeforeTrigger = 8;
inline constexpr uint32_t kAckCoversTrigger = 16;
inline constexpr uint32_t kHasTimestamps = 32;
inline constexpr uint32_t kOptionsUnknown = 64;
inline constexpr uint32_t kDontFragment = 128;
inline constexpr uint32_t kSenderSpokeBetween = 256;
}  // namespace EndingFlag

}  // namespace deadair
