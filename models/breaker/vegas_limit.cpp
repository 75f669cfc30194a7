#include "models/breaker/vegas_limit.hpp"

#include <algorithm>
#include <cmath>

#include "runtime/check.hpp"

namespace windtunnel::breaker {

namespace {

/// Log10RootFunction.java: log10, rounded down, and at least 1.
double growth_at(double limit) {
  double growth = 1;
  for (double bound = 100; limit >= bound; bound *= 10) {
    growth += 1;
  }
  return growth;
}

double jitter_of(RandomStream& random) {
  return 0.5 + random.unit() / 2;
}

}  // namespace

VegasLimit::VegasLimit(const VegasLimitOptions& options, RandomStream random)
    : options_(options),
      random_(random),
      estimate_(options.initial),
      probe_jitter_(jitter_of(random_)) {
  check(options.initial >= 1 && options.initial <= options.maximum, "1 <= initial <= maximum");
  check(options.smoothing > 0 && options.smoothing <= 1, "smoothing in (0, 1]");
}

void VegasLimit::observe(const LimitSample& sample) {
  ++samples_since_probe_;
  if (is_probe_due()) {
    probe_jitter_ = jitter_of(random_);
    samples_since_probe_ = 0;
    shortest_rtt_ = sample.rtt;
    return;
  }
  if (shortest_rtt_ == Duration::zero() || sample.rtt < shortest_rtt_) {
    shortest_rtt_ = sample.rtt;
    return;
  }
  if (!sample.dropped && sample.in_flight * 2.0 < estimate_) {
    return;
  }
  const double wanted =
      std::clamp(wanted_after(sample), 1.0, static_cast<double>(options_.maximum));
  estimate_ = (1 - options_.smoothing) * estimate_ + options_.smoothing * wanted;
}

bool VegasLimit::is_probe_due() const {
  return probe_jitter_ * options_.probe_multiplier * estimate_ <=
         static_cast<double>(samples_since_probe_);
}

double VegasLimit::wanted_after(const LimitSample& sample) const {
  const double growth = growth_at(estimate_);
  const double stretch =
      static_cast<double>(shortest_rtt_.count()) / static_cast<double>(sample.rtt.count());
  const double queue = std::ceil(estimate_ * (1 - stretch));
  if (sample.dropped) {
    return estimate_ - growth;
  }
  if (queue <= growth) {
    return estimate_ + 6 * growth;
  }
  if (queue < 3 * growth) {
    return estimate_ + growth;
  }
  return queue > 6 * growth ? estimate_ - growth : estimate_;
}

}  // namespace windtunnel::breaker
