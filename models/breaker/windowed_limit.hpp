// Feeds another concurrency limit one averaged sample per stretch of time instead of every call:
// single round trips vary too much to steer by.
#pragma once

#include <cstdint>
#include <memory>

#include "models/breaker/concurrency_limit.hpp"

namespace windtunnel::breaker {

struct WindowedLimitOptions {
  /// A window lasts twice its shortest round trip, within these bounds.
  Duration window_minimum = std::chrono::seconds{1};
  Duration window_maximum = std::chrono::seconds{1};
  /// Windows with fewer samples teach nothing.
  std::uint32_t samples_minimum = 10;
  /// Shorter round trips are left out: a refusal, not work.
  Duration rtt_minimum = std::chrono::microseconds{100};
};

/// WindowedLimit of Netflix concurrency-limits 0.5 (WindowedLimit.java,
/// ImmutableAverageSampleWindow.java): passes on the mean rtt, the largest number under way, and
/// whether anything was dropped.
class WindowedLimit final : public ConcurrencyLimit {
 public:
  WindowedLimit(const WindowedLimitOptions& options, std::unique_ptr<ConcurrencyLimit> inner);

  [[nodiscard]] std::uint32_t limit(Instant now) override { return inner_->limit(now); }
  void observe(const LimitSample& sample) override;

 private:
  struct Window {
    Duration shortest = Duration::max();
    Duration sum{};
    std::uint32_t in_flight_most = 0;
    std::uint32_t samples = 0;
    bool dropped = false;
  };

  WindowedLimitOptions options_;
  std::unique_ptr<ConcurrencyLimit> inner_;
  Window window_;
  Instant next_update_{};
};

}  // namespace windtunnel::breaker
