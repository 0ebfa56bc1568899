// The second opinion: libpcap reads the same file, and every frame that it sees, we see.
#include "peer.h"

#include <pcap/pcap.h>

#include <algorithm>

namespace deadair::test {
namespace {

// Three things libpcap does and we do not: it cuts a frame at the file's snaplen, reads pcap times
// as signed numbers, and gives the time 0 to packets without one.
bool Agree(const pcap_pkthdr& theirs, const uint8_t* bytes, uint32_t snaplen, const Seen& ours) {
  const uint32_t captured = std::min(theirs.caplen, theirs.len);
  const bool cut = theirs.caplen == snaplen && ours.captured > snaplen;
  if (ours.wire != theirs.len || (!cut && ours.captured != captured)) return false;
  if (!cut && ours.hash != Hash({bytes, captured})) return false;
  const bool sound =
      theirs.ts.tv_sec > 0 && theirs.ts.tv_usec >= 0 && theirs.ts.tv_usec < 1000000000;
  return !sound || ours.at_ns == static_cast<uint64_t>(theirs.ts.tv_sec) * 1000000000 +
                                     static_cast<uint64_t>(theirs.ts.tv_usec);
}

}  // namespace

Verdict CompareWithPeer(const std::string& path, const Reading& ours) {
  char error[PCAP_ERRBUF_SIZE];
  pcap_t* const peer =
      pcap_open_offline_with_tstamp_precision(path.c_str(), PCAP_TSTAMP_PRECISION_NANO, error);
  if (peer == nullptr) return {false, 0, error, ""};
  Verdict verdict = {true, 0, "", ""};
  const auto snaplen = static_cast<uint32_t>(pcap_snapshot(peer));
  pcap_pkthdr* header;
  const uint8_t* bytes;
  int answer;
  while ((answer = pcap_next_ex(peer, &header, &bytes)) == 1 && verdict.complaint.empty()) {
    const size_t index = verdict.frames++;
    if (index >= ours.frames.size()) {
      verdict.complaint = "we have only " + std::to_string(index) + " frames";
    } else if (!Agree(*header, bytes, snaplen, ours.frames[index])) {
      verdict.complaint = "frame " + std::to_string(verdict.frames) + " differs";
    }
  }
  if (verdict.complaint.empty() && answer == PCAP_ERROR_BREAK &&
      verdict.frames != ours.frames.size())
    verdict.complaint = "libpcap ends after " + std::to_string(verdict.frames) +
                        " frames, we after " + std::to_string(ours.frames.size());
  if (answer == PCAP_ERROR) verdict.stopped = pcap_geterr(peer);
  pcap_close(peer);
  return verdict;
}

}  // namespace deadair::test
