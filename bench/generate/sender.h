// Packets of a connection, true in everything a tracker looks at: numbers, acknowledgements,
// timestamps, IP-ID, TTL. Whatever is sent is counted here, and nowhere else.
#pragma once
#include <cstdint>
#include <cstdlib>

#include "capture_file.h"
#include "conversation.h"
#include "truth.h"

namespace bench {

class Sender {
 public:
  Sender(const Options& options, CaptureFile* file, Truth* truth)
      : framer_(options), file_(file), truth_(truth) {}

  // Every packet sent until the next call is sent at `now`.
  void SetTime(uint64_t now) { now_ = now; }

  // Microseconds between the last packet of a conversation and the one before it.
  uint64_t LastGap() const { return last_gap_; }

  void Send(Conversation& c, uint8_t side, uint8_t flags, uint16_t payload) {
    Segment s = Draft(c, side, flags);
    s.payload = payload;
    c.last_bytes = payload;
    c.nxt[side] += payload + ((flags & (Flag::kSyn | Flag::kFin)) != 0 ? 1 : 0);
    Sight(c);
    Put(s);
  }

  // The client's last data once more.
  void Repeat(Conversation& c) {
    Segment s = Draft(c, kClient, Flag::kPsh | Flag::kAck);
    s.payload = c.last_bytes;
    s.seq -= c.last_bytes;
    Sight(c);
    Put(s);
  }

  // RFC 9293 3.8.4: a keepalive has the sequence number before the next one.
  void Probe(Conversation& c) {
    Segment s = Draft(c, kClient, Flag::kAck);
    --s.seq;
    Sight(c);
    Put(s);
  }

  // A reset in the server's name by somebody without the connection's socket.
  void Forge(Conversation& c, uint8_t ttl, uint8_t flags, uint32_t seq, uint32_t ack) {
    Segment s{};
    s.from = {true, c.server, SiteOf(c.server).port};
    s.to = {false, c.client, c.port};
    s.seq = seq;
    s.ack = ack;
    s.flags = flags;
    s.ttl = ttl;
    Sight(c);
    Put(s);
  }

  void Lookup(const Conversation& c, bool answer) {
    const Host asks{false, c.client, static_cast<uint16_t>(c.port ^ 0x4000)};
    const Host knows{false, kResolver, 53};
    const auto id = static_cast<uint16_t>(c.nxt[kClient]);
    uint8_t* room = file_->Room();
    Commit(answer ? framer_.Udp(knows, asks, id, 60, room)
                  : framer_.Udp(asks, knows, id, 34, room));
  }

  // A packet out of nowhere, one a tuple: `index` picks the tuple.
  void Flood(uint32_t index, bool syn) {
    const uint32_t tuple = index * 2654435761u;  // odd, so distinct for distinct indexes
    const uint32_t server = kSites[0].first_server + index % 4;
    Segment s{};
    s.from = {false, 0x400000 + (tuple & 0x3fffff), static_cast<uint16_t>(1024 + (tuple >> 22))};
    s.to = {true, server, kSites[0].port};
    s.seq = static_cast<uint32_t>(Mix(index));
    s.ack = syn ? 0 : static_cast<uint32_t>(Mix(index) >> 32);
    s.flags = syn ? Flag::kSyn : Flag::kAck;
    s.window = 1024;
    s.ttl = static_cast<uint8_t>(200 + tuple % 50);
    s.ip_id = static_cast<uint16_t>(tuple);
    Put(s);
    ++truth_->flood_tuples;
  }

 private:
  Segment Draft(Conversation& c, uint8_t side, uint8_t flags) {
    const Host client{false, c.client, c.port}, server{true, c.server, SiteOf(c.server).port};
    const bool first = flags == Flag::kSyn;
    c.tsval[side] = TimestampClock(side == kServer, side == kServer ? c.server : c.client, now_);
    Segment s{};
    s.from = side == kServer ? server : client;
    s.to = side == kServer ? client : server;
    s.seq = c.nxt[side];
    s.ack = first ? 0 : c.nxt[1 - side];
    s.tsval = c.tsval[side];
    s.tsecr = first ? 0 : c.tsval[1 - side];
    s.flags = flags;
    s.window = (flags & Flag::kSyn) != 0 ? 64240 : static_cast<uint16_t>(501 + c.port % 16);
    s.ttl = side == kServer ? ServerTtl(c.server) : kClientTtl;
    // Linux sends a SYN-ACK with identification 0 (captures/lab shows it too).
    s.ip_id = flags == (Flag::kSyn | Flag::kAck) ? 0 : c.ip_id[side]++;
    s.options = (flags & Flag::kSyn) != 0 ? TcpOptions::kSyn : TcpOptions::kTimestamps;
    return s;
  }

  // Books the silence that this packet ends. One that was not planned is a mistake of this program.
  void Sight(Conversation& c) {
    const bool silent = c.sent > 0 && now_ - c.last_at >= 20 * kSecond;
    if (silent != (c.awaits != Awaits::kNothing)) std::abort();
    if (c.awaits == Awaits::kAnswer) ++truth_->survived;
    if (c.awaits == Awaits::kClose) ++truth_->closed;
    if (c.awaits == Awaits::kKill) ++truth_->killed;
    c.awaits = Awaits::kNothing;
    last_gap_ = now_ - c.last_at;
    c.last_at = now_;
    ++c.sent;
  }

  void Put(const Segment& s) {
    Commit(framer_.Tcp(s, file_->Room()));
    ++truth_->tcp_packets;
  }

  void Commit(size_t length) {
    static constexpr uint64_t kEpoch =
        1700000000 * kSecond;  // 2023-11-14, chosen: a trace has no "now"
    file_->Commit(kEpoch + now_, static_cast<uint32_t>(length));
    ++truth_->packets;
    truth_->last_at = now_;
  }

  Framer framer_;
  CaptureFile* file_;
  Truth* truth_;
  uint64_t now_ = 0, last_gap_ = 0;
};

}  // namespace bench
