// What the kernel says of an interface without libpcap: is it up, and who shares its frames.
#pragma once
#include <cstdint>
#include <string>

struct sockaddr;

namespace deadair {

// Up and with a carrier: a packet could cross it now. False when there is none of this name.
bool IsUp(const std::string& name);

// 0 when there is none of this name. if_nametoindex(3) opens a socket for each question.
uint32_t IndexOf(const std::string& name);

// Joins a capture's socket to a group that parts frames by connection (packet(7), PACKET_FANOUT).
// Empty, or why not.
std::string JoinFanoutGroup(int socket, int group);

// Frames that found no room in a capture's ring since this was asked for last (packet(7),
// PACKET_STATISTICS, which begins anew with each answer). libpcap's own count reads two files of
// sysfs each time.
uint32_t TakeDrops(int socket);

// Frames that the card had no room for, ever (rx_missed_errors and rx_fifo_errors of sysfs).
uint64_t MissedByCard(const std::string& name);

// Dotted or RFC 5952 text of an IP address, empty for any other kind.
std::string AddressText(const sockaddr* address);

}  // namespace deadair
