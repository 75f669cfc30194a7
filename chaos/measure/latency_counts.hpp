// Nearest ranks of many latencies without a copy of all of them: counted by magnitude first, so
// that only those of the one magnitude that a rank lies in have to be looked at again.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "runtime/instant.hpp"

namespace windtunnel::chaos {

/// The latencies of one magnitude: a 32nd of a power of two wide.
struct Magnitude {
  std::uint64_t from = 0;   ///< Nanoseconds.
  std::uint64_t width = 1;  ///< Nanoseconds.

  [[nodiscard]] bool contains(Duration latency) const {
    return static_cast<std::uint64_t>(latency.count()) - from < width;
  }
};

/// Where a nearest rank lies.
struct RankPlace {
  Magnitude magnitude;
  std::uint64_t count = 0;  ///< Of the latencies of that magnitude.
  std::uint64_t rank = 1;   ///< Of the one that is meant, among them.
};

class LatencyCounts {
 public:
  /// `latency` is not negative. O(1).
  void add(Duration latency) {
    ++counts_[number_of(static_cast<std::uint64_t>(latency.count()))];
    ++all_;
  }

  [[nodiscard]] std::uint64_t all() const { return all_; }

  /// The smallest latency that at least `percent` (1 to 100) of them do not exceed. Precondition:
  /// there are some.
  [[nodiscard]] RankPlace place_of(unsigned percent) const;

 private:
  // Below this every latency is a magnitude of its own; above, so many halve each power of two.
  static constexpr std::uint64_t kExact = 32;
  static constexpr unsigned kExactBits = 5;
  static constexpr std::size_t kMagnitudes = (64 - kExactBits) * kExact + kExact;

  static std::size_t number_of(std::uint64_t nanoseconds) {
    const unsigned shift =
        static_cast<unsigned>(std::bit_width(nanoseconds | kExact)) - (kExactBits + 1);
    return shift * kExact + static_cast<std::size_t>(nanoseconds >> shift);
  }
  static Magnitude magnitude(std::size_t number);

  std::array<std::uint64_t, kMagnitudes> counts_{};
  std::uint64_t all_ = 0;
};

}  // namespace windtunnel::chaos
