#include "models/breaker/aimd_limit.hpp"

#include <algorithm>

#include "runtime/check.hpp"

namespace windtunnel::breaker {

AimdLimit::AimdLimit(const AimdLimitOptions& options) : options_(options), limit_(options.initial) {
  check(options.initial >= 1, "a limit admits at least one call");
  check(options.backoff_ratio >= 0.5 && options.backoff_ratio < 1, "a back-off ratio in [0.5, 1)");
}

void AimdLimit::observe(const LimitSample& sample) {
  if (sample.dropped || sample.rtt > options_.timeout) {
    const auto scaled = static_cast<std::uint32_t>(limit_ * options_.backoff_ratio);
    limit_ = std::max(1U, std::min(limit_ - 1, scaled));
  } else if (std::uint64_t{sample.in_flight} * 2 >= limit_) {
    ++limit_;
  }
}

}  // namespace windtunnel::breaker
