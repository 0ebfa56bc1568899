// A seeded trace with a known truth: generate --kind K --packets N [--flows N] [--seed S] [--flood
// N] --out F writes the capture F and the sidecar F.json. The same arguments give the same bytes on
// every machine.
#include <cstdio>
#include <vector>

#include "generate/agenda.h"
#include "generate/day.h"
#include "generate/talk.h"

namespace bench {
namespace {

// Actors that are not conversations.
constexpr uint32_t kArrivals = 0, kDooms = 1, kFlood = 2, kFirstConversation = 3;

class Trace {
 public:
  explicit Trace(const Options& options)
      : options_(options),
        random_(options.seed),
        file_(options.out.c_str(), options.pcapng()),
        sender_(options, &file_, &truth_),
        talk_(options, &sender_, &random_, &truth_),
        arrivals_left_(options.flows - 2 * options.kills),
        dooms_left_(options.kills) {}

  bool Write() {
    agenda_.Add(0, kArrivals);
    agenda_.Add(1, kDooms);
    if (options_.flooded()) agenda_.Add(options_.span / 4, kFlood);
    while (!agenda_.Empty()) Act(agenda_.Top());
    truth_.bytes = file_.bytes();
    return file_.Close() && WriteTruth(truth_, options_);
  }

 private:
  void Act(const Agenda::Entry& entry) {
    uint64_t after = kOver;
    if (entry.actor >= kFirstConversation) after = Continue(entry);
    if (entry.actor == kArrivals) after = Arrive(entry.at);
    if (entry.actor == kDooms) after = ArriveDoomed(entry.at);
    if (entry.actor == kFlood) after = Flood(entry.at);
    if (after == kOver)
      agenda_.Drop();
    else
      agenda_.Postpone(entry.at + after);
    for (const auto& born : born_) agenda_.Add(born.at, born.actor);
    born_.clear();
  }

  uint64_t Continue(const Agenda::Entry& entry) {
    const uint32_t slot = entry.actor - kFirstConversation;
    Conversation& c = conversations_[slot];
    const uint64_t after = talk_.Step(c, entry.at);
    if (after != kOver) return after;
    settled_ += c.sent;
    promised_ -= c.planned;
    free_.push_back(slot);
    // Who was cut off dials again: the best witness that the server was well.
    if (c.fate > Fate::kStaysOpen)
      Bear(Fate::kClose, c.client, c.server, 2, entry.at + 100000 + random_.Below(kSecond));
    return kOver;
  }

  // Ordinary connections: a Poisson process that meets the number of flows and of packets asked
  // for.
  uint64_t Arrive(uint64_t now) {
    if (arrivals_left_ == 0) return kOver;
    const Fate fate = OrdinaryFate();
    const uint32_t client = random_.Below(Clients()), server = Server();
    Bear(fate, client, server, Exchanges(), now);
    --arrivals_left_;
    const uint64_t span = options_.open() ? options_.span / 10 : options_.span;
    if (arrivals_left_ == 0) return kOver;
    const double left = now < span ? static_cast<double>(span - now) : 0;
    return static_cast<uint64_t>(random_.Exponential(left / static_cast<double>(arrivals_left_)));
  }

  // Connections that a box will cut, early enough that the capture sees it.
  uint64_t ArriveDoomed(uint64_t now) {
    const Fate fate = options_.open() ? Fate::kExpiryReset : kKills[dooms_left_ % 4];
    const Site& site = SiteThat(fate);
    const uint32_t server = site.first_server + random_.Below(site.servers);
    const uint32_t client = random_.Below(Clients());
    Bear(fate, client, server, 1 + random_.Below(4), now);
    if (--dooms_left_ == 0) return kOver;
    const uint64_t latest = options_.open() ? options_.span / 20 : options_.span * 55 / 100;
    return now < latest ? random_.Between(0, 2 * (latest - now) / (dooms_left_ + 1)) : 0;
  }

  uint64_t Flood(uint64_t now) {
    sender_.SetTime(now);
    sender_.Flood(static_cast<uint32_t>(truth_.flood_tuples), options_.kind == "flood-syn");
    if (truth_.flood_tuples >= options_.flood) return kOver;
    return random_.Between(0, options_.span / options_.flood + 1);  // the middle half of the trace
  }

  void Bear(Fate fate, uint32_t client, uint32_t server, uint32_t exchanges, uint64_t at) {
    const uint32_t slot = Slot();
    Conversation& c = conversations_[slot];
    c = Conversation{};
    c.fate = fate;
    c.client = client;
    c.server = static_cast<uint16_t>(server);
    c.port = NextPort(client);
    c.exchanges = static_cast<uint16_t>(exchanges);
    for (int side = 0; side < 2; ++side) {
      c.nxt[side] = random_.Next();
      c.ip_id[side] = static_cast<uint16_t>(random_.Next());
    }
    c.keepalives = &SiteOf(server) == &kKeepaliveSite;
    c.server_closes = random_.Chance(350);
    c.silences = Silences(c);
    c.phase = !options_.open() && random_.Chance(200) ? Phase::kLookup : Phase::kSyn;
    c.planned = Planned(c);
    promised_ += c.planned;
    born_.push_back({at, slot + kFirstConversation});
  }

  uint8_t Silences(const Conversation& c) {
    if (options_.open() || c.fate == Fate::kRefused) return 0;
    if (c.fate > Fate::kStaysOpen) return static_cast<uint8_t>(random_.Below(3));
    return random_.Chance(c.keepalives ? 800 : 120) ? static_cast<uint8_t>(1 + random_.Below(7))
                                                    : 0;
  }

  uint32_t Planned(const Conversation& c) const {
    if (c.fate == Fate::kRefused) return 2;
    if (c.fate == Fate::kStaysOpen) return static_cast<uint32_t>(3 + exchange_ * c.exchanges);
    const double silence = c.keepalives ? 2 : 2 * exchange_;
    return static_cast<uint32_t>(6 + exchange_ * c.exchanges + silence * c.silences);
  }

  // What is left of the packets, shared out over the connections to come: four short ones to a long
  // one.
  uint32_t Exchanges() {
    const double spent = static_cast<double>(settled_ + promised_);
    const double left = static_cast<double>(options_.packets) - spent;
    const double overhead = options_.open() ? 3 : kOverhead;
    const double each = left / static_cast<double>(arrivals_left_) - overhead;
    const double mean = std::max(each / exchange_, 0.0);
    if (options_.open()) return static_cast<uint32_t>(mean + random_.Below(1000) / 1000.0);
    const double drawn = random_.Exponential(mean * (random_.Chance(200) ? 3.4 : 0.4));
    return static_cast<uint32_t>(std::min(drawn + 0.5, 60000.0));
  }

  Fate OrdinaryFate() {
    if (options_.open()) return Fate::kStaysOpen;
    const uint32_t draw = random_.Below(1000);
    if (draw < 8) return Fate::kRefused;
    if (draw < 20) return Fate::kAbort;
    return draw < 30 ? Fate::kStaysOpen : Fate::kClose;
  }

  uint32_t Server() {
    const Site& site = kSites[random_.Chance(700) ? 0 : 1 + random_.Below(5)];
    return site.first_server + random_.Below(site.servers);
  }

  uint32_t Clients() const {
    return static_cast<uint32_t>(std::clamp<uint64_t>(options_.flows / 8, 16, 4096));
  }

  // A client's ports in turn (1024 and up), so that no tuple comes twice within 64 512 connections
  // of a client.
  uint16_t NextPort(uint32_t client) {
    if (ports_.size() <= client) ports_.resize(client + 1, 0);
    return static_cast<uint16_t>(1024 + (Mix(client) + ports_[client]++) % 64512);
  }

  uint32_t Slot() {
    if (free_.empty()) {
      conversations_.emplace_back();
      return static_cast<uint32_t>(conversations_.size() - 1);
    }
    const uint32_t slot = free_.back();
    free_.pop_back();
    return slot;
  }

  static constexpr double kOverhead = 8;  // handshake, end, and a share of lookups and silences

  const Options& options_;
  const double exchange_ = MeanExchange(ShapeOf(options_));
  Random random_;
  Truth truth_;
  CaptureFile file_;
  Sender sender_;
  Talk talk_;
  Agenda agenda_;
  std::vector<Agenda::Entry> born_;
  std::vector<Conversation> conversations_;
  std::vector<uint32_t> free_, ports_;
  uint64_t arrivals_left_, dooms_left_, settled_ = 0, promised_ = 0;
};

bool WriteDay(const Options& options) {
  Truth truth;
  Random random(options.seed);
  CaptureFile file(options.out.c_str(), false);
  Sender sender(options, &file, &truth);
  Day day(&random, &sender, &truth);
  day.Live();
  truth.bytes = file.bytes();
  return file.Close() && WriteTruth(truth, options, day.Facts());
}

bool Write(const Options& options) {
  if (options.day()) return WriteDay(options);
  static Trace trace(options);
  return trace.Write();
}

}  // namespace
}  // namespace bench

int main(int count, char** words) {
  bench::Options options;
  if (!bench::ParseOptions(count, words, &options)) {
    std::fputs(
        "usage: generate --kind small|full|many|flood-syn|flood-ack|ipv6|vxlan|pcapng|open|day\n"
        "         --packets N [--flows N] [--seed S] [--flood N] [--kills N] --out FILE\n",
        stderr);
    return 2;
  }
  if (bench::Write(options)) return 0;
  std::fprintf(stderr, "cannot write %s\n", options.out.c_str());
  return 1;
}
