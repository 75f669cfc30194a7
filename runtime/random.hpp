// Random streams: every consumer draws from its own, keyed by (seed, purpose), so that a draw added
// in one place moves nothing elsewhere. The generator is Philox4x64-10 (Salmon, Moraes, Dror, Shaw:
// "Parallel random numbers: as easy as 1, 2, 3", SC'11), counter-based: a stream is a key and a
// position, and is cheap to make.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "runtime/check.hpp"
#include "runtime/instant.hpp"

namespace windtunnel {

/// A probability as an integer share of 2^32, so that comparing a draw with it is exact on every
/// machine.
class Probability {
 public:
  static constexpr std::uint64_t kOne = std::uint64_t{1} << 32;

  constexpr Probability() = default;
  /// `parts` out of 2^32; more than 2^32 is clamped to certainty.
  [[nodiscard]] static constexpr Probability of_parts(std::uint64_t parts) {
    Probability p;
    p.parts_ = parts < kOne ? parts : kOne;
    return p;
  }
  /// The nearest representable share; `ratio` outside [0, 1] is clamped.
  [[nodiscard]] static constexpr Probability of_ratio(double ratio) {
    if (!(ratio > 0)) {
      return {};
    }
    if (ratio >= 1) {
      return of_parts(kOne);
    }
    const double scaled = ratio * 4294967296.0;
    const auto whole = static_cast<std::uint64_t>(scaled);
    return of_parts(whole + (scaled - static_cast<double>(whole) >= 0.5 ? 1 : 0));
  }
  [[nodiscard]] constexpr std::uint64_t parts() const { return parts_; }
  [[nodiscard]] constexpr double ratio() const {
    return static_cast<double>(parts_) / 4294967296.0;
  }

  /// That at least one of two independent events happens: 1 − (1−p)(1−q).
  [[nodiscard]] constexpr Probability either(Probability other) const {
    // p + q(1-p). The product overflows only where both factors are 2^32, which the first case
    // takes.
    const std::uint64_t left = kOne - parts_;
    const std::uint64_t added = left == kOne ? other.parts_ : (left * other.parts_) >> 32;
    return of_parts(parts_ + added);
  }

  friend constexpr auto operator<=>(Probability, Probability) = default;

 private:
  std::uint64_t parts_ = 0;
};

/// Philox4x64-10: encrypts a 256-bit counter under a 128-bit key. Exposed for the published test
/// vectors.
[[nodiscard]] std::array<std::uint64_t, 4> philox4x64(const std::array<std::uint64_t, 4>& counter,
                                                      const std::array<std::uint64_t, 2>& key);

/// An independent, reproducible sequence of draws.
class RandomStream {
  __extension__ using Wide = unsigned __int128;

 public:
  /// The stream of `purpose` ("network.jitter", "raft.election:cp-a") in the run of `seed`.
  RandomStream(std::uint64_t seed, std::string_view purpose);

  /// 64 uniformly distributed bits.
  [[nodiscard]] std::uint64_t next() {
    if (used_ == block_.size()) {
      refill();
    }
    return block_[used_++];
  }

  /// Uniform in [0, bound), without bias (Lemire 2019); `bound` must not be 0.
  [[nodiscard]] std::uint64_t below(std::uint64_t bound) {
    check(bound != 0, "a draw below zero has no outcome");
    const Wide product = static_cast<Wide>(next()) * bound;
    if (static_cast<std::uint64_t>(product) < bound) [[unlikely]] {
      return below_after(product, bound);
    }
    return static_cast<std::uint64_t>(product >> 64U);
  }

  /// Uniform in [low, high], both ends included.
  [[nodiscard]] Duration uniform(Duration low, Duration high);

  /// True with probability `p`. Draws even when the answer is certain, so that streams stay aligned
  /// when p changes.
  [[nodiscard]] bool chance(Probability p) { return (next() >> 32) < p.parts(); }

  /// Uniform in [0, 1), in steps of 2^-53.
  [[nodiscard]] double unit() { return static_cast<double>(next() >> 11) * 0x1p-53; }

  /// Standard normal, by the ziggurat method.
  [[nodiscard]] double normal();

  /// Exponential with mean 1, by inversion.
  [[nodiscard]] double exponential();

 private:
  void refill();
  /// What below() does with a product that may be biased.
  [[nodiscard]] std::uint64_t below_after(Wide product, std::uint64_t bound);
  [[nodiscard]] double tail(double sign);

  std::array<std::uint64_t, 2> key_;
  std::uint64_t counter_ = 0;
  std::array<std::uint64_t, 4> block_{};
  std::uint32_t used_ = 4;
};

}  // namespace windtunnel
