#include "runtime/distribution.hpp"

#include <algorithm>
#include <numeric>

#include "runtime/check.hpp"
#include "runtime/portable_math.hpp"

namespace windtunnel {

namespace {

constexpr double kNormalQuantile99 = 2.3263478740408408;
// Longer draws than this (about 73 years) come only from absurd parameters; clamping keeps the
// conversion defined.
constexpr double kLongestNanoseconds = 0x1p61;

Duration to_duration(double nanoseconds) {
  return Duration{rounded(std::clamp(nanoseconds, 0.0, kLongestNanoseconds))};
}

double nanoseconds(Duration d) {
  return static_cast<double>(d.count());
}

double lognormal_sigma(const Lognormal& d) {
  return portable_log(nanoseconds(d.p99) / nanoseconds(d.median)) / kNormalQuantile99;
}

struct Sampler {
  RandomStream& random;

  Duration operator()(const Constant& d) const { return d.value; }
  Duration operator()(const Uniform& d) const { return random.uniform(d.low, d.high); }
  Duration operator()(const Normal& d) const {
    return to_duration(nanoseconds(d.mean) + nanoseconds(d.deviation) * random.normal());
  }
  Duration operator()(const Exponential& d) const {
    return to_duration(nanoseconds(d.mean) * random.exponential());
  }
  Duration operator()(const Lognormal& d) const {
    check(d.median > Duration::zero(), "a lognormal needs a positive median");
    return to_duration(nanoseconds(d.median) * portable_exp(lognormal_sigma(d) * random.normal()));
  }
  Duration operator()(const Empirical& d) const {
    check(!d.values.empty(), "an empirical distribution needs values");
    return d.values[random.below(d.values.size())];
  }
};

struct Mean {
  Duration operator()(const Constant& d) const { return d.value; }
  Duration operator()(const Uniform& d) const { return d.low + (d.high - d.low) / 2; }
  Duration operator()(const Normal& d) const { return d.mean; }
  Duration operator()(const Exponential& d) const { return d.mean; }
  Duration operator()(const Lognormal& d) const {
    const double sigma = lognormal_sigma(d);
    return to_duration(nanoseconds(d.median) * portable_exp(sigma * sigma / 2));
  }
  Duration operator()(const Empirical& d) const {
    const Duration sum = std::accumulate(d.values.begin(), d.values.end(), Duration{});
    return sum / static_cast<std::int64_t>(std::max<std::size_t>(d.values.size(), 1));
  }
};

}  // namespace

Duration sample(const DurationDistribution& distribution, RandomStream& random) {
  return std::visit(Sampler{random}, distribution);
}

DurationSampler::DurationSampler(DurationDistribution distribution)
    : distribution_(std::move(distribution)) {
  if (const auto* lognormal = std::get_if<Lognormal>(&distribution_)) {
    check(lognormal->median > Duration::zero(), "a lognormal needs a positive median");
    median_nanoseconds_ = nanoseconds(lognormal->median);
    sigma_ = lognormal_sigma(*lognormal);
  }
}

Duration DurationSampler::operator()(RandomStream& random) const {
  if (std::holds_alternative<Lognormal>(distribution_)) {
    return to_duration(median_nanoseconds_ * portable_exp(sigma_ * random.normal()));
  }
  return sample(distribution_, random);
}

bool is_constant(const DurationDistribution& distribution) {
  return std::holds_alternative<Constant>(distribution);
}

Duration mean_of(const DurationDistribution& distribution) {
  return std::visit(Mean{}, distribution);
}

}  // namespace windtunnel
