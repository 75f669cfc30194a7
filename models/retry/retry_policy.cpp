#include "models/retry/retry_policy.hpp"

#include "runtime/check.hpp"

namespace windtunnel::retry {

using std::chrono::milliseconds;
using std::chrono::seconds;

RetryOptions RetryOptions::grpc() {
  RetryOptions options;
  options.attempts_max = 4;
  options.retryable = {AttemptOutcome::refused, AttemptOutcome::unavailable};
  options.backoff = BackoffOptions::grpc();
  return options;
}
RetryOptions RetryOptions::aws() {
  RetryOptions options;
  options.backoff = BackoffOptions::aws();
  options.throttled_initial = milliseconds{500};
  return options;
}
RetryOptions RetryOptions::aws_2026() {
  RetryOptions options;
  options.backoff = BackoffOptions::aws_2026();
  options.throttled_initial = seconds{1};
  return options;
}

RetryPolicy::RetryPolicy(const RetryOptions& options, Deadline deadline, Budget* budget)
    : options_(options), deadline_(deadline), budget_(budget), backoff_(options.backoff) {
  check(options.attempts_max > 0, "a call makes at least one attempt");
}

Deadline RetryPolicy::begin_attempt(Instant now) {
  check(!is_under_way_, "one attempt of a retried call at a time");
  check(attempts_ == 0 || withdrawal_ || budget_ == nullptr, "a retry was granted");
  is_under_way_ = true;
  ++attempts_;
  if (budget_ != nullptr) {
    budget_->attempt_started(now, attempts_ == 1 ? AttemptKind::first : AttemptKind::retry);
  }
  return deadline_.earlier(Deadline::after(now, options_.attempt_timeout));
}

Decision RetryPolicy::settle(Instant now, const AttemptEnd& end, RandomStream& random) {
  check(is_under_way_, "an attempt ends once");
  tell_budget(now, end);
  if (const auto reason = forbidden_by_result(end)) {
    return Stop{*reason};
  }
  if (attempts_ >= options_.attempts_max) {
    return Stop{StopReason::attempts_exhausted};
  }
  const Duration delay = delay_after(end, random);
  const Instant earliest_end = instant_after(instant_after(now, delay), options_.attempt_time_min);
  if (deadline_ != Deadline::never() && deadline_.has_passed(earliest_end)) {
    return Stop{StopReason::deadline};
  }
  if (budget_ != nullptr) {
    withdrawal_ = budget_->try_withdraw(now, end.outcome);
    if (!withdrawal_) {
      return Stop{StopReason::budget};
    }
  }
  return RetryAfter{delay};
}

void RetryPolicy::cancel(Instant now) {
  if (is_under_way_) {
    tell_budget(now, {.outcome = AttemptOutcome::cancelled});
  } else if (withdrawal_) {
    budget_->cancel(now, *withdrawal_);
    withdrawal_.reset();
  }
}

std::optional<StopReason> RetryPolicy::forbidden_by_result(const AttemptEnd& end) const {
  if (end.outcome == AttemptOutcome::succeeded) {
    return StopReason::succeeded;
  }
  if (end.outcome == AttemptOutcome::cancelled) {
    return StopReason::cancelled;
  }
  if (end.commitment == Commitment::committed) {
    return StopReason::committed;
  }
  if (!options_.retryable.contains(end.outcome)) {
    return StopReason::not_retryable;
  }
  if (forbids_retries(end)) {
    return StopReason::pushback;
  }
  return std::nullopt;
}

Duration RetryPolicy::delay_after(const AttemptEnd& end, RandomStream& random) {
  if (end.pushback) {
    backoff_.reset();
    return *end.pushback;
  }
  if (end.outcome == AttemptOutcome::throttled && options_.throttled_initial) {
    return backoff_.next_from(*options_.throttled_initial, random);
  }
  return backoff_.next(random);
}

void RetryPolicy::tell_budget(Instant now, const AttemptEnd& end) {
  is_under_way_ = false;
  if (budget_ == nullptr) {
    return;
  }
  const Retryable retryable =
      options_.retryable.contains(end.outcome) ? Retryable::yes : Retryable::no;
  budget_->attempt_ended(now, end, retryable, withdrawal_);
  withdrawal_.reset();
}

}  // namespace windtunnel::retry
