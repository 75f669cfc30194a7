#include "models/breaker/breaker.hpp"

#include <algorithm>

#include "runtime/check.hpp"

namespace windtunnel::breaker {

Breaker::Breaker(const BreakerOptions& options, RandomStream random)
    : options_(options),
      random_(random),
      window_(options.window),
      trial_(options.trial),
      interval_(options.open) {}

Admission Breaker::admit(Instant now) {
  advance(now);
  switch (state_) {
    case State::closed:
    case State::forced_closed:
    case State::metrics_only:
      return grant(now, 0);
    case State::half_open:
      if (const auto slot = trial_.take(now, next_serial_)) {
        return grant(now, *slot);
      }
      return refuse();
    case State::open:
    case State::forced_open:
      return refuse();
  }
  fail_check("a breaker is in one of its states", std::source_location::current());
}

Settlement Breaker::settle(Instant now, const Permit& permit, Outcome outcome) {
  check(permit.serial != 0 && permit.serial < next_serial_, "a permit comes from its breaker");
  advance(now);
  if (permit.generation != generation_) {
    ++totals_.stale;
    return Settlement::stale;
  }
  if (state_ == State::half_open) {
    if (!settle_trial(now, permit, outcome)) {
      ++totals_.stale;
      return Settlement::stale;
    }
  } else if (state_ != State::forced_closed && outcome != Outcome::ignored) {
    count(now, sample_of(now, permit, outcome));
  }
  ++totals_.settled;
  return Settlement::counted;
}

void Breaker::advance(Instant now) {
  if (state_ == State::open) {
    opened_ = std::min(opened_, now);
    if (now - opened_ >= open_for_) {
      enter(now, State::half_open, Cause::open_interval_over, {});
    }
  } else if (state_ == State::half_open) {
    totals_.leaked += trial_.expire(now);
  }
}

std::optional<Instant> Breaker::next_deadline() const {
  if (state_ == State::open) {
    return instant_after(opened_, open_for_);
  }
  return state_ == State::half_open ? trial_.next_leak() : std::nullopt;
}

void Breaker::force(Instant now, Force target) {
  advance(now);
  const State state = target == Force::open     ? State::forced_open
                      : target == Force::closed ? State::forced_closed
                                                : State::metrics_only;
  if (state_ != state) {
    enter(now, state, Cause::forced, window_.counts(now));
  }
}

void Breaker::release(Instant now) {
  advance(now);
  if (state_ != State::closed) {
    interval_.start();
    enter(now, State::closed, Cause::released, window_.counts(now));
  }
}

Permit Breaker::grant(Instant now, std::uint32_t slot) {
  ++totals_.admitted;
  return {generation_, next_serial_++, slot, now};
}

Refusal Breaker::refuse() {
  ++totals_.refused;
  return {state_, next_deadline()};
}

CallSample Breaker::sample_of(Instant now, const Permit& permit, Outcome outcome) const {
  return {outcome == Outcome::failed, now - permit.admitted > options_.slow_call};
}

void Breaker::count(Instant now, CallSample sample) {
  window_.record(now, sample);
  errors_in_row_ = sample.failed ? errors_in_row_ + 1 : 0;
  if (options_.triggers.judge == Judge::bad_calls_only && !sample.failed && !sample.slow) {
    return;
  }
  const CallCounts counts = window_.counts(now);
  const auto cause = options_.triggers.met(counts, errors_in_row_);
  if (state_ == State::metrics_only) {
    totals_.would_trip += cause && !would_trip_now_ ? 1U : 0U;
    would_trip_now_ = cause.has_value();
  } else if (cause) {
    open(now, *cause, counts);
  }
}

bool Breaker::settle_trial(Instant now, const Permit& permit, Outcome outcome) {
  if (outcome == Outcome::ignored) {
    return trial_.give_back(permit.slot, permit.serial);
  }
  if (!trial_.end(permit.slot, permit.serial, sample_of(now, permit, outcome))) {
    return false;
  }
  switch (trial_.verdict()) {
    case TrialVerdict::undecided:
      break;
    case TrialVerdict::passed:
      interval_.start();
      enter(now, State::closed, Cause::trial_passed, trial_.counts());
      break;
    case TrialVerdict::failed:
      open(now, Cause::trial_failed, trial_.counts());
      break;
  }
  return true;
}

void Breaker::open(Instant now, Cause cause, const CallCounts& decided_by) {
  opened_ = now;
  open_for_ = interval_.next(random_);
  enter(now, State::open, cause, decided_by);
}

void Breaker::enter(Instant now, State target, Cause cause, const CallCounts& decided_by) {
  log_.add({now, state_, target, cause, decided_by, errors_in_row_, interval_.openings(),
            target == State::open ? open_for_ : Duration::zero()});
  state_ = target;
  generation_ = Generation{generation_.value() + 1};
  errors_in_row_ = 0;
  would_trip_now_ = false;
  window_.clear();
  trial_.begin();
}

}  // namespace windtunnel::breaker
