// A limit of ten that remembers what it was told.
#pragma once

#include <vector>

#include "models/breaker/concurrency_limit.hpp"

namespace windtunnel::breaker {

class RecordingLimit final : public ConcurrencyLimit {
 public:
  /// `told` outlives it.
  explicit RecordingLimit(std::vector<LimitSample>& told) : told_(told) {}

  [[nodiscard]] std::uint32_t limit(Instant /*now*/) override { return 10; }
  void observe(const LimitSample& sample) override { told_.push_back(sample); }

 private:
  std::vector<LimitSample>& told_;
};

}  // namespace windtunnel::breaker
