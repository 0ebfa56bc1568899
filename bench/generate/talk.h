// A connection's way from its name lookup to its end: a state machine that sends one packet a step
// and says when it goes on.
#pragma once
#include <algorithm>
#include <cstdint>

#include "sender.h"

namespace bench {

inline constexpr uint64_t kOver = ~0ULL;

class Talk {
 public:
  Talk(const Options& options, Sender* sender, Random* random, Truth* truth)
      : options_(options),
        shape_(ShapeOf(options)),
        sender_(sender),
        random_(random),
        truth_(truth) {}

  // Sends the next packet of `c` at `now`; returns microseconds to the one after, or kOver.
  uint64_t Step(Conversation& c, uint64_t now) {
    now_ = now;
    sender_->SetTime(now);
    if (c.phase <= Phase::kRefuse) return Begin(c);
    if (c.phase <= Phase::kProbeAnswer) return Exchange(c);
    if (c.phase <= Phase::kAbort) return Close(c);
    return Die(c);
  }

 private:
  uint64_t Begin(Conversation& c) {
    switch (c.phase) {
      case Phase::kLookup:
        sender_->Lookup(c, false);
        return Next(c, Phase::kLookupAnswer, 300 + random_->Below(1500));
      case Phase::kLookupAnswer:
        sender_->Lookup(c, true);
        return Next(c, Phase::kSyn, 100 + random_->Below(400));
      case Phase::kSyn:
        ++truth_->connections;
        sender_->Send(c, kClient, Flag::kSyn, 0);
        return Next(c, c.fate == Fate::kRefused ? Phase::kRefuse : Phase::kSynAck, Trip(c));
      case Phase::kRefuse:
        sender_->Forge(c, ServerTtl(c.server), Flag::kRst | Flag::kAck, 0, c.nxt[kClient]);
        ++truth_->refused;
        return kOver;
      case Phase::kSynAck:
        sender_->Send(c, kServer, Flag::kSyn | Flag::kAck, 0);
        return Next(c, Phase::kEstablish, NearTrip());
      default:
        sender_->Send(c, kClient, Flag::kAck, 0);
        ++truth_->established;
        truth_->most_open = std::max(++truth_->open, truth_->most_open);
        return Rest(c);
    }
  }

  uint64_t Exchange(Conversation& c) {
    switch (c.phase) {
      case Phase::kRequest:
        c.segments = static_cast<uint8_t>(1 + random_->Below(shape_.segments));
        sender_->Send(c, kClient, Flag::kPsh | Flag::kAck, RequestBytes());
        if (random_->Chance(2)) return Next(c, Phase::kRequestAgain, 200000 + Trip(c));
        return Next(c, Phase::kResponse, ServiceTime(c));
      case Phase::kRequestAgain:  // the network lost it beyond the capture point
        sender_->Repeat(c);
        return Next(c, Phase::kResponse, ServiceTime(c));
      case Phase::kResponse:
        sender_->Send(c, kServer, c.segments == 1 ? Flag::kPsh | Flag::kAck : Flag::kAck,
                      ResponseBytes());
        --c.segments;
        if (++c.unacknowledged == 2 || c.segments == 0)
          return Next(c, Phase::kResponseAck, NearTrip());
        return Next(c, Phase::kResponse, 12 + random_->Below(80));
      case Phase::kResponseAck:
        sender_->Send(c, kClient, Flag::kAck, 0);
        c.unacknowledged = 0;
        return c.segments > 0 ? Next(c, Phase::kResponse, 12 + random_->Below(300)) : Rest(c);
      case Phase::kProbe:
        sender_->Probe(c);
        return Next(c, Phase::kProbeAnswer, Trip(c));
      default:
        sender_->Send(c, kServer, Flag::kAck, 0);
        return Rest(c);
    }
  }

  uint64_t Close(Conversation& c) {
    const uint8_t first = c.server_closes ? kServer : kClient, second = 1 - first;
    switch (c.phase) {
      case Phase::kFin:
        sender_->Send(c, first, Flag::kFin | Flag::kAck, 0);
        return Next(c, Phase::kFinAnswer, first == kClient ? Trip(c) : NearTrip());
      case Phase::kFinAnswer:
        sender_->Send(c, second, Flag::kFin | Flag::kAck, 0);
        return Next(c, Phase::kFinLast, first == kClient ? NearTrip() : Trip(c));
      case Phase::kFinLast:
        if (first == kClient && random_->Chance(40)) {  // a socket closed with data unread
          sender_->Send(c, first, Flag::kRst | Flag::kAck, 0);
          ++truth_->after_fin;
        } else {
          sender_->Send(c, first, Flag::kAck, 0);
        }
        return Over();
      default:
        sender_->Send(c, kServer, Flag::kRst | Flag::kAck, 0);
        ++truth_->abort;
        return Over();
    }
  }

  uint64_t Die(Conversation& c) {
    switch (c.phase) {
      case Phase::kTrigger:
        sender_->Send(c, kClient, Flag::kPsh | Flag::kAck, RequestBytes());
        if (c.fate == Fate::kLateReset)
          return Next(c, Phase::kGatewayReset, 50 + random_->Below(90));
        c.tries = static_cast<uint8_t>(5 + random_->Below(3));
        ++truth_->blackhole;
        return Next(c, Phase::kRetransmit, Timeout(c));
      case Phase::kRetransmit:
        sender_->Repeat(c);
        if (--c.tries == 0) return Over();  // TCP_USER_TIMEOUT: the flow just stops
        return Next(c, Phase::kRetransmit, 2 * sender_->LastGap());
      case Phase::kFatalProbe:
        sender_->Probe(c);
        return Next(c, Phase::kGatewayReset, 50 + random_->Below(90));
      case Phase::kGatewayReset:
        // RFC 9293 3.10.7.1: the sequence number of a reset to an unknown connection is the
        // trigger's ACK field.
        sender_->Forge(c, kGatewayTtl, Flag::kRst, c.nxt[kServer], 0);
        ++(c.fate == Fate::kLateReset ? truth_->late_reset : truth_->keepalive_reset);
        return Over();
      default:
        sender_->Forge(c, kGatewayTtl, Flag::kRst | Flag::kAck, c.nxt[kServer], c.nxt[kClient]);
        ++truth_->expiry_reset;
        return Over();
    }
  }

  // What an established connection does when nothing is under way: the next exchange, a silence, or
  // its end.
  uint64_t Rest(Conversation& c) {
    if (c.exchanges > 0) {
      --c.exchanges;
      return Next(c, Phase::kRequest, Think(c));
    }
    if (c.silences > 0 && (c.fate > Fate::kStaysOpen || now_ + 400 * kSecond < options_.span))
      return Pause(c);
    if (c.fate == Fate::kStaysOpen) return kOver;
    return c.fate == Fate::kClose || c.fate == Fate::kAbort ? Finish(c) : Doom(c);
  }

  // A silence that will be survived.
  uint64_t Pause(Conversation& c) {
    --c.silences;
    c.awaits = Awaits::kAnswer;
    c.exchanges = static_cast<uint16_t>(random_->Below(3));
    if (c.keepalives) {
      c.exchanges = 0;
      return Next(c, Phase::kProbe, ProbePeriod(c) + random_->Below(4000));
    }
    c.segments = 1;  // one in eight is broken by the server
    const Phase breaks = random_->Chance(125) ? Phase::kResponse : Phase::kRequest;
    return Next(c, breaks, Silence(c));
  }

  uint64_t Finish(Conversation& c) {
    const bool aborts = c.fate == Fate::kAbort;
    if (c.keepalives) return FinishBetweenProbes(c, aborts ? Phase::kAbort : Phase::kFin);
    if (aborts) return Next(c, Phase::kAbort, Trip(c));
    const bool idle_first = random_->Chance(50) && now_ + 400 * kSecond < options_.span;
    if (idle_first) c.awaits = Awaits::kClose;
    return Next(c, Phase::kFin, idle_first ? Silence(c) : 500 + random_->Below(3 * kSecond));
  }

  // Whoever uses it knows nothing of its probes: any moment until the next one is as good.
  uint64_t FinishBetweenProbes(Conversation& c, Phase by) {
    const uint64_t after = Trip(c) + random_->Below(ProbePeriod(c));
    if (after >= 20 * kSecond) c.awaits = Awaits::kClose;
    return Next(c, by, after);
  }

  // The silence that costs the connection.
  uint64_t Doom(Conversation& c) {
    c.awaits = Awaits::kKill;
    if (c.fate == Fate::kExpiryReset) {
      const uint64_t timeout = options_.open() ? 25 * kSecond : SiteOf(c.server).timeout;
      return Next(c, Phase::kExpiry, timeout + random_->Below(5000));
    }
    const uint64_t timeout = SiteOf(c.server).timeout;
    const uint64_t beyond = random_->Between(kSecond, 400 * kSecond);
    return Next(c, c.fate == Fate::kKeepaliveReset ? Phase::kFatalProbe : Phase::kTrigger,
                timeout + beyond);
  }

  static uint64_t ProbePeriod(const Conversation& c) { return (45 + 15 * (c.port % 5)) * kSecond; }

  static uint64_t Next(Conversation& c, Phase phase, uint64_t after) {
    c.phase = phase;
    return after;
  }

  uint64_t Over() {
    --truth_->open;
    return kOver;
  }

  // ---- times

  uint64_t Trip(const Conversation& c) {
    const uint32_t base = ServerTrip(c.server);
    return base + random_->Below(base / 16);
  }

  // The capture stands beside the clients.
  uint64_t NearTrip() { return 80 + random_->Below(320); }

  uint64_t ServiceTime(const Conversation& c) {
    const uint64_t trip = Trip(c);
    return trip + std::min<uint64_t>(static_cast<uint64_t>(random_->Exponential(8000)), kSecond);
  }

  // Below 16 s: not a silence. In an `open` trace the exchanges are spread over the whole capture.
  uint64_t Think(const Conversation& c) {
    double mean = 4.0 * kSecond;
    if (options_.open()) {
      const uint64_t left = options_.span > now_ + kSecond ? options_.span - now_ : kSecond;
      mean = static_cast<double>(left) / (c.exchanges + 2.0);
    }
    return 200 +
           std::min<uint64_t>(static_cast<uint64_t>(random_->Exponential(mean)), 16 * kSecond);
  }

  uint64_t Silence(const Conversation& c) {
    const uint64_t longest = SiteOf(c.server).survives;
    const auto drawn = 20 * kSecond + static_cast<uint64_t>(random_->Exponential(60.0 * kSecond));
    return drawn < longest ? drawn : random_->Between(20 * kSecond, longest);
  }

  // RFC 6298 with Linux's least of 200 ms; seven doublings of it stay below 20 s.
  uint64_t Timeout(const Conversation& c) { return 200000 + Trip(c); }

  uint16_t RequestBytes() {
    return static_cast<uint16_t>(random_->Between(shape_.request_low, shape_.request_high));
  }
  uint16_t ResponseBytes() {
    return static_cast<uint16_t>(random_->Between(shape_.response_low, shape_.response_high));
  }

  const Options& options_;
  const Shape shape_;
  Sender* sender_;
  Random* random_;
  Truth* truth_;
  uint64_t now_ = 0;
};

}  // namespace bench
