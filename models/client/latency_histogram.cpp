#include "models/client/latency_histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "runtime/check.hpp"

namespace windtunnel::client {

namespace {

// Values below 2^8 have a part each; every octave above has 2^7 parts.
constexpr int kExactBits = 8;
constexpr int kPartBits = kExactBits - 1;
constexpr int kValueBits = 43;
constexpr std::uint64_t kExact = std::uint64_t{1} << kExactBits;
constexpr std::uint64_t kParts = std::uint64_t{1} << kPartBits;
constexpr std::uint64_t kValueMax = (std::uint64_t{1} << kValueBits) - 1;

/// How far the values of an octave are shifted to give 2^7 to 2^8 − 1; 0 for the exact ones.
constexpr int shift_of(std::uint64_t value) {
  return std::max(0, static_cast<int>(std::bit_width(value)) - kExactBits);
}

constexpr std::size_t index_of(std::uint64_t value) {
  const int shift = shift_of(value);
  return static_cast<std::size_t>(shift) * kParts + static_cast<std::size_t>(value >> shift);
}

/// The greatest value that falls into a part.
constexpr std::uint64_t upper_edge(std::size_t index) {
  if (index < kExact) {
    return index;
  }
  const auto shift = static_cast<int>(index / kParts) - 1;
  const std::uint64_t part = index - static_cast<std::size_t>(shift) * kParts;
  return ((part + 1) << shift) - 1;
}

constexpr std::size_t kSize = index_of(kValueMax) + 1;
static_assert(upper_edge(kSize - 1) == kValueMax);
static_assert(upper_edge(index_of(1'000'000)) >= 1'000'000);

std::uint64_t bounded(Duration value) {
  return std::min(kValueMax, static_cast<std::uint64_t>(std::max<std::int64_t>(0, value.count())));
}

Duration duration_of(std::uint64_t nanoseconds) {
  return Duration{static_cast<std::int64_t>(nanoseconds)};
}

}  // namespace

LatencyHistogram::LatencyHistogram() : counts_(kSize) {}

void LatencyHistogram::record_many(Duration value, std::uint64_t times) {
  if (times == 0) {
    return;
  }
  const std::uint64_t nanoseconds = bounded(value);
  counts_[index_of(nanoseconds)] += times;
  count_ += times;
  sum_ += static_cast<std::int64_t>(nanoseconds * times);
  min_ = std::min(min_, duration_of(nanoseconds));
  max_ = std::max(max_, duration_of(nanoseconds));
}

void LatencyHistogram::merge(const LatencyHistogram& other) {
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    counts_[i] += other.counts_[i];
  }
  count_ += other.count_;
  sum_ += other.sum_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
}

void LatencyHistogram::clear() {
  std::fill(counts_.begin(), counts_.end(), 0U);
  count_ = 0;
  sum_ = 0;
  min_ = Duration::max();
  max_ = {};
}

Duration LatencyHistogram::mean() const {
  return count_ == 0 ? Duration{} : Duration{sum_ / static_cast<std::int64_t>(count_)};
}

Duration LatencyHistogram::quantile(double quantile) const {
  check(quantile >= 0 && quantile <= 1, "a quantile is a share of all values");
  if (count_ == 0) {
    return {};
  }
  const double exact_rank = quantile * static_cast<double>(count_);
  const auto rank = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(exact_rank)));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    seen += counts_[i];
    if (seen >= rank) {
      return std::min(duration_of(upper_edge(i)), max_);
    }
  }
  return max_;
}

std::uint64_t LatencyHistogram::count_above(Duration limit) const {
  std::uint64_t above = 0;
  for (std::size_t i = index_of(bounded(limit)) + 1; i < counts_.size(); ++i) {
    above += counts_[i];
  }
  return above;
}

}  // namespace windtunnel::client
