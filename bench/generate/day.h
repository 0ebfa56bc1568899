// A whole day before boxes of which everything is known: five of them, some behind another, some
// beside each other; stray resets, spared silences, jobs that speak by the clock, a server that
// restarts and a box that forgets everything. What a reader of the trace should find is written
// into the sidecar from the same table that makes it.
#pragma once
#include <cstdio>
#include <string>
#include <vector>

#include "agenda.h"
#include "sender.h"

namespace bench {

// Who answers for a row that is gone, or for a server that knows nothing any more.
enum class Answer : uint8_t { kGateway, kServer, kNobody };

struct DaySite {
  uint32_t server;
  uint32_t clients;
  uint32_t boxes[2];  // seconds; one behind the other, 0: none. The smaller binds
  Answer answer;
  uint32_t spared;   // per mille of the silences beyond it that survive
  uint32_t cron;     // seconds; a quarter as many clients more speak that often
  uint32_t restart;  // second of the day in which the server restarts, 0 never
  uint32_t flush;    // … in which the box forgets everything
};

// 900 s stands before two sites, once behind 240 s; so does 3600 s, once behind 350 s.
inline constexpr DaySite kDay[] = {
    {kDayServers[0], 12, {60, 0}, Answer::kGateway, 0, 45, 0, 0},
    {kDayServers[1], 25, {900, 240}, Answer::kNobody, 0, 300, 0, 0},
    {kDayServers[2], 40, {350, 3600}, Answer::kGateway, 0, 300, 0, 60000},
    {kDayServers[3], 60, {900, 0}, Answer::kServer, 300, 0, 0, 0},
    {kDayServers[4], 120, {3600, 0}, Answer::kGateway, 0, 0, 40000, 0},
    {kDayServers[5], 20, {0, 0}, Answer::kNobody, 0, 0, 0, 0},
};

inline uint32_t Binding(const DaySite& site) {
  if (site.boxes[1] == 0) return site.boxes[0];
  return std::min(site.boxes[0], site.boxes[1]);
}

class Day {
 public:
  Day(Random* random, Sender* sender, Truth* truth)
      : random_(random), sender_(sender), truth_(truth) {
    for (const DaySite& site : kDay) {
      for (uint32_t i = 0; i < site.clients; ++i) Hire(site, false);
      for (uint32_t i = 0; site.cron != 0 && i < site.clients / 4; ++i) Hire(site, true);
    }
  }

  void Live() {
    while (!agenda_.Empty()) {
      const Agenda::Entry entry = agenda_.Top();
      if (entry.at >= kLength) break;
      now_ = entry.at;
      sender_->SetTime(now_);
      agenda_.Postpone(now_ + Step(programs_[entry.actor]));
    }
  }

  // What holds of the day, as a member of the sidecar.
  std::string Facts() const {
    std::string out = "  \"day\": [";
    for (const DaySite& site : kDay) {
      char row[160];
      std::snprintf(row, sizeof row,
                    "%s\n    { \"port\": %u, \"boxes\": [%u, %u], \"restart\": %u, \"flush\": %u }",
                    &site == kDay ? "" : ",", SiteOf(site.server).port, site.boxes[0],
                    site.boxes[1], site.restart, site.flush);
      out += row;
    }
    return out + "\n  ],\n  \"strays\": " + std::to_string(strays_) + ",\n";
  }

 private:
  static constexpr uint64_t kLength = 86400 * kSecond;
  static constexpr uint32_t kStrays = 10;     // per mille of all silences
  static constexpr uint32_t kUnboxed = 1800;  // without a box, pauses reach four times this

  enum class Cause : uint8_t { kNone, kBox, kStray, kRestart, kFlush };

  // One client program: it keeps a connection, and dials again when that is lost.
  struct Program {
    const DaySite* site;
    Conversation c;
    uint32_t number;
    uint16_t dialled;
    bool cron;
    Cause cause;
  };

  void Hire(const DaySite& site, bool cron) {
    const auto number = static_cast<uint32_t>(programs_.size());
    programs_.push_back({&site, {}, number, 0, cron, Cause::kNone});
    Dial(programs_.back());
    agenda_.Add(random_->Between(0, 60 * kSecond), number);
  }

  void Dial(Program& p) {
    p.c = Conversation{};
    p.c.client = p.number;
    p.c.server = static_cast<uint16_t>(p.site->server);
    p.c.port = static_cast<uint16_t>(1024 + (Mix(p.number) + p.dialled++) % 64512);
    p.c.nxt[kClient] = random_->Next();
    p.c.nxt[kServer] = random_->Next();
    p.c.ip_id[kClient] = static_cast<uint16_t>(random_->Next());
    p.c.ip_id[kServer] = static_cast<uint16_t>(random_->Next());
    p.c.phase = Phase::kSyn;
    p.cause = Cause::kNone;
  }

  uint64_t Step(Program& p) {
    Conversation& c = p.c;
    switch (c.phase) {
      case Phase::kSyn:
        ++truth_->connections;
        sender_->Send(c, kClient, Flag::kSyn, 0);
        return Next(c, Phase::kSynAck, Trip(c));
      case Phase::kSynAck:
        sender_->Send(c, kServer, Flag::kSyn | Flag::kAck, 0);
        return Next(c, Phase::kEstablish, 150);
      case Phase::kEstablish:
        ++truth_->established;
        sender_->Send(c, kClient, Flag::kAck, 0);
        return Next(c, Phase::kRequest, 200);
      case Phase::kRequest:
        sender_->Send(c, kClient, Flag::kPsh | Flag::kAck, Bytes());
        return p.cause == Cause::kNone ? Next(c, Phase::kResponse, Trip(c)) : Cut(p);
      case Phase::kResponse:
        sender_->Send(c, kServer, Flag::kPsh | Flag::kAck, Bytes());
        return Next(c, Phase::kResponseAck, 120);
      case Phase::kResponseAck:
        sender_->Send(c, kClient, Flag::kAck, 0);
        return Pause(p);
      case Phase::kRetransmit:
        sender_->Repeat(c);
        return --c.tries == 0 ? Redial(p) : Next(c, Phase::kRetransmit, 2 * sender_->LastGap());
      default:
        return Reset(p);
    }
  }

  uint64_t Pause(Program& p) {
    const uint64_t pause = PauseOf(p);
    p.cause = CauseOf(*p.site, pause);
    const bool silent = pause >= 20 * kSecond;
    if (silent) p.c.awaits = p.cause == Cause::kNone ? Awaits::kAnswer : Awaits::kKill;
    return Next(p.c, Phase::kRequest, pause);
  }

  // From a second to four times the timeout, every octave alike.
  uint64_t PauseOf(const Program& p) {
    if (p.cron) return p.site->cron * kSecond + random_->Between(0, kSecond / 10);
    const uint32_t binding = Binding(*p.site) == 0 ? kUnboxed : Binding(*p.site);
    const uint64_t most = 4 * uint64_t{binding} * kSecond;
    uint32_t octaves = 0;
    while ((kSecond << octaves) < most) ++octaves;
    for (;;) {
      const uint64_t from = kSecond << random_->Below(octaves);
      const uint64_t pause = random_->Between(from, 2 * from);
      if (pause <= most) return pause;
    }
  }

  Cause CauseOf(const DaySite& site, uint64_t pause) {
    const auto spans = [&](uint32_t second) {
      return second != 0 && now_ < second * kSecond && second * kSecond <= now_ + pause;
    };
    const bool stray = random_->Chance(kStrays) && pause >= 20 * kSecond;
    const bool expired = Binding(site) != 0 && pause > Binding(site) * kSecond;
    if (spans(site.restart)) return Cause::kRestart;
    if (expired && !random_->Chance(site.spared)) return Cause::kBox;
    if (spans(site.flush)) return Cause::kFlush;
    return stray ? Cause::kStray : Cause::kNone;
  }

  bool MidPath(const Program& p) const {
    return p.cause == Cause::kFlush ||
           (p.cause == Cause::kBox && p.site->answer == Answer::kGateway);
  }

  // The request met nobody who knew the connection.
  uint64_t Cut(Program& p) {
    if (p.cause == Cause::kBox && p.site->answer == Answer::kNobody) {
      ++truth_->blackhole;
      p.c.tries = static_cast<uint8_t>(5 + random_->Below(3));
      return Next(p.c, Phase::kRetransmit, 200000 + Trip(p.c));
    }
    return Next(p.c, Phase::kGatewayReset, MidPath(p) ? 50 + random_->Below(90) : Trip(p.c));
  }

  // RFC 9293 3.10.7.1: the sequence number is the trigger's ACK field.
  uint64_t Reset(Program& p) {
    const uint8_t ttl = MidPath(p) ? kGatewayTtl : ServerTtl(p.c.server);
    sender_->Forge(p.c, ttl, Flag::kRst, p.c.nxt[kServer], 0);
    ++truth_->late_reset;
    strays_ += p.cause == Cause::kStray;
    return Redial(p);
  }

  uint64_t Redial(Program& p) {
    Dial(p);
    return 100000 + random_->Below(kSecond);
  }

  static uint64_t Next(Conversation& c, Phase phase, uint64_t after) {
    c.phase = phase;
    return after;
  }

  uint64_t Trip(const Conversation& c) {
    const uint32_t base = ServerTrip(c.server);
    return base + random_->Below(base / 16);
  }

  uint16_t Bytes() { return static_cast<uint16_t>(random_->Between(4, 40)); }

  Random* random_;
  Sender* sender_;
  Truth* truth_;
  std::vector<Program> programs_;
  Agenda agenda_;
  uint64_t now_ = 0, strays_ = 0;
};

}  // namespace bench
