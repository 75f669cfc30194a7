// When an open-loop load sends: due times that do not depend on how earlier requests fared. A core:
// it says when, and whoever drives it waits.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "models/client/rate_profile.hpp"
#include "runtime/random.hpp"

namespace windtunnel::client {

/// Exponential gaps; with a profile that changes, an inhomogeneous Poisson process, exactly (by
/// time rescaling), not by thinning.
struct PoissonArrivals {
  RateProfile rate;
};

/// Evenly spaced; with a profile that changes, spaced evenly in the integral of the rate.
struct ConstantArrivals {
  RateProfile rate;
};

/// A Markov-modulated Poisson process of two states (MMPP-2), whose stays are exponential. It
/// starts in `on` with the long-run probability of it, so that it is stationary.
struct BurstyArrivals {
  double on_per_second = 0;
  double off_per_second = 0;
  Duration mean_on{};
  Duration mean_off{};
};

/// A recorded trace: offsets from its start, not descending.
struct ReplayedArrivals {
  std::vector<Duration> offsets;
};

using Arrivals = std::variant<PoissonArrivals, ConstantArrivals, BurstyArrivals, ReplayedArrivals>;

class ArrivalProcess {
 public:
  ArrivalProcess(Arrivals arrivals, RandomStream random);

  /// The next due time, since the load's start; never before the last one. Absent where none comes
  /// any more. O(1) amortised, and allocates nothing.
  [[nodiscard]] std::optional<Duration> next();

 private:
  struct NextDue;

  void start_bursts(const BurstyArrivals& bursty);
  [[nodiscard]] std::optional<Duration> next_of(const PoissonArrivals& arrivals);
  [[nodiscard]] std::optional<Duration> next_of(const ConstantArrivals& arrivals);
  [[nodiscard]] std::optional<Duration> next_of(const BurstyArrivals& arrivals);
  [[nodiscard]] std::optional<Duration> next_of(const ReplayedArrivals& arrivals);

  Arrivals arrivals_;
  RandomStream random_;
  RateCursor cursor_;
  double level_ = 0;         // The integral of the rate at the last arrival.
  std::uint64_t count_ = 0;  // Arrivals so far.
  bool is_on_ = false;
  double now_seconds_ = 0;  // Of bursts.
  double stay_until_ = 0;
};

}  // namespace windtunnel::client
