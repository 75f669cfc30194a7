#include "models/breaker/decimal_histogram.hpp"

#include <algorithm>

#include "runtime/check.hpp"

namespace windtunnel::breaker {

namespace {

constexpr std::int64_t kNanosecondsPerMicrosecond = 1000;

struct Bin {
  std::int64_t low = 0;  ///< Microseconds.
  std::int64_t width = 1;
};

Bin bin_at(std::size_t index) {
  if (index < 10) {
    return {static_cast<std::int64_t>(index), 1};
  }
  std::int64_t width = 1;
  for (std::size_t decade = (index - 10) / 90; decade > 0; --decade) {
    width *= 10;
  }
  return {static_cast<std::int64_t>((index - 10) % 90 + 10) * width, width};
}

std::size_t index_of(std::int64_t microseconds, std::size_t bins) {
  if (microseconds < 10) {
    return static_cast<std::size_t>(std::max<std::int64_t>(microseconds, 0));
  }
  std::size_t decade = 0;
  while (microseconds >= 100) {
    microseconds /= 10;
    ++decade;
  }
  return std::min(10 + 90 * decade + static_cast<std::size_t>(microseconds) - 10, bins - 1);
}

}  // namespace

void DecimalHistogram::add(Duration latency) {
  ++bins_[index_of(latency.count() / kNanosecondsPerMicrosecond, kBins)];
  ++count_;
}

Duration DecimalHistogram::quantile(double share) const {
  check(count_ > 0, "a quantile of something");
  const double rank = share * static_cast<double>(count_);
  double before = 0;
  std::size_t index = 0;
  while (index + 1 < kBins && (bins_[index] == 0 || before + bins_[index] < rank)) {
    before += bins_[index];
    ++index;
  }
  const Bin bin = bin_at(index);
  const double within = (rank - before) / bins_[index];
  const double microseconds =
      static_cast<double>(bin.low) + std::clamp(within, 0.0, 1.0) * static_cast<double>(bin.width);
  return Duration{static_cast<std::int64_t>(microseconds * kNanosecondsPerMicrosecond)};
}

void DecimalHistogram::clear() {
  bins_.fill(0);
  count_ = 0;
}

}  // namespace windtunnel::breaker
