#include "source/filter.h"

#include <map>
#include <mutex>
#include <utility>

#include "source/libpcap.h"

namespace deadair {
namespace {

constexpr int kSnaplen = 262144;  // libpcap's MAXIMUM_SNAPLEN

struct CloseHandle {
  void operator()(pcap_t* handle) const { Pcap().close(handle); }
};
using Handle = std::unique_ptr<pcap_t, CloseHandle>;

// libpcap's pcap_compile was not thread-safe before 1.8, and our threads compile side by side: one
// lock for all of them. The one global of the native core, because the state it guards is a
// library's global.
std::mutex& CompilerLock() {
  static std::mutex lock;
  return lock;
}

// libpcap's DLT_ for a LINKTYPE_: equal but for some old ones (pcap-common.c, dlt_to_linktype).
int DltOf(uint16_t link_type) {
  switch (link_type) {
    case 100:
      return DLT_ATM_RFC1483;
    case 101:
      return DLT_RAW;
    case 102:
      return DLT_SLIP_BSDOS;
    case 103:
      return DLT_PPP_BSDOS;
    default:
      return link_type;
  }
}

// A compiled program; without one when the expression does not fit the link type.
class Program {
 public:
  Program(const std::string& expression, uint16_t link_type) {
    const std::lock_guard lock(CompilerLock());
    const Handle handle(Pcap().open_dead(DltOf(link_type), kSnaplen));
    if (handle == nullptr) {
      complaint_ = "out of memory";
      return;
    }
    fits_ = Pcap().compile(handle.get(), &code_, expression.c_str(), 1, PCAP_NETMASK_UNKNOWN) == 0;
    if (!fits_) complaint_ = Pcap().geterr(handle.get());
  }
  ~Program() {
    if (fits_) Pcap().freecode(&code_);
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  bool fits() const { return fits_; }
  const std::string& complaint() const { return complaint_; }

  bool Matches(const Frame& frame) const {
    if (!fits_) return false;
    pcap_pkthdr header = {};
    header.caplen = frame.captured;
    header.len = frame.wire;
    return Pcap().offline_filter(&code_, &header, frame.data) != 0;
  }

 private:
  bpf_program code_ = {};
  bool fits_ = false;
  std::string complaint_;
};

}  // namespace

std::optional<std::string> FilterComplaint(const std::string& expression) {
  const Program ethernet(expression, DLT_EN10MB);
  if (ethernet.fits()) return std::nullopt;
  // An expression may be for another kind of capture (`wlan type data`).
  for (const uint16_t link_type : {DLT_IEEE802_11_RADIO, DLT_LINUX_SLL, 101})
    if (Program(expression, link_type).fits()) return std::nullopt;
  return ethernet.complaint();
}

struct Filter::Programs {
  std::string expression;
  std::map<uint16_t, Program> by_link_type;
  const Program* last = nullptr;  // of last_link_type: most captures have one
  uint16_t last_link_type = 0;

  const Program& For(uint16_t link_type) {
    if (last == nullptr || last_link_type != link_type) {
      last = &by_link_type.try_emplace(link_type, expression, link_type).first->second;
      last_link_type = link_type;
    }
    return *last;
  }
};

Filter::Filter(std::string expression) : programs_(new Programs{std::move(expression), {}}) {}
Filter::~Filter() = default;

bool Filter::Matches(const Frame& frame) { return programs_->For(frame.link_type).Matches(frame); }

size_t Filter::unfit() const {
  size_t unfit = 0;
  for (const auto& [link_type, program] : programs_->by_link_type) unfit += program.fits() ? 0 : 1;
  return unfit;
}

}  // namespace deadair
