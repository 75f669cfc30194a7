#include "models/retry/hedging.hpp"

#include <algorithm>

#include "runtime/check.hpp"

namespace windtunnel::retry {

Hedging::Hedging(const HedgingOptions& options, Deadline deadline, Budget* budget)
    : options_(options),
      deadline_(deadline),
      budget_(budget),
      attempts_max_(std::min(options.attempts_max, kAttemptsMax)) {
  check(options.attempts_max > 0, "a call makes at least one attempt");
  check(options.delay >= Duration::zero(), "a hedge does not go back in time");
}

Hedging::Actions Hedging::start(Instant now) {
  check(sent_ == 0, "a call starts once");
  action_count_ = 0;
  send_first(now);
  send_what_is_due(now);
  return actions();
}

Hedging::Actions Hedging::on_timer(Instant now) {
  action_count_ = 0;
  if (is_finished_) {
    return actions();
  }
  if (deadline_.has_passed(now)) {
    finish(now, HedgedResult::deadline, sent_ - 1);
  } else {
    send_what_is_due(now);
  }
  return actions();
}

Hedging::Actions Hedging::on_result(Instant now, std::uint32_t attempt, const AttemptEnd& end) {
  check(attempt < sent_, "only what was sent is answered");
  action_count_ = 0;
  if (states_[attempt] != State::under_way) {
    return actions();
  }
  end_attempt(now, attempt, end);
  if (end.outcome == AttemptOutcome::succeeded) {
    finish(now, HedgedResult::succeeded, attempt);
  } else if (end.commitment == Commitment::committed || !options_.non_fatal.contains(end.outcome)) {
    finish(now, HedgedResult::failed, attempt);
  } else {
    after_non_fatal(now, attempt, end);
  }
  return actions();
}

Instant Hedging::next_timer() const {
  return is_finished_ ? Instant::max() : std::min(deadline_.at(), next_hedge_);
}

void Hedging::act(HedgingAction action) {
  actions_[action_count_++] = action;
}

void Hedging::send_first(Instant now) {
  if (budget_ != nullptr) {
    budget_->attempt_started(now, AttemptKind::first);
  }
  states_[0] = State::under_way;
  sent_ = 1;
  next_hedge_ = has_hedges_left() ? instant_after(now, options_.delay) : Instant::max();
  act(SendAttempt{0});
}

void Hedging::send_hedge(Instant now, AttemptOutcome cause) {
  if (budget_ != nullptr) {
    withdrawals_[sent_] = budget_->try_withdraw(now, cause);
    if (!withdrawals_[sent_]) {
      attempts_max_ = sent_;
      next_hedge_ = Instant::max();
      return;
    }
    budget_->attempt_started(now, AttemptKind::retry);
  }
  states_[sent_] = State::under_way;
  act(SendAttempt{sent_++});
  next_hedge_ = has_hedges_left() ? instant_after(now, options_.delay) : Instant::max();
}

void Hedging::send_what_is_due(Instant now) {
  while (has_hedges_left() && next_hedge_ <= now) {
    send_hedge(now, AttemptOutcome::timed_out);
  }
}

void Hedging::after_non_fatal(Instant now, std::uint32_t attempt, const AttemptEnd& end) {
  if (forbids_retries(end)) {
    attempts_max_ = sent_;
    next_hedge_ = Instant::max();
  } else if (end.pushback && has_hedges_left()) {
    next_hedge_ = instant_after(now, *end.pushback);
    send_what_is_due(now);
  } else if (has_hedges_left()) {
    send_hedge(now, end.outcome);
    send_what_is_due(now);
  }
  if (!is_any_under_way() && !has_hedges_left()) {
    finish(now, HedgedResult::failed, attempt);
  }
}

void Hedging::finish(Instant now, HedgedResult result, std::uint32_t attempt) {
  for (std::uint32_t other = 0; other < sent_; ++other) {
    if (states_[other] == State::under_way) {
      end_attempt(now, other, {.outcome = AttemptOutcome::cancelled});
      act(CancelAttempt{other});
    }
  }
  is_finished_ = true;
  next_hedge_ = Instant::max();
  act(Finish{result, attempt});
}

void Hedging::end_attempt(Instant now, std::uint32_t attempt, const AttemptEnd& end) {
  states_[attempt] = State::ended;
  if (budget_ != nullptr) {
    const Retryable retryable =
        options_.non_fatal.contains(end.outcome) ? Retryable::yes : Retryable::no;
    budget_->attempt_ended(now, end, retryable, withdrawals_[attempt]);
  }
}

bool Hedging::is_any_under_way() const {
  return std::find(states_.begin(), states_.end(), State::under_way) != states_.end();
}

}  // namespace windtunnel::retry
