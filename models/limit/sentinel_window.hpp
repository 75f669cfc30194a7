// Sentinel's statistics of passed requests, as its flow rules read them (Sentinel 1.8, LeapArray
// and StatisticNode): the last second in two buckets of 500 ms that start at multiples of 500 ms,
// and whole seconds. `passed` therefore covers between 500 and 1000 ms.
#pragma once

#include <cstdint>

#include "runtime/instant.hpp"

namespace windtunnel::limit {

class SentinelWindow {
 public:
  static constexpr std::int64_t kBucketMilliseconds = 500;

  /// Brings the buckets up to `now`; a clock that goes back changes nothing.
  void advance(Instant now);
  /// At the instant last advanced to.
  void add(std::uint32_t n) { current_ += n; }

  /// Sentinel's passQps(), of which the interval of one second makes a count.
  [[nodiscard]] std::uint64_t passed() const { return std::uint64_t{previous_} + current_; }
  /// Sentinel's previousPassQps(): what passed in the whole second before the current one.
  [[nodiscard]] std::uint64_t passed_in_previous_second() const;
  /// From the instant last advanced to until the next bucket starts.
  [[nodiscard]] Duration until_next_bucket() const;
  [[nodiscard]] std::int64_t milliseconds() const { return milliseconds_; }

 private:
  void next_bucket();

  std::int64_t milliseconds_ = 0;
  Instant latest_{};
  std::int64_t bucket_ = 0;     ///< The number of the current bucket; even ones begin a second.
  std::uint32_t current_ = 0;   ///< In that bucket,
  std::uint32_t previous_ = 0;  ///< and in those before it, the nearest first.
  std::uint32_t third_ = 0;
  std::uint32_t fourth_ = 0;
};

}  // namespace windtunnel::limit
