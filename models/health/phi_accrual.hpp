// The φ accrual failure detector (Hayashibara, Défago, Yared, Katayama, SRDS 2004): instead of a
// verdict, a level of suspicion that grows with silence. φ = −log10 of the chance that a heartbeat
// comes later than this, with normally distributed intervals. One detector watches one peer.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "runtime/instant.hpp"

namespace windtunnel::health {

/// Defaults of Akka 2.6's cluster failure detector (akka-cluster reference.conf); Akka advises a
/// threshold of 12 where pauses are common.
struct PhiAccrualOptions {
  double threshold = 8;
  std::uint32_t samples_max = 1000;
  /// Keeps a perfectly regular peer from being suspected at the first microsecond of delay.
  Duration deviation_min = std::chrono::milliseconds{100};
  /// Added to the mean: silence of this length is expected now and then.
  Duration acceptable_pause = std::chrono::seconds{3};
  /// What to expect before anything was measured; counted as two samples, a quarter below and
  /// above.
  Duration first_estimate = std::chrono::seconds{1};
};

/// Follows Akka 2.6 (PhiAccrualFailureDetector.scala) with two differences. The tail is exact:
/// Akka's logistic approximation says 10.78 where φ is 9.01. And the instant of suspicion is known
/// in advance (`suspected_at`), so nobody has to poll.
class PhiAccrual {
 public:
  explicit PhiAccrual(const PhiAccrualOptions& options = {});

  /// A heartbeat arrived. The interval that ends a suspicion is not learned: it measures the
  /// failure, not the peer. O(1), allocates nothing. Precondition: time does not go back.
  void heartbeat(Instant now);

  /// The level of suspicion, 0 before the first heartbeat. Each unit is a factor of ten in the
  /// chance of suspecting a living peer.
  [[nodiscard]] double phi(Instant now) const;
  [[nodiscard]] bool is_available(Instant now) const;

  /// The first instant at which `is_available` is false if no heartbeat comes before: a deadline
  /// for a timer. Never, before the first heartbeat.
  [[nodiscard]] Instant suspected_at() const;

  [[nodiscard]] std::uint32_t sample_count() const { return count_; }
  [[nodiscard]] double mean_nanoseconds() const;
  /// Of the samples themselves, before the minimum is applied.
  [[nodiscard]] double deviation_nanoseconds() const;

 private:
  __extension__ using Wide = unsigned __int128;

  void learn(std::int64_t interval);
  /// How long a silence stays below the threshold.
  [[nodiscard]] double patience_nanoseconds() const;
  [[nodiscard]] double expected_deviation() const;

  PhiAccrualOptions options_;
  double quantile_;  ///< φ reaches the threshold this many deviations after the mean.
  std::vector<std::int64_t> intervals_;
  std::uint32_t next_ = 0;
  std::uint32_t count_ = 0;
  // Exact sums: a running floating-point variance would drift with every sample it forgets.
  std::int64_t sum_ = 0;
  Wide square_sum_ = 0;
  std::optional<Instant> latest_;
};

}  // namespace windtunnel::health
