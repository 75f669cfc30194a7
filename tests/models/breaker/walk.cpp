#include "tests/models/breaker/walk.hpp"

#include <algorithm>
#include <utility>

namespace windtunnel::breaker {

namespace {

constexpr Duration kTick{1000};
constexpr Duration kOpen = 10 * kTick;
constexpr Duration kLongest = 40 * kTick;
constexpr Duration kLeak = 30 * kTick;
constexpr std::uint32_t kTrialPermits = 2;
// 10, 20, 40 ticks: from the third trip in a row on, the interval is the longest.
constexpr std::int64_t kTripsThatMatter = 3;

/// Small enough to be enumerated, with every part in play: two permits, a ratio and a slow ratio
/// with minimum calls, growing intervals, leaks.
BreakerOptions explored_options() {
  BreakerOptions options;
  options.window = CountWindowOptions{.size = 3};
  options.triggers.error_ratio = RatioTrigger{{Share::percent(60), Reach::at_least}, 2};
  options.triggers.slow_ratio = RatioTrigger{{Share::percent(100), Reach::at_least}, 3};
  options.slow_call = kTick;
  options.open = {.first = kOpen, .growth = 2, .longest = kLongest, .jitter = {}};
  options.trial.permits = kTrialPermits;
  options.trial.errors = {Share::percent(50), Reach::above};
  options.trial.slow = Threshold{Share::percent(100), Reach::at_least};
  options.trial.leak_timeout = kLeak;
  return options;
}

/// What may follow what: the automatic transitions, and what operators may ask for.
constexpr std::array<std::pair<State, State>, 23> kLegal = {{
    {State::closed, State::open},
    {State::open, State::half_open},
    {State::half_open, State::closed},
    {State::half_open, State::open},
    {State::closed, State::forced_open},
    {State::closed, State::forced_closed},
    {State::closed, State::metrics_only},
    {State::open, State::closed},
    {State::open, State::forced_open},
    {State::open, State::forced_closed},
    {State::open, State::metrics_only},
    {State::half_open, State::forced_open},
    {State::half_open, State::forced_closed},
    {State::half_open, State::metrics_only},
    {State::forced_open, State::closed},
    {State::forced_open, State::forced_closed},
    {State::forced_open, State::metrics_only},
    {State::forced_closed, State::closed},
    {State::forced_closed, State::forced_open},
    {State::forced_closed, State::metrics_only},
    {State::metrics_only, State::closed},
    {State::metrics_only, State::forced_open},
    {State::metrics_only, State::forced_closed},
}};

bool is_legal(State from, State to) {
  return std::find(kLegal.begin(), kLegal.end(), std::pair{from, to}) != kLegal.end();
}

// Marks within a key; everything else there is not negative.
constexpr std::int64_t kSeparator = -1;
constexpr std::int64_t kStale = -2;

void add(std::string& key, std::int64_t value) {
  key.push_back(static_cast<char>(value));
}

}  // namespace

Walk::Walk()
    : breaker_(explored_options(), RandomStream{1, "automaton"}), reference_(explored_options()) {}

bool Walk::apply(Input input) {
  breach_ = {};
  const State before = breaker_.state();
  const Generation generation = breaker_.generation();
  if (!dispatch(input)) {
    return false;
  }
  check_transitions(before, generation);
  check_agreement();
  check_permits();
  return true;
}

std::string Walk::key() const {
  std::string key;
  add(key, static_cast<int>(reference_.state()));
  add(key, std::min<std::int64_t>(reference_.trips(), kTripsThatMatter));
  if (reference_.state() == State::open) {
    add(key, std::min(now_ - reference_.since(), kLongest) / kTick);
  }
  add(key, static_cast<std::int64_t>(reference_.errors_in_row()));
  for (const CallSample sample : reference_.window(now_)) {
    add(key, (sample.failed ? 1 : 0) + (sample.slow ? 2 : 0));
  }
  add(key, kSeparator);
  for (const Held& held : held_) {
    add_permit(key, held);
  }
  add(key, kSeparator);
  if (last_) {
    add_permit(key, *last_);
  }
  return key;
}

void Walk::add_permit(std::string& key, const Held& held) const {
  if (!reference_.is_current(held.reference)) {
    add(key, kStale);  // Stale permits are all alike.
    return;
  }
  add(key, reference_.is_out(held.reference) ? 1 : 0);
  add(key, std::min(now_ - reference_.admitted(held.reference), kLeak + kTick) / kTick);
}

bool Walk::dispatch(Input input) {
  switch (input) {
    case Input::admit:
      admit();
      return true;
    case Input::oldest_succeeds:
      return settle_held(Which::oldest, Outcome::succeeded);
    case Input::oldest_fails:
      return settle_held(Which::oldest, Outcome::failed);
    case Input::oldest_is_ignored:
      return settle_held(Which::oldest, Outcome::ignored);
    case Input::newest_succeeds:
      return settle_held(Which::newest, Outcome::succeeded);
    case Input::newest_fails:
      return settle_held(Which::newest, Outcome::failed);
    case Input::settle_again:
      // Only a trial knows which permits are out; elsewhere settling twice counts twice.
      return last_ && breaker_.state() == State::half_open && settle(*last_, Outcome::succeeded);
    case Input::wait_a_little:
      return wait(2 * kTick);
    case Input::wait_open_interval:
      return wait(kOpen);
    case Input::wait_leak_timeout:
      return wait(kLeak);
    case Input::force_open:
      return force(Force::open, State::forced_open);
    case Input::force_closed:
      return force(Force::closed, State::forced_closed);
    case Input::watch_only:
      return force(Force::metrics_only, State::metrics_only);
    case Input::release:
      breaker_.release(now_);
      reference_.force(now_, State::closed);
      return true;
  }
  return false;
}

void Walk::admit() {
  const Admission admission = breaker_.admit(now_);
  const auto expected = reference_.admit(now_);
  expect(std::holds_alternative<Permit>(admission) == expected.has_value(),
         "admitted where the reference refuses, or refused where it admits");
  if (const auto* permit = std::get_if<Permit>(&admission); permit != nullptr && expected) {
    held_.push_back({*permit, *expected});
  } else if (const auto* refusal = std::get_if<Refusal>(&admission)) {
    expect(!refusal->retry_at || *refusal->retry_at > now_, "told to retry in the past");
  }
}

bool Walk::settle_held(Which which, Outcome outcome) {
  if (held_.empty() || (which == Which::newest && held_.size() == 1)) {
    return false;
  }
  const auto place = which == Which::oldest ? held_.begin() : held_.end() - 1;
  const Held held = *place;
  held_.erase(place);
  last_ = held;
  return settle(held, outcome);
}

bool Walk::settle(const Held& held, Outcome outcome) {
  Breaker only_advanced = breaker_;
  only_advanced.advance(now_);
  const Settlement settlement = breaker_.settle(now_, held.permit, outcome);
  const bool expected = reference_.settle(now_, held.reference, outcome);
  expect((settlement == Settlement::counted) == expected,
         "a stale permit counted, or a good one did not");
  if (!expected) {
    expect(breaker_.generation() == only_advanced.generation() &&
               breaker_.counts(now_) == only_advanced.counts(now_) &&
               breaker_.consecutive_errors() == only_advanced.consecutive_errors() &&
               breaker_.trial().counts() == only_advanced.trial().counts() &&
               breaker_.trial().outstanding() == only_advanced.trial().outstanding(),
           "a stale permit changed something");
  }
  return true;
}

bool Walk::wait(Duration span) {
  now_ += span;
  breaker_.advance(now_);
  reference_.advance(now_);
  return true;
}

bool Walk::force(Force target, State state) {
  breaker_.force(now_, target);
  reference_.force(now_, state);
  return true;
}

void Walk::check_transitions(State before, Generation generation) {
  State at = before;
  while (const auto transition = breaker_.take_transition()) {
    ++transitions_;
    expect(transition->from == at, "a transition starts where the last one ended");
    expect(is_legal(transition->from, transition->to), "an illegal transition");
    expect(transition->from != State::metrics_only || transition->to != State::open,
           "metrics_only tripped");
    at = transition->to;
    generation = Generation{generation.value() + 1};
  }
  expect(at == breaker_.state(), "the state changed without a transition");
  expect(generation == breaker_.generation(), "each transition begins a generation");
}

void Walk::check_agreement() {
  expect(breaker_.state() == reference_.state(), "the reference is in another state");
  expect(breaker_.generation().value() == reference_.generation(), "another generation");
  expect(breaker_.trips_in_row() == reference_.trips(), "another number of trips in a row");
  if (breaker_.state() == State::half_open) {
    expect(breaker_.trial().counts() == reference_.ended(), "another trial");
    expect(breaker_.trial().outstanding() == reference_.out(), "other permits out");
    expect(breaker_.trial().outstanding() + breaker_.trial().counts().calls <= kTrialPermits,
           "more permits than a trial has");
  } else {
    expect(breaker_.counts(now_) == reference_.counts(now_), "another window");
    expect(breaker_.consecutive_errors() == reference_.errors_in_row(), "other errors in a row");
  }
}

// No permit is lost: whatever the callers do, a trial goes on. If they return all, or say nothing
// for the leak timeout, all places are free.
void Walk::check_permits() {
  if (breaker_.state() != State::half_open) {
    return;
  }
  Breaker returned = breaker_;
  for (const Held& held : held_) {
    returned.settle(now_, held.permit, Outcome::ignored);
  }
  check_free(returned, now_);
  Breaker silent = breaker_;
  check_free(silent, now_ + kLeak);
}

void Walk::check_free(Breaker& breaker, Instant now) {
  for (std::uint64_t ended = breaker.trial().counts().calls; ended < kTrialPermits; ++ended) {
    expect(std::holds_alternative<Permit>(breaker.admit(now)), "a permit was lost");
  }
  expect(std::holds_alternative<Refusal>(breaker.admit(now)), "a permit too many");
}

void Walk::expect(bool holds, std::string_view invariant) {
  if (!holds && breach_.empty()) {
    breach_ = invariant;
  }
}

}  // namespace windtunnel::breaker
