// A live interface: frames as the kernel hands them over, every one that it could not keep counted,
// and every stretch in which nothing could have been seen told as such.
//
// Always true: received + dropped is what the interface saw (and the filter let through) since it
// was opened; a loss is told before any frame that came after it is handed out, so that whoever
// tracks can put the mark in its place; an interface that went away is opened again when it is
// back.
#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "source/source.h"

namespace deadair {

struct DeviceOptions {
  std::string name;    // an interface, or "any"
  std::string filter;  // empty: whatever may carry TCP
  uint32_t buffer_bytes = 64u << 20;
  int fanout_group = -1;  // share the interface's frames with others of this group
  // Frame numbers, so that those of several workers, and of one that took over, are all different.
  uint64_t first_frame = 1;
  uint32_t frame_stride = 1;
  std::vector<std::string> places;  // of "any": interfaces that are known already, in order
  uint32_t source = 0;              // goes into the numbers' upper bits
  // Gives a capture point that is met its index in the analysis.
  std::function<uint16_t(const CapturePoint&)> meet;
};

// Nothing that happened in here was seen for certain.
struct BlindInterval {
  uint64_t from, until;  // CLOCK_REALTIME
  uint16_t point;        // of the device, kEveryPoint for all
  uint8_t because;       // Unobserved::
  bool begun = false;    // its mark is set; kept here for whoever sets it
};
inline constexpr uint16_t kEveryPoint = 0xffff;

// CLOCK_REALTIME, watched by CLOCK_MONOTONIC: an NTP step or a machine that slept is not a silence.
class WallClock {
 public:
  uint64_t Now() const;
  // True when the clock stepped since the last call; the interval holds both of its readings.
  bool Stepped(BlindInterval* interval);
  // For tests: what a step by so many nanoseconds does to this clock and to the frames read by it.
  void Step(int64_t ns) { offset_ns_ += ns; }
  int64_t offset_ns() const { return offset_ns_; }

 private:
  int64_t offset_ns_ = 0;
  int64_t difference_ = 0;  // wall minus monotonic, at the last look
  uint64_t last_ = 0;
};

class Device {
 public:
  static constexpr size_t kChunk = 64;  // stays in the first cache until it is tracked
  static constexpr uint32_t kSnaplen = 256;

  // Null where it cannot be captured from: E_CAPTURE_DENIED, E_CAPTURE_DEVICE (there is no such
  // interface), E_CAPTURE_FILTER (libpcap's words), E_CAPTURE_FANOUT. An interface that is down is
  // no error: it is waited for, and blind.
  static std::unique_ptr<Device> Open(const DeviceOptions& options, WallClock* clock,
                                      Problem* problem);
  ~Device();

  // Up to kChunk frames; less when nothing more is there now. Their bytes stay until the next call.
  // `number` and `capture_point` are the analysis' own.
  std::span<const Frame> Read();
  // Every so often: is it still there, is it up, is it back?
  void Look();
  // What poll(2) waits for; -1 while it is away.
  int descriptor() const;

  std::deque<BlindInterval>& blind() { return blind_; }
  const SourceFacts& facts() const { return facts_; }
  // Its capture points, as indexes of the analysis.
  const std::vector<uint16_t>& names() const { return names_; }
  bool up() const { return handle_ != nullptr && (any_ || down_ == 0); }
  // Since when nothing can be seen at a point; 0 where it can.
  uint64_t BlindSince(size_t point) const {
    const uint64_t down = places_[point].down_since;
    return down != 0 ? down : handle_ == nullptr ? away_since_ : gone_since_;
  }

 private:
  struct Handle;
  struct Place {  // a capture point, as the kernel knows it
    uint32_t index;
    uint64_t down_since;  // 0: it is up
    uint64_t seen_up;
  };

  Device(const DeviceOptions& options, WallClock* clock);
  bool Activate(Problem* problem);
  bool SetFilter(Problem* problem);
  bool JoinFanout(Problem* problem);
  void AskDrops();
  void Lost(uint64_t frames, uint64_t from, uint64_t until);
  void Leave(uint64_t since);
  void Close();
  void Keep(uint64_t at_ns, uint32_t captured, uint32_t wire, const uint8_t* bytes);
  uint16_t PointOf(const uint8_t* cooked, uint32_t captured);
  uint16_t AddPoint(const std::string& name, uint32_t index);
  void AskCard(uint64_t now);
  void LookAtAll();
  void LookAt(size_t place, uint64_t now);

  DeviceOptions options_;
  WallClock* clock_;
  std::unique_ptr<Handle> handle_;
  bool any_;
  uint64_t number_;  // of the next frame
  const uint64_t base_;
  uint16_t link_type_ = 1;  // until it is known: Ethernet, as nearly all are
  SourceFacts facts_;
  std::vector<std::string> points_;  // interfaces
  std::vector<Place> places_;
  std::vector<uint16_t> names_;  // of points_, above
  size_t down_ = 0;              // of the places
  std::deque<BlindInterval> blind_;
  uint64_t counted_at_ = 0;  // when drops were last asked for
  size_t uncounted_ = 0;     // frames since then
  uint64_t latest_ = 0;      // time of a frame
  uint64_t away_since_ = 0;
  uint64_t gone_since_ = 0;  // its last block is waited for
  uint64_t asked_card_at_ = 0;
  uint64_t missed_ = 0;  // by the card, at the last look
  std::vector<uint8_t> bytes_;
  std::vector<Frame> frames_;
  size_t count_ = 0;
  size_t kept_ = 0;  // bytes
};

// Interfaces of this machine that can be captured from, for `--list`.
struct DeviceFacts {
  std::string name, description;
  bool up, running, loopback;
  std::vector<std::string> addresses;
};
std::vector<DeviceFacts> ListDevices(std::string* complaint);

}  // namespace deadair
