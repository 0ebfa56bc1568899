/**
 * The records that cross the border from C++ to TypeScript.
 *
 * One Silence record tells the whole story of one silence that somebody has to judge: who was silent, what broke
 * the silence, what ended it, and what both sides looked like before. A frame number is
 * source × 2^40 + the number Wireshark counts in that source (from 1); 0 means "none". Times are nanoseconds on the capture clock; 0 means
 * "none". Sides: 0 originator, 1 responder (for a connection met mid-stream: a guess, see FLOW_FLAG.originatorKnown).
 */
import { type Layout, layoutBytes } from './layout.ts';

// biome-ignore format: a table reads by its columns
export const SILENCE = {
  startedAtNs: [0, 'u64', 'last packet (for a payload silence: last payload) before the silence'],
  endedAtNs: [8, 'u64', 'the packet that broke the silence; for one still open, the last packet of the capture point'],
  triggerAtNs: [16, 'u64', 'the trigger, 0 when the silence was broken by the ending itself'],
  endingAtNs: [24, 'u64', 'the RST or FIN, 0 when there was none'],
  answeredAtNs: [32, 'u64', 'the first answer to the trigger, 0 when there was none'],
  lastRetransmissionAtNs: [40, 'u64', 'last retransmission of (or later probe after) the trigger'],
  pairAtNs: [48, 'u64', 'a second RST that went to the other end, 0 when none'],
  icmpAtNs: [56, 'u64', 'an ICMP error that quoted this connection during or after the silence'],
  flowStartedAtNs: [64, 'u64', 'first packet of the connection'],
  lastPayloadAtNs: [72, 'u64', 'last payload of either side before the silence was broken, 0 when none was seen'],
  lastPacketAtNs: [80, 'u64', 'last packet of the connection that the record knows of'],
  frameLastBefore: [88, 'u64', 'frame of the last packet before the silence'],
  frameTrigger: [96, 'u64', 'frame of the trigger'],
  frameEnding: [104, 'u64', 'frame of the RST or FIN'],
  framePair: [112, 'u64', 'frame of the second RST'],
  originatorAddress: [120, 'bytes16', 'IPv6, or IPv4 in the first four bytes'],
  responderAddress: [136, 'bytes16', 'IPv6, or IPv4 in the first four bytes'],
  originatorPort: [152, 'u16', ''],
  responderPort: [154, 'u16', ''],
  capturePoint: [156, 'u16', 'index into the capture points of the analysis'],
  vlan: [158, 'u16', 'outermost VLAN id of the last packet, 0 when untagged'],
  tunnelId: [160, 'u32', 'VNI, GRE key or TEID-free tunnel number; see tunnelKind'],
  tunnelKind: [164, 'u8', 'TUNNEL'],
  ipVersion: [165, 'u8', '4 or 6'],
  kind: [166, 'u8', 'SILENCE_KIND: packet or payload clock'],
  outcome: [167, 'u8', 'OUTCOME'],
  unobservedBecause: [168, 'u8', 'UNOBSERVED'],
  triggerKind: [169, 'u8', 'TRIGGER'],
  triggerBy: [170, 'u8', 'side'],
  endingKind: [171, 'u8', 'ENDING'],
  endingBy: [172, 'u8', 'side whose address the RST or FIN carries'],
  lastBeforeBy: [173, 'u8', 'side of the last packet before the silence'],
  icmpType: [174, 'u8', ''],
  icmpCode: [175, 'u8', ''],
  flowFlags: [176, 'u32', 'FLOW_FLAG bits, as they were before the silence was broken'],
  endingFlags: [180, 'u32', 'ENDING_FLAG bits: how the RST relates to what came before'],
  triggerSeq: [184, 'u32', 'sequence number of the trigger'],
  triggerAck: [188, 'u32', 'its acknowledgement number'],
  triggerEnd: [192, 'u32', 'sequence number behind its last byte'],
  triggerPayload: [196, 'u32', 'payload bytes of the trigger itself'],
  triggerTcpFlags: [200, 'u8', 'TCP flag byte'],
  endingTcpFlags: [201, 'u8', 'TCP flag byte of the RST or FIN'],
  endingTtl: [202, 'u8', 'TTL or hop limit of the RST or FIN'],
  pairTtl: [203, 'u8', 'TTL of the second RST'],
  retransmissions: [204, 'u16', 'retransmissions of the trigger, or further unanswered probes'],
  endingIpId: [206, 'u16', 'IPv4 identification of the RST or FIN; 0 for IPv6'],
  endingSeq: [208, 'u32', ''],
  endingAck: [212, 'u32', ''],
  endingTsval: [216, 'u32', 'timestamp value of the RST or FIN, see ENDING_FLAG'],
  endingWindow: [220, 'u16', 'window field as on the wire'],
  pairTcpFlags: [222, 'u8', ''],
  pairBy: [223, 'u8', 'side whose address the second RST carries'],
  endingPayload: [224, 'u32', 'payload bytes of the RST or FIN'],
  keepalivesBefore: [228, 'u16', 'keepalive probes seen before this silence, saturating'],
  keepalivesAnswered: [230, 'u16', 'how many of them were answered, saturating'],
  keepaliveIntervalMs: [232, 'u32', 'milliseconds between the last two probes sent in idle, 0 unknown'],
  nxt0: [236, 'u32', 'side 0: sequence number behind the last byte seen before the silence was broken'],
  ack0: [240, 'u32', 'side 0: highest acknowledgement number sent'],
  tsval0: [244, 'u32', 'side 0: last timestamp value'],
  minRttNs0: [248, 'u32', 'smallest unretransmitted round trip capture point – side 0, 0 unknown, saturating'],
  window0: [252, 'u16', 'side 0: last window field'],
  ipId0: [254, 'u16', 'side 0: last IPv4 identification'],
  ttlHandshake0: [256, 'u8', 'side 0: TTL of its SYN or SYN-ACK, 0 unseen'],
  ttlData0: [257, 'u8', 'side 0: TTL of its last packet that was neither SYN nor RST, 0 unseen'],
  sideFlags0: [258, 'u16', 'SIDE_FLAG bits'],
  nxt1: [260, 'u32', 'side 1'],
  ack1: [264, 'u32', 'side 1'],
  tsval1: [268, 'u32', 'side 1'],
  minRttNs1: [272, 'u32', 'side 1'],
  window1: [276, 'u16', 'side 1'],
  ipId1: [278, 'u16', 'side 1'],
  ttlHandshake1: [280, 'u8', 'side 1'],
  ttlData1: [281, 'u8', 'side 1'],
  sideFlags1: [282, 'u16', 'side 1'],
  packets: [284, 'u32', 'packets of the connection seen before the silence was broken, at most 255'],
  triggerTsval: [288, 'u32', 'timestamp value of the trigger, 0 when it has none'],
  triggerIpId: [292, 'u16', 'IPv4 identification of the trigger'],
  triggerTtl: [294, 'u8', 'TTL or hop limit of the trigger'],
  reconnectedAtNs: [296, 'u64', 'the first SYN of the originator to the responder after the kill, 0 when none was seen'],
  frameReconnect: [304, 'u64', 'its frame'],
  reconnectPort: [312, 'u16', 'its source port'],
} as const satisfies Layout;

/**
 * A connection first met without its SYN: what remap and leak are matched with. With RST in its flags: the reset that
 * answered such a connection, of which nothing else was seen from that side.
 */
export const BIRTH = {
  atNs: [0, 'u64', 'first packet'],
  frame: [8, 'u64', 'its frame'],
  sourceAddress: [16, 'bytes16', 'sender of that packet'],
  destinationAddress: [32, 'bytes16', ''],
  sourcePort: [48, 'u16', ''],
  destinationPort: [50, 'u16', ''],
  capturePoint: [52, 'u16', ''],
  vlan: [54, 'u16', ''],
  tunnelId: [56, 'u32', ''],
  seq: [60, 'u32', ''],
  ack: [64, 'u32', ''],
  tsval: [68, 'u32', '0 when it has none'],
  payload: [72, 'u32', 'payload bytes'],
  ipId: [76, 'u16', ''],
  tcpFlags: [78, 'u8', ''],
  ttl: [79, 'u8', ''],
  ipVersion: [80, 'u8', ''],
  tunnelKind: [81, 'u8', ''],
  hasTimestamps: [82, 'u8', 'TRISTATE'],
  window: [84, 'u16', 'window field as on the wire'],
} as const satisfies Layout;

/**
 * Silences that ended well, or of which nobody knows how they ended, counted: one row per path key × bin. A path key is what can share a box before anybody
 * knows T: capture point, tunnel, responder address and port, first speaker, TCP state, clock. On the payload clock only
 * silences that packets crossed count: the others stand on the packet clock already.
 */
export const SURVIVOR_BIN = {
  responderAddress: [0, 'bytes16', ''],
  longestNs: [16, 'u64', 'longest silence in this bin'],
  longestFrame: [24, 'u64', 'frame that broke that silence'],
  tunnelId: [32, 'u32', ''],
  count: [36, 'u32', 'silences in this bin'],
  responderPort: [40, 'u16', ''],
  capturePoint: [42, 'u16', ''],
  tunnelKind: [44, 'u8', ''],
  ipVersion: [45, 'u8', ''],
  firstSpeaker: [46, 'u8', 'side that broke the silence, 0 when none did'],
  tcpState: [47, 'u8', 'TCP_STATE'],
  clock: [48, 'u8', 'SILENCE_KIND'],
  outcome: [49, 'u8', 'OUTCOME: survived; in a table of their own: open, unobserved'],
  bin: [50, 'u16', 'logarithmic bin of the length, see binOf in path/bins.ts'],
  keepalives: [52, 'u32', 'how many of them were broken by a keepalive probe that was answered'],
} as const satisfies Layout;

/** Moments in which a responder answered, and how old the oldest connection was that it answered on. */
// biome-ignore format: a table reads by its columns
export const ALIVE_STRIP = {
  responderAddress: [0, 'bytes16', ''],
  firstSecond: [16, 'u64', 'second of the capture clock of the first nibble'],
  responderPort: [24, 'u16', ''],
  capturePoint: [26, 'u16', ''],
  tunnelId: [28, 'u32', ''],
  ipVersion: [32, 'u8', ''],
  tunnelKind: [33, 'u8', ''],
  ages0: [34, 'bytes16', '128 nibbles: 0 no answer, else 1 + floor(log2(1 + age in seconds)), at most 15'],
  ages1: [50, 'bytes16', ''],
  ages2: [66, 'bytes16', ''],
  ages3: [82, 'bytes16', ''],
  secondsPerNibble: [98, 'u8', 'seconds that one nibble stands for, from firstSecond on'],
} as const satisfies Layout;

/** Stateless resets of established connections that no silence preceded, per responder and second: bursts. */
export const RESET_SECOND = {
  responderAddress: [0, 'bytes16', ''],
  second: [16, 'u64', 'second of the capture clock'],
  responderPort: [24, 'u16', ''],
  capturePoint: [26, 'u16', ''],
  tunnelId: [28, 'u32', ''],
  count: [32, 'u32', 'resets'],
  middlebox: [36, 'u32', 'how many of them had a TTL unlike both of their sender'],
  firstFrame: [40, 'u64', ''],
  ipVersion: [48, 'u8', ''],
  tunnelKind: [49, 'u8', ''],
} as const satisfies Layout;

/** The first payload of one side of a connection: few of each responder, to tell which protocol is spoken. */
export const GREETING = {
  responderAddress: [0, 'bytes16', ''],
  atNs: [16, 'u64', ''],
  frame: [24, 'u64', ''],
  tunnelId: [32, 'u32', ''],
  payload: [36, 'u32', 'payload bytes of the segment'],
  responderPort: [40, 'u16', ''],
  capturePoint: [42, 'u16', ''],
  ipVersion: [44, 'u8', ''],
  tunnelKind: [45, 'u8', ''],
  by: [46, 'u8', 'side that sent it'],
  fromStart: [47, 'u8', '1: its handshake was seen, so it is the first of all'],
  captured: [48, 'u8', 'bytes below that are there'],
  bytes0: [49, 'bytes16', ''],
  bytes1: [65, 'bytes16', ''],
} as const satisfies Layout;

/**
 * A stretch in which the capture itself was blind: every silence that spans it is unobserved. A hole is only suspected,
 * from all connections pausing at once; the connections that spoke until then say whether one was there.
 */
export const BLIND_SPOT = {
  fromNs: [0, 'u64', ''],
  untilNs: [8, 'u64', ''],
  frame: [16, 'u64', 'first frame after it'],
  capturePoint: [24, 'u16', ''],
  because: [26, 'u8', 'UNOBSERVED'],
  pausedThrough: [
    28,
    'u16',
    'connections of one shard that go on behind it exactly where they stopped, saturating',
  ],
  spokeMeanwhile: [30, 'u16', 'connections of one shard whose numbers went on in it, saturating'],
} as const satisfies Layout;

export const LAYOUTS = {
  Silence: SILENCE,
  Birth: BIRTH,
  SurvivorBin: SURVIVOR_BIN,
  AliveStrip: ALIVE_STRIP,
  ResetSecond: RESET_SECOND,
  Greeting: GREETING,
  BlindSpot: BLIND_SPOT,
} as const;

export const SILENCE_BYTES = layoutBytes(SILENCE);

export const SILENCE_KIND = { packet: 0, payload: 1 } as const;

/**
 * What the tracker saw. `killed` is a candidate: the judge decides what it really was. A record is written for
 * every candidate, every close, every open silence (bounded, overflow counted), and a sample of survivors.
 */
export const OUTCOME = { survived: 0, killed: 1, closed: 2, open: 3, unobserved: 4 } as const;

export const UNOBSERVED = {
  none: 0,
  captureHole: 1,
  clockStep: 2,
  unseenData: 3,
  drops: 4,
  interfaceDown: 5,
} as const;

export const TRIGGER = { none: 0, data: 1, keepalive: 2, fin: 3, windowProbe: 4, ack: 5 } as const;

/** `finInferred`: only an acknowledgement one too high told of it (one-way captures). */
export const ENDING = { none: 0, rst: 1, fin: 2, finInferred: 3 } as const;

export const TUNNEL = {
  none: 0,
  vxlan: 1,
  geneve: 2,
  gre: 3,
  gtpu: 4,
  erspan: 5,
  ipip: 6,
  nvgre: 7,
} as const;

export const TRISTATE = { no: 0, yes: 1, unknown: 2 } as const;

export const TCP_STATE = { established: 0, halfClosed: 1 } as const;

export const FLOW_FLAG = {
  sawSyn: 1 << 0,
  sawSynAck: 1 << 1,
  handshakeDone: 1 << 2,
  midStream: 1 << 3,
  originatorKnown: 1 << 4,
  sawSide0: 1 << 5,
  sawSide1: 1 << 6,
  reused: 1 << 8,
  /** the trigger was crossed by a packet of the other side that did not acknowledge it */
  crossed: 1 << 9,
  /** after an unanswered trigger the other side spoke again, much later */
  otherSpokeLater: 1 << 10,
  /** the side that sent the trigger gave up with a FIN while it was still unanswered */
  triggerSideClosed: 1 << 11,
} as const;

export const SIDE_FLAG = {
  timestamps: 1 << 0,
  timestampsUnknown: 1 << 1,
  fin: 1 << 2,
  finInferred: 1 << 3,
  rst: 1 << 4,
  ipIdAlwaysZero: 1 << 5,
  ipIdCounts: 1 << 6,
  windowScaleKnown: 1 << 7,
  sentPayload: 1 << 8,
  ttlVaries: 1 << 9,
  /** minRttNs is not more than what its kernel took for the handshake: no program had to think first */
  rttOfHandshake: 1 << 10,
  /** two bits, one number: hops between this side's packets and a mirror's copies of them, 0 none seen */
  copyHops1: 1 << 11,
  copyHops2: 1 << 12,
} as const;

/** Of SIDE_FLAG bits. */
export const copyHopsOf = (flags: number): number => (flags / SIDE_FLAG.copyHops1) & 3;

export const ENDING_FLAG = {
  /** RST sequence number = acknowledgement number of the trigger (RFC 9293 §3.10.7.1) */
  seqIsTriggerAck: 1 << 0,
  /** RST sequence number = exactly what its receiver expects next */
  seqExact: 1 << 1,
  /** inside the receiver's window, not exact */
  seqInWindow: 1 << 2,
  /** acknowledgement number = exactly what its receiver has sent before the trigger */
  ackBeforeTrigger: 1 << 3,
  /** acknowledgement number covers bytes of the trigger: whoever sent it had the connection */
  ackCoversTrigger: 1 << 4,
  hasTimestamps: 1 << 5,
  /** the snaplen cut the options off: timestamps are neither there nor absent */
  optionsUnknown: 1 << 6,
  dontFragment: 1 << 7,
  /** the RST's sender had sent packets of its own between trigger and RST */
  senderSpokeBetween: 1 << 8,
} as const;
