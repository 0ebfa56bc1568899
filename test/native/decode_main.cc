// Prints what the decoder makes of every frame of a capture, one line a frame, tab-separated, for
// comparison with tshark.
//   decode_main FILE...
// number fate source destination sport dport seq ack flags window payload ttl ipid tsval vlan
// tunnel id bits icmp
#include <arpa/inet.h>

#include <cinttypes>
#include <cstdio>
#include <string>

#include "decode/decode.h"
#include "silence.h"
#include "source/source.h"

namespace {

using deadair::Decode, deadair::Fate, deadair::Frame, deadair::Packet;

std::string Address(const Packet& packet, const uint8_t* bytes) {
  char text[INET6_ADDRSTRLEN] = "";
  inet_ntop(packet.ip_version == 4 ? AF_INET : AF_INET6, bytes, text, sizeof text);
  return text;
}

void PrintTuple(const Packet& p) {
  std::printf("\t%s\t%s\t%u\t%u\t%u", Address(p, p.source).c_str(),
              Address(p, p.destination).c_str(), p.source_port, p.destination_port, p.seq);
}

void PrintSegment(const Packet& p) {
  const auto options = deadair::ParseOptions(p);
  std::printf("\t%u\t%u\t%u\t%u\t%u\t%u\t", p.ack, p.tcp_flags, p.window, p.payload, p.ttl,
              p.ip_id);
  if (options.timestamps == deadair::Tristate::kYes)
    std::printf("%u", options.tsval);
  else
    std::fputs(options.timestamps == deadair::Tristate::kNo ? "none" : "unknown", stdout);
  std::printf("\t%u\t%u\t%u\t%u\t%d", p.vlan, p.tunnel_kind, p.tunnel_id, p.bits,
              options.window_scale);
}

void Print(const Frame& frame, Fate fate, const Packet& packet) {
  constexpr uint64_t kNumber = (uint64_t{1} << deadair::kFrameBits) - 1;
  std::printf("%" PRIu64 "\t%s", frame.number & kNumber,
              deadair::kFateNames[static_cast<size_t>(fate)]);
  if (fate == Fate::kTcp || fate == Fate::kIcmpQuote) PrintTuple(packet);
  if (fate == Fate::kTcp) PrintSegment(packet);
  if (fate == Fate::kIcmpQuote) std::printf("\t%u\t%u", packet.icmp_type, packet.icmp_code);
  std::putchar('\n');
}

int PrintFile(const char* path) {
  deadair::Problem problem;
  const auto source = deadair::OpenSource(path, &problem);
  if (!source) {
    std::fprintf(stderr, "%s: %s %s\n", path, problem.code.c_str(), problem.what.c_str());
    return 1;
  }
  Frame frames[64];
  while (const size_t count = source->Next(frames)) {
    for (size_t i = 0; i < count; ++i) {
      Packet packet;
      const Fate fate = Decode(frames[i], &packet);
      Print(frames[i], fate, packet);
    }
  }
  return 0;
}

}  // namespace

int main(int count, char** words) {
  int status = 0;
  for (int i = 1; i < count; ++i) {
    std::printf("file\t%s\n", words[i]);
    status |= PrintFile(words[i]);
  }
  return status;
}
