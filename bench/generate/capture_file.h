// The trace as a pcap (microseconds) or pcapng file, written through one large buffer.
#pragma once
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <vector>

#include "frame.h"

namespace bench {

class CaptureFile {
 public:
  CaptureFile(const char* path, bool pcapng)
      : file_(std::fopen(path, "wb")), pcapng_(pcapng), buffer_(kBuffer) {
    if (file_ == nullptr) return;
    if (pcapng_) {
      Words({0x0a0d0d0a, 28, 0x1a2b3c4d, 1, 0xffffffff, 0xffffffff,
             28});                    // version 1.0, length unknown
      Words({1, 20, 1, 262144, 20});  // one Ethernet interface, microseconds by default
    } else {
      Words({0xa1b2c3d4, 0x00040002, 0, 0, 262144, 1});  // version 2.4, Ethernet
    }
  }

  // Where the next frame is to be written, Framer::kMost bytes.
  uint8_t* Room() {
    if (used_ + Framer::kMost + 64 > kBuffer) Flush();
    return &buffer_[used_ + (pcapng_ ? 28 : 16)];
  }

  // The frame at Room() is `length` bytes and was captured at `at` (microseconds since 1970).
  void Commit(uint64_t at, uint32_t length) {
    if (pcapng_) {
      const uint32_t padded = (length + 3) & ~3u;
      std::memset(&buffer_[used_ + 28 + length], 0, padded - length);
      Words({6, padded + 32, 0, static_cast<uint32_t>(at >> 32), static_cast<uint32_t>(at), length,
             length});
      used_ += padded;
      Words({padded + 32});
      return;
    }
    Words(
        {static_cast<uint32_t>(at / kSecond), static_cast<uint32_t>(at % kSecond), length, length});
    used_ += length;
  }

  // False when anything could not be written.
  bool Close() {
    if (file_ == nullptr) return false;
    Flush();
    return std::fclose(file_) == 0 && good_;
  }

  uint64_t bytes() const { return written_ + used_; }

 private:
  static constexpr size_t kBuffer = 1 << 20;

  void Words(std::initializer_list<uint32_t> words) {
    std::memcpy(&buffer_[used_], words.begin(), words.size() * 4);
    used_ += words.size() * 4;
  }

  void Flush() {
    good_ = std::fwrite(buffer_.data(), 1, used_, file_) == used_ && good_;
    written_ += used_;
    used_ = 0;
  }

  FILE* file_;
  bool pcapng_, good_ = true;
  std::vector<uint8_t> buffer_;
  size_t used_ = 0;
  uint64_t written_ = 0;
};

}  // namespace bench
