#include "models/limit/sentinel_window.hpp"

#include "runtime/check.hpp"

namespace windtunnel::limit {

namespace {

constexpr std::int64_t kNanosecondsPerMillisecond = 1'000'000;
constexpr std::int64_t kBucketsKept = 4;

}  // namespace

void SentinelWindow::advance(Instant now) {
  check(now >= Instant{}, "a host's clock starts at zero");
  if (now <= latest_) {
    return;
  }
  latest_ = now;
  milliseconds_ = nanoseconds_of(now) / kNanosecondsPerMillisecond;
  const std::int64_t bucket = milliseconds_ / kBucketMilliseconds;
  for (std::int64_t steps = 0; steps < kBucketsKept && bucket_ + steps < bucket; ++steps) {
    next_bucket();
  }
  bucket_ = bucket;
}

void SentinelWindow::next_bucket() {
  fourth_ = third_;
  third_ = previous_;
  previous_ = current_;
  current_ = 0;
}

std::uint64_t SentinelWindow::passed_in_previous_second() const {
  const bool begins_a_second = bucket_ % 2 == 0;
  return begins_a_second ? std::uint64_t{previous_} + third_ : std::uint64_t{third_} + fourth_;
}

Duration SentinelWindow::until_next_bucket() const {
  const std::int64_t next = (bucket_ + 1) * kBucketMilliseconds * kNanosecondsPerMillisecond;
  return Duration{next - nanoseconds_of(latest_)};
}

}  // namespace windtunnel::limit
