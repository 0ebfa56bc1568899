#include "source/device.h"

#include <net/if.h>

#include <algorithm>
#include <cstring>

#include "decode/bytes.h"
#include "source/device_state.h"
#include "source/libpcap.h"

namespace deadair {
namespace {

constexpr int kTimeoutMs = 100;
constexpr uint64_t kLastBlock = 250000000;
constexpr uint64_t kAskCardEvery = 1000000000;  // chosen: two files of sysfs are opened for it
// A question to the kernel costs as much as ten packets (chosen): so often while it is behind.
constexpr size_t kAskEvery = 1024;
// Chosen, by measuring: about ten small frames ahead, in strides between the room of the smallest
// (150 bytes of the ring) and of the longest (350).
constexpr size_t kAheadBytes = 2048, kStride = 256;
constexpr uint64_t kFrameMask = (uint64_t{1} << kFrameBits) - 1;

// What may carry TCP, tags and labels included. `tcp` alone would miss VLAN, MPLS, PPPoE and IPv6
// extension headers; what is not TCP is told apart above. Link types without tags get less.
constexpr const char* kDefaultFilters[] = {"ip or ip6 or vlan or mpls or pppoes", "ip or ip6", ""};

// In rows of a cache line, the last one over the one before: a copy of some length that is not
// known costs more than most headers are long. The rows of `to` are whole.
inline void CopyHeaders(uint8_t* to, const uint8_t* from, uint32_t bytes) {
  constexpr uint32_t kRow = 64;
  if (bytes < kRow) {
    std::memcpy(to, from, bytes);
    return;
  }
  for (uint32_t at = 0; at + kRow < bytes; at += kRow) std::memcpy(to + at, from + at, kRow);
  std::memcpy(to + bytes - kRow, from + bytes - kRow, kRow);
}

struct FreeProgram {
  bpf_program code{};
  bool compiled = false;
  ~FreeProgram() {
    if (compiled) Pcap().freecode(&code);
  }
};

}  // namespace

struct Device::Handle {
  pcap_t* pcap;
  explicit Handle(pcap_t* handle) : pcap(handle) {}
  ~Handle() { Pcap().close(pcap); }
};

Device::Device(const DeviceOptions& options, WallClock* clock)
    : options_(options),
      clock_(clock),
      any_(options.name == "any"),
      number_(options.first_frame),
      base_(static_cast<uint64_t>(options.source) << kFrameBits),
      bytes_(kChunk * kSnaplen),
      frames_(kChunk) {
  facts_.name = options.name;
  facts_.format = "live";
  facts_.complete = true;
  counted_at_ = clock_->Now();
}

Device::~Device() = default;

std::unique_ptr<Device> Device::Open(const DeviceOptions& options, WallClock* clock,
                                     Problem* problem) {
  std::unique_ptr<Device> device(new Device(options, clock));
  const uint32_t index = if_nametoindex(options.name.c_str());
  if (!device->any_ && index == 0) {
    *problem = {"E_CAPTURE_DEVICE", "there is no such interface"};
    return nullptr;
  }
  const bool down = !device->any_ && !IsUp(options.name);
  if (!device->Activate(problem) && !down) return nullptr;
  if (!device->any_) device->AddPoint(options.name, index);
  for (const std::string& place : options.places)
    device->AddPoint(place, if_nametoindex(place.c_str()));
  if (problem->code == "E_CAPTURE_DENIED" || problem->code == "E_CAPTURE_FILTER") return nullptr;
  *problem = {};
  if (device->handle_ == nullptr) device->away_since_ = clock->Now();
  return device;
}

bool Device::Activate(Problem* problem) {
  char complaint[PCAP_ERRBUF_SIZE] = "";
  pcap_t* pcap = Pcap().create(options_.name.c_str(), complaint);
  if (pcap == nullptr) {
    *problem = {"E_CAPTURE_DEVICE", complaint};
    return false;
  }
  auto handle = std::make_unique<Handle>(pcap);
  Pcap().set_snaplen(pcap, kSnaplen);
  Pcap().set_promisc(pcap, any_ ? 0 : 1);
  Pcap().set_timeout(pcap, kTimeoutMs);
  Pcap().set_buffer_size(pcap, static_cast<int>(options_.buffer_bytes));
  Pcap().set_tstamp_precision(pcap, PCAP_TSTAMP_PRECISION_NANO);
  const int status = Pcap().activate(pcap);
  if (status < 0) {
    const bool denied =
        status == PCAP_ERROR_PERM_DENIED || status == PCAP_ERROR_PROMISC_PERM_DENIED;
    const char* said = Pcap().geterr(pcap);
    *problem = {denied ? "E_CAPTURE_DENIED" : "E_CAPTURE_DEVICE",
                *said != 0 ? said : Pcap().statustostr(status)};
    return false;
  }
  if (any_) Pcap().set_datalink(pcap, DLT_LINUX_SLL2);
  // DLT_RAW and LINKTYPE_RAW differ (tcpdump.org/linktypes.html); the others live devices have do
  // not.
  const int dlt = Pcap().datalink(pcap);
  link_type_ = static_cast<uint16_t>(dlt == DLT_RAW ? 101 : dlt);
  handle_ = std::move(handle);
  if (SetFilter(problem) && JoinFanout(problem) && Pcap().setnonblock(pcap, 1, complaint) == 0) {
    missed_ = MissedByCard(options_.name);
    counted_at_ = clock_->Now();
    return true;
  }
  if (!*problem) *problem = {"E_CAPTURE_DEVICE", complaint};
  handle_.reset();
  return false;
}

bool Device::SetFilter(Problem* problem) {
  const bool own = !options_.filter.empty();
  for (const char* fallback : kDefaultFilters) {
    FreeProgram program;
    const char* text = own ? options_.filter.c_str() : fallback;
    program.compiled =
        Pcap().compile(handle_->pcap, &program.code, text, 1, PCAP_NETMASK_UNKNOWN) == 0;
    if (program.compiled && Pcap().setfilter(handle_->pcap, &program.code) == 0) return true;
    if (!own) continue;
    *problem = {"E_CAPTURE_FILTER", Pcap().geterr(handle_->pcap)};
    return false;
  }
  return true;
}

bool Device::JoinFanout(Problem* problem) {
  if (options_.fanout_group < 0) return true;
  const std::string said = JoinFanoutGroup(Pcap().fileno(handle_->pcap), options_.fanout_group);
  if (!said.empty()) *problem = {"E_CAPTURE_DEVICE", said};
  return said.empty();
}

std::span<const Frame> Device::Read() {
  count_ = kept_ = 0;
  if (handle_ == nullptr) return {};
  const auto keep = [](u_char* self, const pcap_pkthdr* header, const u_char* bytes) {
    // The precision asked for puts nanoseconds where microseconds are called for.
    const uint64_t at = static_cast<uint64_t>(header->ts.tv_sec) * 1000000000 +
                        static_cast<uint64_t>(header->ts.tv_usec);
    reinterpret_cast<Device*>(self)->Keep(at, header->caplen, header->len, bytes);
  };
  const uint64_t before = counted_at_;
  const int got = Pcap().dispatch(handle_->pcap, static_cast<int>(kChunk), keep,
                                  reinterpret_cast<u_char*>(this));
  facts_.frames += count_;
  uncounted_ += count_;
  // What is older than the last answer was there before anything that was lost since.
  if (latest_ > counted_at_ || uncounted_ >= kAskEvery || count_ < kChunk) AskDrops();
  // A frame that came while it was thought down came behind the stretch that is over.
  if (count_ != 0 && down_ != 0) LookAtAll();
  if (got < 0) Leave(before);
  // The kernel's last block is handed over within 100 ms, even of an interface that is no more.
  if (gone_since_ != 0 && count_ == 0 && counted_at_ - gone_since_ >= kLastBlock) Close();
  return {frames_.data(), count_};
}

inline void Device::Keep(uint64_t at_ns, uint32_t captured, uint32_t wire, const uint8_t* bytes) {
  if (count_ == kChunk) return;  // libpcap keeps to what it was asked for
  // The next frames of the kernel's block lie behind this one, fresh from another core's cache.
  for (size_t ahead = kAheadBytes; ahead < kAheadBytes + kStride; ahead += 64)
    __builtin_prefetch(bytes + ahead);
  captured = std::min(captured, kSnaplen);
  uint8_t* copy = bytes_.data() + kept_;
  kept_ += (captured + 63) & ~size_t{63};  // packed, so that a chunk stays in a cache
  CopyHeaders(copy, bytes, captured);
  const uint64_t at = at_ns + static_cast<uint64_t>(clock_->offset_ns());
  const uint16_t point = any_ ? PointOf(bytes, captured) : uint16_t{0};
  frames_[count_++] = {copy,       at,           (number_ & kFrameMask) | base_, captured, wire,
                       link_type_, names_[point]};
  number_ += options_.frame_stride;
  if (facts_.first_at_ns == 0) facts_.first_at_ns = at;
  facts_.last_at_ns = at;
  latest_ = std::max(latest_, at);
}

// Asked before frames are handed out that may have come after a loss: it lies between two answers.
void Device::AskDrops() {
  const uint64_t now = clock_->Now();
  Lost(TakeDrops(Pcap().fileno(handle_->pcap)), counted_at_, now);
  counted_at_ = now;
  uncounted_ = 0;
  latest_ = 0;
}

void Device::Lost(uint64_t frames, uint64_t from, uint64_t until) {
  if (frames == 0) return;
  facts_.dropped += frames;
  if (!blind_.empty() && blind_.back().because == Unobserved::kDrops &&
      blind_.back().until >= from) {
    blind_.back().until = until;
  } else {
    blind_.push_back({from, until, kEveryPoint, Unobserved::kDrops});
  }
}

// The interface went away, or another one has its name.
void Device::Leave(uint64_t since) {
  if (gone_since_ != 0) return;
  gone_since_ = since;
  // For frames that yet come out of it; the whole stretch is told when it is over.
  blind_.push_back({since, clock_->Now(), kEveryPoint, Unobserved::kInterfaceDown});
}

void Device::Close() {
  handle_.reset();
  away_since_ = gone_since_;
  gone_since_ = 0;
}

int Device::descriptor() const {
  return handle_ == nullptr ? -1 : Pcap().get_selectable_fd(handle_->pcap);
}

// Linux "cooked" version 2 names the interface of every frame.
uint16_t Device::PointOf(const uint8_t* cooked, uint32_t captured) {
  const uint32_t index = captured >= 8 ? Be32(cooked + 4) : 0;
  for (size_t i = 0; i < places_.size(); i++)
    if (places_[i].index == index) return static_cast<uint16_t>(i);
  char name[IF_NAMESIZE] = "";
  if (index == 0 || if_indextoname(index, name) == nullptr) std::strcpy(name, "gone");
  // One that was deleted and made again is the same place.
  for (size_t i = 0; i < points_.size(); i++) {
    if (points_[i] != name) continue;
    places_[i].index = index;
    return static_cast<uint16_t>(i);
  }
  return points_.size() < kEveryPoint - 1 ? AddPoint(name, index) : uint16_t{0};
}

uint16_t Device::AddPoint(const std::string& name, uint32_t index) {
  CapturePoint point;
  point.name = name;
  point.link_type = link_type_;
  point.snaplen = kSnaplen;
  point.ts_per_second = 1000000000;
  points_.push_back(name);
  names_.push_back(options_.meet(point));
  places_.push_back({index, 0, clock_->Now()});
  return static_cast<uint16_t>(points_.size() - 1);
}

void Device::Look() {
  LookAtAll();
  const uint64_t now = clock_->Now();
  if (any_) return;
  if (now - asked_card_at_ >= kAskCardEvery) AskCard(now);
  const uint32_t index = IndexOf(options_.name);
  if (handle_ != nullptr && index != places_[0].index) Leave(places_[0].seen_up);
  if (handle_ != nullptr || index == 0) return;
  Problem problem;
  if (!Activate(&problem)) return;
  places_[0].index = index;
  blind_.push_back({away_since_, clock_->Now(), kEveryPoint, Unobserved::kInterfaceDown});
  away_since_ = 0;
}

void Device::AskCard(uint64_t now) {
  const uint64_t missed = MissedByCard(options_.name);
  if (missed > missed_) Lost(missed - missed_, asked_card_at_, now);
  missed_ = missed;
  asked_card_at_ = now;
}

void Device::LookAtAll() {
  const uint64_t now = clock_->Now();
  for (size_t i = 0; i < places_.size(); i++) LookAt(i, now);
}

// No packet can cross an interface that is down, whether or not libpcap says so.
void Device::LookAt(size_t i, uint64_t now) {
  Place& place = places_[i];
  const bool up = IsUp(points_[i]);
  if (up && place.down_since != 0) {
    blind_.push_back({place.down_since, now, static_cast<uint16_t>(i), Unobserved::kInterfaceDown});
    place.down_since = 0;
    down_--;
  } else if (!up && place.down_since == 0) {
    place.down_since = place.seen_up;
    down_++;
  }
  if (up) place.seen_up = now;
}

std::vector<DeviceFacts> ListDevices(std::string* complaint) {
  std::vector<DeviceFacts> out;
  char said[PCAP_ERRBUF_SIZE] = "";
  pcap_if_t* list = nullptr;
  if (Pcap().findalldevs(&list, said) != 0) {
    *complaint = said;
    return out;
  }
  for (const pcap_if_t* at = list; at != nullptr; at = at->next) {
    const bool cooked = std::strcmp(at->name, "any") == 0;
    if (!cooked && if_nametoindex(at->name) == 0) continue;  // D-Bus, USB, netfilter logs
    DeviceFacts facts{at->name,
                      at->description != nullptr ? at->description : "",
                      (at->flags & PCAP_IF_UP) != 0,
                      (at->flags & PCAP_IF_RUNNING) != 0,
                      (at->flags & PCAP_IF_LOOPBACK) != 0,
                      {}};
    for (const pcap_addr* one = at->addresses; one != nullptr; one = one->next) {
      const std::string text = AddressText(one->addr);
      if (!text.empty()) facts.addresses.push_back(text);
    }
    out.push_back(std::move(facts));
  }
  Pcap().freealldevs(list);
  return out;
}

}  // namespace deadair
