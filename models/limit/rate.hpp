// How many permits in how long, and exact time arithmetic with it: a permit at 3 a second takes a
// third of a second, which no whole number of nanoseconds is.
#pragma once

#include <cstdint>
#include <numeric>

#include "runtime/check.hpp"
#include "runtime/instant.hpp"

namespace windtunnel::limit {

/// A span of whole nanoseconds and of `parts` of one more, of which the Rate's count() make one.
struct FineSpan {
  Duration whole{};
  std::int64_t parts = 0;
};

/// An instant on the same grid.
struct FineInstant {
  Instant whole{};
  std::int64_t parts = 0;
  friend constexpr auto operator<=>(const FineInstant&, const FineInstant&) = default;
};

/// Never zero, held in lowest terms. Its count and its period in nanoseconds multiply within 63
/// bits: up to nine thousand million a second.
class Rate {
 public:
  Rate(std::int64_t count, Duration per) {
    check(count > 0 && per > Duration::zero(), "a rate is some permits in some time");
    const std::int64_t common = std::gcd(count, per.count());
    count_ = count / common;
    per_ = per.count() / common;
    check(count_ <= INT64_MAX / per_, "a rate's count and period multiply within 63 bits");
  }
  [[nodiscard]] static Rate per_second(std::int64_t count) {
    return {count, std::chrono::seconds{1}};
  }

  /// count() permits in per() nanoseconds, in lowest terms.
  [[nodiscard]] constexpr std::int64_t count() const { return count_; }
  [[nodiscard]] constexpr std::int64_t per() const { return per_; }

  /// How long `permits` take, exactly.
  [[nodiscard]] FineSpan time_for(std::int64_t permits) const {
    const std::int64_t periods = permits / count_;
    check(periods <= INT64_MAX / 2 / per_, "so many permits fit the clock");
    const std::int64_t rest = (permits % count_) * per_;
    return {Duration{periods * per_ + rest / count_}, rest % count_};
  }

  [[nodiscard]] constexpr FineInstant add(FineInstant at, FineSpan span) const {
    FineInstant sum{at.whole + span.whole, at.parts + span.parts};
    if (sum.parts >= count_) {
      sum.parts -= count_;
      sum.whole += Duration{1};
    }
    return sum;
  }
  /// From `now` until `at`, rounded up to a nanosecond; negative where `at` has passed.
  [[nodiscard]] static constexpr Duration until(Instant now, FineInstant at) {
    return at.whole - now + Duration{at.parts > 0 ? 1 : 0};
  }

  friend bool operator==(const Rate&, const Rate&) = default;

 private:
  std::int64_t count_ = 1;
  std::int64_t per_ = 1;
};

}  // namespace windtunnel::limit
