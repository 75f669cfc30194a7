// Thresholds on shares of calls, as exact fractions: 3 of 10 calls reach 30 % on every machine,
// which a product of doubles does not promise.
#pragma once

#include <cstdint>

namespace windtunnel::breaker {

/// `parts` out of `whole`; `whole` must not be 0.
struct Share {
  std::uint32_t parts = 0;
  std::uint32_t whole = 100;

  [[nodiscard]] static constexpr Share percent(std::uint32_t percent) { return {percent, 100}; }
};

/// Products disagree on whether a share equal to the threshold has reached it.
enum class Reach : std::uint8_t { at_least, above };

struct Threshold {
  Share share;
  Reach reach = Reach::at_least;

  /// Whether `count` out of `total` reaches the threshold. Both must be below 2^32.
  [[nodiscard]] constexpr bool is_reached(std::uint64_t count, std::uint64_t total) const {
    const std::uint64_t left = count * share.whole;
    const std::uint64_t right = total * share.parts;
    return reach == Reach::at_least ? left >= right : left > right;
  }
};

}  // namespace windtunnel::breaker
