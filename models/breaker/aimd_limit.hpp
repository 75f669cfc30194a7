// A concurrency limit by additive increase and multiplicative decrease, driven by drops.
#pragma once

#include <cstdint>

#include "models/breaker/concurrency_limit.hpp"

namespace windtunnel::breaker {

struct AimdLimitOptions {
  std::uint32_t initial = 10;
  double backoff_ratio = 0.9;
  /// A call that took longer counts as dropped.
  Duration timeout = std::chrono::seconds{5};
};

/// AIMDLimit of Netflix concurrency-limits 0.5 (AIMDLimit.java): a drop multiplies the limit by the
/// back-off ratio, rounded down and by one at least; any other call adds one if at least half the
/// limit was in use.
class AimdLimit final : public ConcurrencyLimit {
 public:
  explicit AimdLimit(const AimdLimitOptions& options);

  [[nodiscard]] std::uint32_t limit(Instant /*now*/) override { return limit_; }
  void observe(const LimitSample& sample) override;

 private:
  AimdLimitOptions options_;
  std::uint32_t limit_;
};

}  // namespace windtunnel::breaker
