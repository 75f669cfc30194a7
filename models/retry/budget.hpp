// What limits retries across all calls of one client to one service, so that a service in trouble
// sees a little more load and not a multiple of it. One budget is shared by many RetryPolicy and
// Hedging values; the single calls' limits are theirs.
#pragma once

#include <cstdint>
#include <optional>

#include "models/retry/outcome.hpp"
#include "runtime/instant.hpp"

namespace windtunnel::retry {

/// What one retry was granted with; handed back when that attempt ends.
struct Withdrawal {
  std::uint32_t tokens = 0;
};

enum class AttemptKind : std::uint8_t { first, retry };
/// Whether a failure is of the kind that is retried.
enum class Retryable : std::uint8_t { no, yes };

class Budget {
 public:
  Budget() = default;
  Budget(const Budget&) = delete;
  Budget& operator=(const Budget&) = delete;
  virtual ~Budget() = default;

  /// An attempt goes out.
  virtual void attempt_started(Instant /*now*/, AttemptKind /*kind*/) {}
  /// An attempt that was started has ended. `spent` is absent for a call's first attempt.
  virtual void attempt_ended(Instant /*now*/, const AttemptEnd& /*end*/, Retryable /*retryable*/,
                             std::optional<Withdrawal> /*spent*/) {}
  /// May one more attempt be made because of `cause`? Whoever gets a withdrawal starts an attempt
  /// with it, or gives it back with cancel().
  [[nodiscard]] virtual std::optional<Withdrawal> try_withdraw(Instant now,
                                                               AttemptOutcome cause) = 0;
  /// The granted attempt will not be made: its call was given up while waiting.
  virtual void cancel(Instant /*now*/, Withdrawal /*withdrawal*/) {}
};

}  // namespace windtunnel::retry
