// Numbers from a seed, the same on every machine: no std distribution, no libm, both of which
// differ between releases. xorshift64* (Vigna 2016, doi:10.1145/2845077).
#pragma once
#include <bit>
#include <cstdint>

namespace bench {

// SplitMix64's finaliser: a host's own constants (clock offset, hops, distance) out of its number.
inline uint64_t Mix(uint64_t value) {
  value += 0x9e3779b97f4a7c15ULL;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
  return value ^ (value >> 31);
}

class Random {
 public:
  explicit Random(uint64_t seed) : state_(Mix(seed) | 1) {}

  uint32_t Next() {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    return static_cast<uint32_t>((state_ * 0x2545f4914f6cdd1dULL) >> 32);
  }

  // 0 … n-1.
  uint32_t Below(uint32_t n) {
    return static_cast<uint32_t>((static_cast<uint64_t>(Next()) * n) >> 32);
  }

  uint64_t Between(uint64_t low, uint64_t high) {
    return low + static_cast<uint64_t>(Unit() * static_cast<double>(high - low));
  }

  bool Chance(uint32_t per_mille) { return Below(1000) < per_mille; }

  // Waiting time of a Poisson process.
  double Exponential(double mean) { return -mean * Log(Unit()); }

 private:
  // In (0, 1].
  double Unit() { return (static_cast<double>(Next()) + 1.0) * 0x1p-32; }

  // Natural logarithm: the exponent by bits, the mantissa by the series of atanh; good to 1e-6.
  static double Log(double x) {
    const uint64_t bits = std::bit_cast<uint64_t>(x);
    const double exponent = static_cast<double>(static_cast<int64_t>(bits >> 52) - 1023);
    const double mantissa = std::bit_cast<double>((bits & ((1ULL << 52) - 1)) | (1023ULL << 52));
    const double z = (mantissa - 1) / (mantissa + 1), zz = z * z;
    const double series = 1 + zz * (1 / 3.0 + zz * (1 / 5.0 + zz * (1 / 7.0 + zz / 9)));
    return exponent * 0.6931471805599453 + 2 * z * series;
  }

  uint64_t state_;
};

}  // namespace bench
