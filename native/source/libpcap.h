// libpcap, loaded when something is first asked of it. A file that is read without `--filter` needs
// none of it, and what Debian's brings along (D-Bus, systemd, gcrypt, lzma, lz4) takes longer to
// load than some captures to read (docs/decisions/0002-start-up.md).
#pragma once
#include <pcap/pcap.h>

namespace deadair {

// The functions of pcap(3PCAP) that are used here, under their names without "pcap_".
// clang-format off
#define DEADAIR_LIBPCAP(each)                                                     \
  each(create) each(activate) each(close) each(geterr) each(statustostr)          \
  each(set_snaplen) each(set_promisc) each(set_timeout) each(set_buffer_size)     \
  each(set_tstamp_precision) each(set_datalink) each(setfilter) each(setnonblock) \
  each(datalink) each(dispatch) each(fileno) each(get_selectable_fd)              \
  each(findalldevs) each(freealldevs)                                             \
  each(open_dead) each(compile) each(freecode) each(offline_filter)
// clang-format on

struct Libpcap {
#define DEADAIR_DECLARE(name) decltype(&pcap_##name) name;
  DEADAIR_LIBPCAP(DEADAIR_DECLARE)
#undef DEADAIR_DECLARE
};

// Only where LibpcapMissing (filter.h) finds nothing missing.
const Libpcap& Pcap();

}  // namespace deadair
