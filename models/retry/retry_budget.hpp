// Retries as a share of recent requests: Finagle's RetryBudget, which Linkerd has too, and, with
// other numbers, the per-client budget of the SRE book.
#pragma once

#include <array>
#include <cstdint>

#include "models/retry/budget.hpp"

namespace windtunnel::retry {

/// A sum whose terms expire. Time is cut into equal slices; a term is forgotten with its slice, so
/// it lives between (slices-1)/slices and all of `ttl`. The slices are aligned to the clock's
/// origin, so that the sum does not depend on when it was asked for (com.twitter.util.WindowedAdder
/// aligns them to its last use).
class ExpiringSum {
 public:
  static constexpr std::size_t kSlices = 10;

  explicit ExpiringSum(Duration ttl);

  void add(Instant now, std::int64_t amount);
  [[nodiscard]] std::int64_t at(Instant now);

 private:
  void advance(Instant now);

  Duration slice_;
  std::int64_t newest_ = 0;  ///< Number of the slice that takes additions.
  std::array<std::int64_t, kSlices> amounts_{};
  std::int64_t sum_ = 0;
};

struct RetryBudgetOptions {
  /// For how long a request counts; from 1 s to 60 s.
  Duration ttl = std::chrono::seconds{10};
  /// Retries per request, from 0 to 1000.
  double ratio = 0.2;
  /// On top of the ratio, for clients with few requests.
  std::uint32_t retries_per_second_min = 10;

  /// Finagle's defaults, also Linkerd's: 20 % and 10/s over 10 s.
  [[nodiscard]] static RetryBudgetOptions finagle() { return {}; }
  /// Site Reliability Engineering (2016), ch. 21 "Handling Overload": a client retries while
  /// retries are below 10 % of its requests, so the load grows by 1.1 at most.
  [[nodiscard]] static RetryBudgetOptions sre() {
    return {.ttl = std::chrono::seconds{60}, .ratio = 0.1, .retries_per_second_min = 0};
  }
};

/// The first attempt of each call deposits, each retry withdraws (finagle-core,
/// service/RetryBudget.scala at 0e26b57). Integer arithmetic in thousandths, as there.
class RetryBudget final : public Budget {
 public:
  explicit RetryBudget(const RetryBudgetOptions& options);

  void attempt_started(Instant now, AttemptKind kind) override;
  [[nodiscard]] std::optional<Withdrawal> try_withdraw(Instant now, AttemptOutcome cause) override;
  void cancel(Instant now, Withdrawal withdrawal) override;

  /// Retries that could be made now.
  [[nodiscard]] std::int64_t balance(Instant now);

 private:
  ExpiringSum tokens_;
  std::int64_t deposit_;
  std::int64_t cost_;
  std::int64_t reserve_;
};

}  // namespace windtunnel::retry
