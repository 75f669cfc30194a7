#include <set>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "models/breaker/breaker.hpp"
#include "tests/models/breaker/reference_breaker.hpp"

namespace windtunnel::breaker {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// CircuitBreaker.java of resilience4j 2.x, enum StateTransition.
const std::set<std::pair<State, State>> kResilience4jTransitions = [] {
  constexpr State closed = State::closed;
  constexpr State open = State::open;
  constexpr State half_open = State::half_open;
  constexpr State forced_open = State::forced_open;
  constexpr State disabled = State::forced_closed;
  constexpr State metrics_only = State::metrics_only;
  return std::set<std::pair<State, State>>{
      {closed, closed},         {closed, open},
      {closed, disabled},       {closed, metrics_only},
      {closed, forced_open},    {half_open, half_open},
      {half_open, closed},      {half_open, open},
      {half_open, disabled},    {half_open, metrics_only},
      {half_open, forced_open}, {open, open},
      {open, closed},           {open, half_open},
      {open, disabled},         {open, metrics_only},
      {open, forced_open},      {forced_open, forced_open},
      {forced_open, closed},    {forced_open, open},
      {forced_open, disabled},  {forced_open, metrics_only},
      {forced_open, half_open}, {disabled, disabled},
      {disabled, closed},       {disabled, open},
      {disabled, forced_open},  {disabled, half_open},
      {disabled, metrics_only}, {metrics_only, metrics_only},
      {metrics_only, closed},   {metrics_only, forced_open},
      {metrics_only, disabled},
  };
}();

/// A random breaker, small enough for every part to matter.
BreakerOptions random_options() {
  const auto in = [](int low, int high) { return *rc::gen::inRange(low, high + 1); };
  const auto unsigned_in = [&](int low, int high) {
    return static_cast<std::uint32_t>(in(low, high));
  };
  const auto reach = [&] { return in(0, 1) == 0 ? Reach::at_least : Reach::above; };
  BreakerOptions options;
  if (in(0, 1) == 0) {
    options.window = CountWindowOptions{.size = unsigned_in(1, 12)};
  } else {
    options.window = TimeWindowOptions{milliseconds{in(1, 300)}, unsigned_in(1, 6)};
  }
  Triggers& triggers = options.triggers;
  if (in(0, 2) != 0) {
    triggers.error_ratio =
        RatioTrigger{{Share::percent(unsigned_in(1, 100)), reach()}, unsigned_in(0, 8)};
  }
  if (in(0, 2) != 0) {
    triggers.slow_ratio =
        RatioTrigger{{Share::percent(unsigned_in(1, 100)), reach()}, unsigned_in(0, 8)};
  }
  if (in(0, 1) == 0) {
    triggers.consecutive_errors = CountTrigger{unsigned_in(1, 6), unsigned_in(0, 4)};
  }
  if (in(0, 1) == 0) {
    triggers.error_count = CountTrigger{unsigned_in(1, 6), unsigned_in(0, 4)};
  }
  triggers.judge = in(0, 1) == 0 ? Judge::every_call : Judge::bad_calls_only;
  options.slow_call = milliseconds{in(0, 200)};
  options.open = {milliseconds{in(1, 500)}, static_cast<double>(in(1, 3)), seconds{1}, {}};
  options.trial.permits = unsigned_in(1, 5);
  options.trial.decide_after = unsigned_in(0, static_cast<int>(options.trial.permits));
  options.trial.errors = {Share::percent(unsigned_in(0, 100)), reach()};
  if (in(0, 1) == 0) {
    options.trial.slow = Threshold{Share::percent(unsigned_in(0, 100)), reach()};
  }
  options.trial.fail = in(0, 1) == 0 ? FailTrial::at_decision : FailTrial::when_certain;
  options.trial.leak_timeout = milliseconds{in(1, 800)};
  return options;
}

RC_GTEST_PROP(Breaker, AgreesWithTheReferenceOnRandomCalls, ()) {
  const BreakerOptions options = random_options();
  RandomStream random{*rc::gen::arbitrary<std::uint64_t>(), "calls"};
  Breaker breaker{options, RandomStream{7, "breaker"}};
  ReferenceBreaker reference{options};
  std::vector<std::pair<Permit, std::size_t>> under_way;
  Instant now{};
  for (int step = 0; step < 400; ++step) {
    const std::uint64_t dice = random.below(100);
    if (dice < 40) {
      const Admission admission = breaker.admit(now);
      const auto expected = reference.admit(now);
      RC_ASSERT(std::holds_alternative<Permit>(admission) == expected.has_value());
      if (expected) {
        under_way.emplace_back(std::get<Permit>(admission), *expected);
      }
    } else if (dice < 75 && !under_way.empty()) {
      const auto place =
          under_way.begin() + static_cast<std::ptrdiff_t>(random.below(under_way.size()));
      const auto outcome = static_cast<Outcome>(random.below(3));
      const Settlement settlement = breaker.settle(now, place->first, outcome);
      RC_ASSERT((settlement == Settlement::counted) ==
                reference.settle(now, place->second, outcome));
      under_way.erase(place);
    } else if (dice < 98) {
      now += random.uniform(Duration::zero(), milliseconds{200});
    } else {
      const auto force = static_cast<Force>(random.below(3));
      constexpr State kTargets[] = {State::forced_open, State::forced_closed, State::metrics_only};
      if (random.below(2) == 0) {
        breaker.force(now, force);
        reference.force(now, kTargets[static_cast<std::size_t>(force)]);
      } else {
        breaker.release(now);
        reference.force(now, State::closed);
      }
    }
    breaker.advance(now);
    reference.advance(now);
    RC_ASSERT(breaker.state() == reference.state());
    RC_ASSERT(breaker.generation().value() == reference.generation());
    if (breaker.state() == State::half_open) {
      RC_ASSERT(breaker.trial().counts() == reference.ended());
      RC_ASSERT(breaker.trial().outstanding() == reference.out());
    } else {
      RC_ASSERT(breaker.counts(now) == reference.counts(now));
    }
    while (const auto transition = breaker.take_transition()) {
      RC_ASSERT(kResilience4jTransitions.contains({transition->from, transition->to}));
    }
  }
}

// Faults first, then heal and converge: while the clock jumps to and fro, permits are lost and
// calls end in any order, no trial exceeds its permits; once time goes forward again and calls
// succeed, it closes within an open interval and a leak timeout.
RC_GTEST_PROP(Breaker, ClosesAgainHoweverTheClockJumpedBefore, ()) {
  const BreakerOptions options = random_options();
  RandomStream random{*rc::gen::arbitrary<std::uint64_t>(), "jumps"};
  Breaker breaker{options, RandomStream{7, "breaker"}};
  std::vector<Permit> under_way;
  Instant now{};
  for (int step = 0; step < 300; ++step) {
    const std::uint64_t dice = random.below(10);
    const Admission admission = breaker.admit(now);
    if (const auto* permit = std::get_if<Permit>(&admission); permit != nullptr && dice < 8) {
      under_way.push_back(*permit);
    }
    if (dice < 5 && !under_way.empty()) {
      const auto place =
          under_way.begin() + static_cast<std::ptrdiff_t>(random.below(under_way.size()));
      breaker.settle(now, *place, static_cast<Outcome>(random.below(3)));
      under_way.erase(place);
    }
    RC_ASSERT(breaker.trial().outstanding() + breaker.trial().counts().calls <=
              options.trial.permits);
    now += random.uniform(milliseconds{-400}, milliseconds{500});
    if (random.below(30) == 0) {
      now = Instant{random.uniform(Duration::zero(), std::chrono::hours{1})};
    }
  }
  const Instant healed = now;
  breaker.advance(now);
  const std::uint64_t calls_needed = std::uint64_t{options.trial.permits} + 1;
  for (std::uint64_t call = 0; breaker.state() != State::closed; ++call) {
    const Admission admission = breaker.admit(now);
    if (const auto* permit = std::get_if<Permit>(&admission)) {
      RC_ASSERT(call <= 2 * calls_needed + 2);
      breaker.settle(now, *permit, Outcome::succeeded);
      continue;
    }
    const auto retry_at = std::get<Refusal>(admission).retry_at;
    RC_ASSERT(retry_at.has_value() && *retry_at > now);
    now = *retry_at;
    breaker.advance(now);
  }
  RC_ASSERT(now - healed <= options.open.longest + options.trial.leak_timeout);
}

}  // namespace
}  // namespace windtunnel::breaker
