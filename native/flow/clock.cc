#include "flow/clock.h"

#include <algorithm>
#include <bit>

namespace deadair {

void CaptureClock::SlowTick(const Frame& frame, int64_t step) {
  if (second_ends_ == 0) {
    first_at_ = frame.at_ns;
  } else if (step < -kSecond || step > kLeap) {
    Disturb(last_at_, frame, Unobserved::kClockStep);
    busy_.fill(0);
  } else if (step < 0) {
    return;  // a little out of order (several queues, several interfaces): time does not run back
  } else {
    // The second in which the capture went blind is cut off: the eight before it tell.
    if (!told_ && step >= kSecond && IsHole(step))
      Disturb(last_at_, frame, Unobserved::kCaptureHole);
    CloseSecond();
    if (step >= kSecond) busy_.fill(0);
  }
  last_at_ = frame.at_ns;
  second_ends_ = frame.at_ns - frame.at_ns % kSecond + kSecond;
  frames_at_second_ = frames_;
  heard_ = 0;
}

void CaptureClock::CloseSecond() {
  const uint64_t frames = frames_ - frames_at_second_;
  const bool busy = frames >= 50 && std::popcount(heard_) >= 8;
  busy_[second_index_++ % kSeconds] = busy ? static_cast<uint32_t>(frames) : 0;
}

bool CaptureClock::IsHole(int64_t gap) const {
  uint64_t frames = 0;
  for (const uint32_t second : busy_) {
    if (second == 0) return false;
    frames += second;
  }
  const double due = static_cast<double>(frames) / kSeconds * (static_cast<double>(gap) / kSecond);
  return due >= 500;
}

void CaptureClock::Disturb(uint64_t from, const Frame& frame, uint8_t because) {
  epoch_++;
  if (blind_spots_.size() >= kMostBlindSpots) return;
  BlindSpot spot{};
  spot.fromNs = from;
  spot.untilNs = frame.at_ns;
  spot.frame = frame.number;
  spot.capturePoint = frame.capture_point;
  spot.because = because;
  spot_epoch_ = epoch_;
  blind_spots_.push_back(spot);
}

void CaptureClock::AdvanceTo(uint64_t now_ns) {
  if (second_ends_ == 0 || now_ns <= last_at_) return;
  last_at_ = now_ns;
  if (now_ns < second_ends_) return;
  CloseSecond();
  second_ends_ = now_ns - now_ns % kSecond + kSecond;
  frames_at_second_ = frames_;
  heard_ = 0;
}

// Stretches that touch are one, and at the ceiling the oldest is forgotten: its time stays counted.
void CaptureClock::Blind(const BlindSpot& spot) {
  epoch_++;
  const uint64_t from = std::max(spot.fromNs, blind_until_);
  if (spot.untilNs > from) blind_ns_ += spot.untilNs - from;
  blind_until_ = std::max(blind_until_, spot.untilNs);
  if (!blind_spots_.empty()) {
    BlindSpot& last = blind_spots_.back();
    if (last.because == spot.because && last.untilNs >= spot.fromNs) {
      last.untilNs = std::max(last.untilNs, spot.untilNs);
      return;
    }
  }
  if (blind_spots_.size() >= kMostBlindSpots) blind_spots_.erase(blind_spots_.begin());
  blind_spots_.push_back(spot);
}

}  // namespace deadair
