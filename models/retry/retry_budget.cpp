#include "models/retry/retry_budget.hpp"

#include "runtime/check.hpp"

namespace windtunnel::retry {

namespace {

constexpr double kScale = 1000;

}  // namespace

ExpiringSum::ExpiringSum(Duration ttl) : slice_(ttl / static_cast<std::int64_t>(kSlices)) {
  check(slice_ > Duration::zero(), "terms live for a while");
}

void ExpiringSum::add(Instant now, std::int64_t amount) {
  advance(now);
  amounts_[static_cast<std::size_t>(newest_) % kSlices] += amount;
  sum_ += amount;
}

std::int64_t ExpiringSum::at(Instant now) {
  advance(now);
  return sum_;
}

void ExpiringSum::advance(Instant now) {
  const std::int64_t slice = nanoseconds_of(now) / slice_.count();
  if (slice - newest_ >= static_cast<std::int64_t>(kSlices)) {
    amounts_.fill(0);
    sum_ = 0;
    newest_ = slice;
    return;
  }
  while (newest_ < slice) {
    ++newest_;
    std::int64_t& oldest = amounts_[static_cast<std::size_t>(newest_) % kSlices];
    sum_ -= oldest;
    oldest = 0;
  }
}

RetryBudget::RetryBudget(const RetryBudgetOptions& options)
    : tokens_(options.ttl),
      deposit_(options.ratio > 0 ? static_cast<std::int64_t>(kScale) : 0),
      cost_(options.ratio > 0 ? static_cast<std::int64_t>(kScale / options.ratio) : 1),
      reserve_(0) {
  check(options.ttl >= std::chrono::seconds{1} && options.ttl <= std::chrono::seconds{60},
        "a request counts for a second to a minute");
  check(0 <= options.ratio && options.ratio <= kScale, "a ratio lies between 0 and 1000");
  const std::int64_t seconds =
      std::chrono::duration_cast<std::chrono::seconds>(options.ttl).count();
  reserve_ = std::int64_t{options.retries_per_second_min} * seconds * cost_;
}

void RetryBudget::attempt_started(Instant now, AttemptKind kind) {
  if (kind == AttemptKind::first) {
    tokens_.add(now, deposit_);
  }
}

std::optional<Withdrawal> RetryBudget::try_withdraw(Instant now, AttemptOutcome) {
  if (tokens_.at(now) + reserve_ < cost_) {
    return std::nullopt;
  }
  tokens_.add(now, -cost_);
  return Withdrawal{1};
}

void RetryBudget::cancel(Instant now, Withdrawal) {
  tokens_.add(now, cost_);
}

std::int64_t RetryBudget::balance(Instant now) {
  const std::int64_t tokens = tokens_.at(now) + reserve_;
  return tokens > 0 ? tokens / cost_ : 0;
}

}  // namespace windtunnel::retry
