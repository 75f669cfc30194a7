// Admits calls up to an adaptive limit and tells the limit how they ended.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "models/breaker/concurrency_limit.hpp"
#include "runtime/instant.hpp"

namespace windtunnel::breaker {

/// The right to make one call, to be settled once.
struct LimitPermit {
  Instant admitted{};
  std::uint32_t in_flight = 0;  ///< Calls under way with this one.
};

/// `ignored` frees the place and teaches nothing: the call failed before it told anything about the
/// server's load.
enum class LimitOutcome : std::uint8_t { succeeded, dropped, ignored };

/// What a limit learns from a call that ended at `now` and was not ignored.
[[nodiscard]] LimitSample sample_of(Instant now, const LimitPermit& permit, LimitOutcome outcome);

/// Follows SimpleLimiter of Netflix concurrency-limits 0.5: no queue, a call over the limit is
/// refused at once. When the limit falls below what is under way, nothing is interrupted.
class ConcurrencyLimiter {
 public:
  explicit ConcurrencyLimiter(std::unique_ptr<ConcurrencyLimit> limit);

  /// O(1), allocates nothing.
  [[nodiscard]] std::optional<LimitPermit> admit(Instant now);
  void settle(Instant now, const LimitPermit& permit, LimitOutcome outcome);

  [[nodiscard]] std::uint32_t limit(Instant now) { return limit_->limit(now); }
  [[nodiscard]] std::uint32_t in_flight() const { return in_flight_; }
  [[nodiscard]] std::uint64_t refused() const { return refused_; }

 private:
  std::unique_ptr<ConcurrencyLimit> limit_;
  std::uint32_t in_flight_ = 0;
  std::uint64_t refused_ = 0;
};

}  // namespace windtunnel::breaker
