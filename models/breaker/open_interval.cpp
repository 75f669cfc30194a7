#include "models/breaker/open_interval.hpp"

#include <algorithm>

#include "runtime/check.hpp"

namespace windtunnel::breaker {

OpenInterval::OpenInterval(const OpenIntervalOptions& options) : options_(options) {
  check(options.first > Duration::zero(), "an open interval lasts");
  check(options.longest >= options.first, "the longest open interval is not below the first");
  check(options.longest <= std::chrono::hours{24 * 365}, "an open interval ends within a year");
  check(options.growth >= 1, "open intervals do not shrink");
  check(options.jitter.parts < options.jitter.whole, "jitter below the whole interval");
}

Duration OpenInterval::next(RandomStream& random) {
  const auto longest = static_cast<double>(options_.longest.count());
  nanoseconds_ = openings_ == 0 ? static_cast<double>(options_.first.count())
                                : std::min(longest, nanoseconds_ * options_.growth);
  ++openings_;
  const Duration even =
      nanoseconds_ < longest ? Duration{static_cast<std::int64_t>(nanoseconds_)} : options_.longest;
  if (options_.jitter.parts == 0) {
    return even;
  }
  const double share =
      static_cast<double>(options_.jitter.parts) / static_cast<double>(options_.jitter.whole);
  const auto spread = Duration{static_cast<std::int64_t>(nanoseconds_ * share)};
  return std::min(options_.longest, random.uniform(even - spread, even + spread));
}

}  // namespace windtunnel::breaker
