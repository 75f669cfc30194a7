#include "models/retry/latency_quantile.hpp"

#include <algorithm>
#include <bit>

#include "runtime/check.hpp"

namespace windtunnel::retry {

namespace {

// Values from 32 to 63 have buckets of one; each doubling of the value doubles the width.
constexpr std::uint64_t kPerDoubling = 32;
constexpr int kExactBits = 6;
constexpr std::uint64_t kMicrosecondsMax = (std::uint64_t{1} << 32) - 1;

}  // namespace

LatencyQuantile::LatencyQuantile(const LatencyQuantileOptions& options)
    : options_(options), slice_(options.window / static_cast<std::int64_t>(kSlices)) {
  check(slice_ > Duration::zero(), "latencies count for a while");
}

void LatencyQuantile::observe(Instant now, Duration latency) {
  advance(now);
  const std::size_t bucket = bucket_of(latency);
  ++slices_[static_cast<std::size_t>(newest_) % kSlices][bucket];
  ++counts_[bucket];
  ++total_;
  below_ += bucket < bucket_ ? 1 : 0;
  move_to_rank();
}

Duration LatencyQuantile::at(Instant now) {
  advance(now);
  return total_ < std::max(options_.observations_min, std::uint32_t{1}) ? options_.before_that
                                                                        : upper_edge(bucket_);
}

std::size_t LatencyQuantile::bucket_of(Duration latency) {
  const std::int64_t count = std::max<std::int64_t>(latency.count() / 1000, 0);
  const auto microseconds = std::min(static_cast<std::uint64_t>(count), kMicrosecondsMax);
  const int shift = std::max(static_cast<int>(std::bit_width(microseconds)) - kExactBits, 0);
  return static_cast<std::size_t>(kPerDoubling * static_cast<std::uint64_t>(shift) +
                                  (microseconds >> shift));
}

Duration LatencyQuantile::upper_edge(std::size_t bucket) {
  const std::uint64_t shift = bucket < 2 * kPerDoubling ? 0 : bucket / kPerDoubling - 1;
  const std::uint64_t edge = (bucket - kPerDoubling * shift + 1) << shift;
  return std::chrono::microseconds{static_cast<std::int64_t>(edge)};
}

void LatencyQuantile::advance(Instant now) {
  const std::int64_t slice = nanoseconds_of(now) / slice_.count();
  if (slice <= newest_) {
    return;
  }
  const std::int64_t last_to_forget = std::min(slice, newest_ + static_cast<std::int64_t>(kSlices));
  while (newest_ < last_to_forget) {
    ++newest_;
    forget_oldest();
  }
  newest_ = slice;
  bucket_ = 0;
  below_ = 0;
  move_to_rank();
}

void LatencyQuantile::forget_oldest() {
  Counts& oldest = slices_[static_cast<std::size_t>(newest_) % kSlices];
  for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) {
    counts_[bucket] -= oldest[bucket];
    total_ -= oldest[bucket];
  }
  oldest.fill(0);
}

void LatencyQuantile::move_to_rank() {
  if (total_ == 0) {
    return;
  }
  const std::uint64_t scaled = total_ * options_.quantile.parts();
  const std::uint64_t rank =
      std::max<std::uint64_t>((scaled + Probability::kOne - 1) / Probability::kOne, 1);
  while (below_ >= rank) {
    below_ -= counts_[--bucket_];
  }
  while (below_ + counts_[bucket_] < rank) {
    below_ += counts_[bucket_++];
  }
}

}  // namespace windtunnel::retry
