// Sums over a sliding stretch of time, kept as partial sums of whole buckets: a bucket leaves the
// sum all at once, when the stretch has moved past it. Time comes in with every call.
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/check.hpp"
#include "runtime/instant.hpp"

namespace windtunnel::breaker {

/// `Sum` is a value with +=, -= and ==; its default is zero. Adding is O(1); after a pause it costs
/// at most one step per bucket. Nothing allocates after construction.
///
/// Buckets are aligned to multiples of their length, as in Sentinel's LeapArray and resilience4j's
/// time window. A clock that goes back cannot empty or freeze the sum: a step back within the
/// window keeps adding to the newest bucket (LeapArray adds to a bucket that is thrown away), a
/// longer one moves the whole window back with the clock, and its buckets age from there.
template <typename Sum>
class BucketedSum {
 public:
  BucketedSum(Duration bucket_length, std::uint32_t bucket_count)
      : length_(bucket_length), buckets_(bucket_count) {
    check(bucket_length > Duration::zero() && bucket_count > 0, "a window of time has a length");
  }

  void add(Instant now, const Sum& sum) {
    move_to(now);
    buckets_[place_of(newest_)] += sum;
    total_ += sum;
  }

  /// Over the newest bucket and the count − 1 before it.
  [[nodiscard]] const Sum& total(Instant now) {
    move_to(now);
    return total_;
  }

  void clear() {
    for (Sum& bucket : buckets_) {
      bucket = Sum{};
    }
    total_ = Sum{};
  }

 private:
  [[nodiscard]] std::int64_t number_of(Instant instant) const {
    const std::int64_t time = nanoseconds_of(instant);
    const std::int64_t length = length_.count();
    return time / length - (time % length < 0 ? 1 : 0);
  }
  [[nodiscard]] std::int64_t count() const { return static_cast<std::int64_t>(buckets_.size()); }
  /// `offset_` is what steps back have moved the numbers by.
  [[nodiscard]] std::size_t place_of(std::int64_t number) const {
    const std::int64_t place = (number + offset_) % count();
    return static_cast<std::size_t>(place < 0 ? place + count() : place);
  }

  void move_to(Instant now) {
    const std::int64_t number = number_of(now);
    if (number <= newest_) {
      if (newest_ - number >= count()) {
        offset_ = (offset_ + newest_ - number) % count();
        newest_ = number;
      }
      return;
    }
    if (number - newest_ >= count()) {
      clear();
      newest_ = number;
      return;
    }
    while (newest_ < number) {
      Sum& oldest = buckets_[place_of(++newest_)];
      total_ -= oldest;
      oldest = Sum{};
    }
  }

  Duration length_;
  std::vector<Sum> buckets_;
  Sum total_{};
  std::int64_t newest_ = 0;
  std::int64_t offset_ = 0;
};

}  // namespace windtunnel::breaker
