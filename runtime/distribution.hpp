// Distributions of durations: latencies, fsync times, service times. A closed set of value types;
// sampling is exact to the bit on every compiler and processor.
#pragma once

#include <variant>
#include <vector>

#include "runtime/instant.hpp"
#include "runtime/random.hpp"

namespace windtunnel {

struct Constant {
  Duration value{};
  friend bool operator==(const Constant&, const Constant&) = default;
};

/// Uniform on [low, high].
struct Uniform {
  Duration low{};
  Duration high{};
  friend bool operator==(const Uniform&, const Uniform&) = default;
};

/// Normal, cut off at zero (a negative draw becomes 0).
struct Normal {
  Duration mean{};
  Duration deviation{};
  friend bool operator==(const Normal&, const Normal&) = default;
};

struct Exponential {
  Duration mean{};
  friend bool operator==(const Exponential&, const Exponential&) = default;
};

/// Lognormal given by its median and its 99th percentile, the two figures that people quote.
struct Lognormal {
  Duration median{};
  Duration p99{};
  friend bool operator==(const Lognormal&, const Lognormal&) = default;
};

/// One of the measured values, each as likely as the others.
struct Empirical {
  std::vector<Duration> values;
  friend bool operator==(const Empirical&, const Empirical&) = default;
};

using DurationDistribution =
    std::variant<Constant, Uniform, Normal, Exponential, Lognormal, Empirical>;

/// One draw, never negative. A Constant draws nothing from the stream.
[[nodiscard]] Duration sample(const DurationDistribution& distribution, RandomStream& random);

/// Draws from one distribution again and again: what does not change from draw to draw is worked
/// out once. The draws are those of sample().
class DurationSampler {
 public:
  explicit DurationSampler(DurationDistribution distribution);

  [[nodiscard]] Duration operator()(RandomStream& random) const;

 private:
  DurationDistribution distribution_;
  double median_nanoseconds_ = 0;  ///< Of a Lognormal.
  double sigma_ = 0;               ///< Of a Lognormal.
};

/// True where every draw is the same.
[[nodiscard]] bool is_constant(const DurationDistribution& distribution);

/// The distribution's expected value (of the untruncated normal, for Normal).
[[nodiscard]] Duration mean_of(const DurationDistribution& distribution);

}  // namespace windtunnel
