// The capture clock of one capture point, and the moments at which it cannot be trusted.
//
// A silence that spans a hole in the capture or a step of its clock was not observed. Both are told
// from the order and the times of all frames of the capture point, so every shard comes to the same
// answer without being told.
//
//   step: time runs back by more than a second, or leaps forward by more than two days at once
//   hole: eight seconds in a row with at least eight connections and fifty frames each, then
//   nothing at all for at
//         least a second in which five hundred frames were due (numbers chosen: lone pauses of a
//         quiet network are not holes, a capture that stopped being fed is)
#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "packet.h"

namespace deadair {

class CaptureClock {
 public:
  static constexpr int64_t kSecond = 1000000000;
  static constexpr int64_t kLeap = 2 * 86400 * kSecond;  // chosen: the prior of T ends at two days

  // Called for every frame, in order: true for all but one frame a second. False: nothing was done,
  // Tick comes next, and may begin a new epoch.
  bool GoesOn(const Frame& frame) {
    if (frame.at_ns >= second_ends_ || frame.at_ns < last_at_) [[unlikely]]
      return false;
    frames_++;
    last_at_ = frame.at_ns;
    return true;
  }
  void Tick(const Frame& frame) {
    frames_++;
    SlowTick(frame, static_cast<int64_t>(frame.at_ns - last_at_));
  }

  // Called for every TCP packet: which connections speak in this second (a 64-bit sketch).
  void Heard(uint64_t hash) { heard_ |= uint64_t{1} << (hash & 63); }

  // The hole that is suspected to lie between a connection's epoch and now, or null: nothing, or
  // something else, does.
  BlindSpot* HoleSince(uint16_t epoch) {
    const bool last = epoch_ == static_cast<uint16_t>(epoch + 1) && !blind_spots_.empty() &&
                      blind_spots_.back().because == Unobserved::kCaptureHole;
    return last && spot_epoch_ == epoch_ ? &blind_spots_.back() : nullptr;
  }

  // Live: the kernel tells what it lost, so that a pause is a pause.
  void TrustKernel() { told_ = true; }
  // Live: nothing came until `now_ns`, and nothing was lost.
  void AdvanceTo(uint64_t now_ns);
  // Live: from here on it is another story than before the blind stretch.
  void Blind(const BlindSpot& spot);
  void NewEpoch() { epoch_++; }
  uint64_t blind_ns() const { return blind_ns_; }

  uint16_t epoch() const { return epoch_; }
  uint64_t first_at() const { return first_at_; }
  uint64_t last_at() const { return last_at_; }
  uint64_t frames() const { return frames_; }
  const std::vector<BlindSpot>& blind_spots() const { return blind_spots_; }

 private:
  static constexpr size_t kSeconds = 8;
  static constexpr size_t kMostBlindSpots = 10000;

  void SlowTick(const Frame& frame, int64_t step);
  void CloseSecond();
  bool IsHole(int64_t gap) const;
  void Disturb(uint64_t from, const Frame& frame, uint8_t because);

  uint64_t last_at_ = 0, second_ends_ = 0;
  uint64_t frames_ = 0, frames_at_second_ = 0;
  uint64_t heard_ = 0;
  uint64_t first_at_ = 0;
  std::array<uint32_t, kSeconds> busy_{};  // frames of the last seconds; 0 where too few spoke
  uint32_t second_index_ = 0;
  uint16_t epoch_ = 0, spot_epoch_ = 0;  // now; of the last blind spot
  bool told_ = false;
  uint64_t blind_ns_ = 0, blind_until_ = 0;
  std::vector<BlindSpot> blind_spots_;
};

}  // namespace deadair
