// The schedule of gRPC A6's example, its rules one by one, and invariants over random answers.
#include "models/retry/hedging.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "models/retry/active_retry_budget.hpp"
#include "models/retry/grpc_retry_throttle.hpp"
#include "runtime/random.hpp"

namespace windtunnel::retry {
namespace {

using std::chrono::milliseconds;
using Actions = std::vector<HedgingAction>;

constexpr AttemptEnd kSuccess{};
constexpr AttemptEnd kUnavailable{.outcome = AttemptOutcome::unavailable};

constexpr Instant at(int ms) {
  return Instant{milliseconds{ms}};
}
Actions copied(Hedging::Actions actions) {
  return {actions.begin(), actions.end()};
}
AttemptEnd pushback(int ms) {
  return {.outcome = AttemptOutcome::unavailable, .pushback = milliseconds{ms}};
}

const HedgingOptions kExample{};  // 4 attempts, 500 ms: the example of A6.

// "after 1ms there would be one outstanding RPC, after 501ms two, after 1001ms three, after 1501ms
// four".
TEST(Hedging, SendsACopyEveryDelayUntilTheMaximum) {
  Hedging hedging{kExample, Deadline::never(), nullptr};
  EXPECT_EQ(copied(hedging.start(at(0))), Actions{SendAttempt{0}});
  for (const int copy : {1, 2, 3}) {
    const Instant due = at(500 * copy);
    EXPECT_EQ(hedging.next_timer(), due);
    EXPECT_TRUE(hedging.on_timer(due - Duration{1}).empty());
    EXPECT_EQ(copied(hedging.on_timer(due)),
              Actions{SendAttempt{static_cast<std::uint32_t>(copy)}});
  }
  EXPECT_EQ(hedging.next_timer(), Instant::max());
}

TEST(Hedging, CancelsTheOthersAtTheFirstSuccess) {
  Hedging hedging{kExample, Deadline::never(), nullptr};
  static_cast<void>(hedging.start(at(0)));
  static_cast<void>(hedging.on_timer(at(500)));
  static_cast<void>(hedging.on_timer(at(1000)));
  EXPECT_EQ(copied(hedging.on_result(at(1001), 1, kSuccess)),
            (Actions{CancelAttempt{0}, CancelAttempt{2}, Finish{HedgedResult::succeeded, 1}}));
  EXPECT_TRUE(hedging.is_finished());
  EXPECT_TRUE(hedging.on_timer(at(5000)).empty());
  EXPECT_TRUE(hedging.on_result(at(5000), 0, kSuccess).empty());
}

TEST(Hedging, SendsTheNextAtOnceAfterANonFatalFailureAndResumesTheDelayFromThere) {
  Hedging hedging{kExample, Deadline::never(), nullptr};
  static_cast<void>(hedging.start(at(0)));
  EXPECT_EQ(copied(hedging.on_result(at(200), 0, kUnavailable)), Actions{SendAttempt{1}});
  EXPECT_EQ(hedging.next_timer(), at(700));
}

TEST(Hedging, EndsWithAFatalFailure) {
  Hedging hedging{kExample, Deadline::never(), nullptr};
  static_cast<void>(hedging.start(at(0)));
  static_cast<void>(hedging.on_timer(at(500)));
  EXPECT_EQ(copied(hedging.on_result(at(600), 0, {.outcome = AttemptOutcome::failed})),
            (Actions{CancelAttempt{1}, Finish{HedgedResult::failed, 0}}));
}

TEST(Hedging, FailsOnceEveryCopyHasFailed) {
  const HedgingOptions options{.attempts_max = 2};
  Hedging hedging{options, Deadline::never(), nullptr};
  static_cast<void>(hedging.start(at(0)));
  EXPECT_EQ(copied(hedging.on_result(at(1), 0, kUnavailable)), Actions{SendAttempt{1}});
  EXPECT_EQ(copied(hedging.on_result(at(2), 1, kUnavailable)),
            Actions{(Finish{HedgedResult::failed, 1})});
}

TEST(Hedging, SendsNoMoreAfterAPushbackThatForbidsIt) {
  Hedging hedging{kExample, Deadline::never(), nullptr};
  static_cast<void>(hedging.start(at(0)));
  static_cast<void>(hedging.on_timer(at(500)));
  EXPECT_TRUE(hedging.on_result(at(600), 0, pushback(-1)).empty());
  EXPECT_EQ(hedging.next_timer(), Instant::max());
  EXPECT_EQ(copied(hedging.on_result(at(700), 1, kSuccess)),
            Actions{(Finish{HedgedResult::succeeded, 1})});
}

// "Send next hedged request in n ms. Subsequent hedged requests will resume at n + hedgingDelay".
TEST(Hedging, WaitsForTheNextAsLongAsAPushbackAsks) {
  Hedging hedging{kExample, Deadline::never(), nullptr};
  static_cast<void>(hedging.start(at(0)));
  EXPECT_TRUE(hedging.on_result(at(100), 0, pushback(70)).empty());
  EXPECT_EQ(hedging.next_timer(), at(170));
  EXPECT_EQ(copied(hedging.on_timer(at(170))), Actions{SendAttempt{1}});
  EXPECT_EQ(hedging.next_timer(), at(670));
}

TEST(Hedging, SendsAllCopiesAtOnceWithoutADelay) {
  const HedgingOptions options{.attempts_max = 3, .delay = Duration::zero()};
  Hedging hedging{options, Deadline::never(), nullptr};
  EXPECT_EQ(copied(hedging.start(at(0))),
            (Actions{SendAttempt{0}, SendAttempt{1}, SendAttempt{2}}));
}

TEST(Hedging, TakesMoreThanFiveAttemptsForFive) {
  const HedgingOptions options{.attempts_max = 100, .delay = Duration::zero()};
  Hedging hedging{options, Deadline::never(), nullptr};
  EXPECT_EQ(hedging.start(at(0)).size(), 5U);
}

TEST(Hedging, GivesUpEverythingAtTheDeadline) {
  Hedging hedging{kExample, Deadline{at(800)}, nullptr};
  static_cast<void>(hedging.start(at(0)));
  static_cast<void>(hedging.on_timer(at(500)));
  EXPECT_EQ(hedging.next_timer(), at(800));
  EXPECT_EQ(copied(hedging.on_timer(at(800))),
            (Actions{CancelAttempt{0}, CancelAttempt{1}, Finish{HedgedResult::deadline, 1}}));
}

// "The first outgoing RPC will always be sent, but subsequent hedged RPCs will only be sent if
// token_count is greater than the threshold."
TEST(Hedging, SendsOnlyTheFirstWhileGrpcThrottles) {
  GrpcRetryThrottle throttle;
  for (int i = 0; i < 5; ++i) {
    throttle.attempt_ended(at(0), kUnavailable, Retryable::yes, std::nullopt);
  }
  Hedging hedging{kExample, Deadline::never(), &throttle};
  EXPECT_EQ(copied(hedging.start(at(0))), Actions{SendAttempt{0}});
  EXPECT_TRUE(hedging.on_timer(at(500)).empty());
  EXPECT_EQ(copied(hedging.on_result(at(600), 0, kUnavailable)),
            Actions{(Finish{HedgedResult::failed, 0})});
}

/// Follows the actions of one call and holds them against what a hedged call must do.
class Follower {
 public:
  void take(const Actions& actions, std::uint32_t attempts_max) {
    for (const HedgingAction& action : actions) {
      ASSERT_FALSE(finished_) << "an action after the end";
      if (const auto* send = std::get_if<SendAttempt>(&action)) {
        ASSERT_EQ(send->attempt, sent_++);
        ASSERT_LE(sent_, attempts_max);
        under_way_.insert(send->attempt);
      } else if (const auto* cancel = std::get_if<CancelAttempt>(&action)) {
        ASSERT_EQ(under_way_.erase(cancel->attempt), 1U) << "cancelled, but not under way";
      } else {
        finished_ = true;
        ASSERT_TRUE(under_way_.empty()) << "the call ended, a copy did not";
      }
    }
  }
  void answer(std::uint32_t attempt) { under_way_.erase(attempt); }
  [[nodiscard]] const std::set<std::uint32_t>& under_way() const { return under_way_; }
  [[nodiscard]] bool is_finished() const { return finished_; }

 private:
  std::set<std::uint32_t> under_way_;
  std::uint32_t sent_ = 0;
  bool finished_ = false;
};

TEST(Hedging, EndsOnceAndLeavesNothingUnderWayWhateverIsAnswered) {
  constexpr AttemptOutcome kOutcomes[] = {AttemptOutcome::succeeded, AttemptOutcome::unavailable,
                                          AttemptOutcome::timed_out, AttemptOutcome::unavailable,
                                          AttemptOutcome::failed};
  for (std::uint64_t seed = 1; seed <= 2'000; ++seed) {
    RandomStream random{seed, "test.hedging"};
    const HedgingOptions options{
        .attempts_max = 1 + static_cast<std::uint32_t>(random.below(5)),
        .delay = milliseconds{static_cast<std::int64_t>(random.below(3)) * 100}};
    ActiveRetryBudget budget{{.percent = 20, .minimum = 2}};
    Hedging hedging{options, Deadline{at(1000)}, &budget};
    Follower follower;
    Instant now = at(0);
    ASSERT_NO_FATAL_FAILURE(follower.take(copied(hedging.start(now)), options.attempts_max));
    while (!follower.is_finished()) {
      const Instant due = hedging.next_timer();
      ASSERT_NE(due, Instant::max()) << "seed " << seed << ": nothing would ever end this call";
      ASSERT_GE(due, now);
      const Instant answered = now + milliseconds{random.below(200)};
      Actions actions;
      if (follower.under_way().empty() || due <= answered) {
        now = due;
        actions = copied(hedging.on_timer(now));
      } else {
        now = answered;
        auto which = follower.under_way().begin();
        std::advance(which, static_cast<std::ptrdiff_t>(random.below(follower.under_way().size())));
        const std::uint32_t attempt = *which;
        AttemptEnd end{.outcome = kOutcomes[random.below(std::size(kOutcomes))]};
        if (random.below(4) == 0) {
          end.pushback = milliseconds{static_cast<std::int64_t>(random.below(300)) - 50};
        }
        follower.answer(attempt);
        actions = copied(hedging.on_result(now, attempt, end));
      }
      ASSERT_NO_FATAL_FAILURE(follower.take(actions, options.attempts_max)) << "seed " << seed;
    }
    ASSERT_TRUE(hedging.is_finished());
    ASSERT_EQ(budget.retries(), 0U) << "seed " << seed;
  }
}

// Two copies, the second after d: P(T > d + x) = P(L > d + x) P(L > x), and the second is sent with
// probability P(L > d). Exponential latencies of mean 1 s, d at their 95th percentile.
TEST(Hedging, AfterThe95thPercentileCostsFivePercentAndCutsTheTail) {
  constexpr int kCalls = 100'000;
  const double delay = -std::log(0.05);
  const HedgingOptions options{.attempts_max = 2,
                               .delay = Duration{static_cast<std::int64_t>(delay * 1e9)}};
  RandomStream random{1, "test.tail"};
  int extra = 0;
  int slow = 0;
  for (int call = 0; call < kCalls; ++call) {
    Hedging hedging{options, Deadline::never(), nullptr};
    std::vector<Instant> answers;
    Instant now{};
    Instant end{};
    Actions actions = copied(hedging.start(now));
    while (!hedging.is_finished()) {
      for (const HedgingAction& action : actions) {
        if (std::holds_alternative<SendAttempt>(action)) {
          answers.push_back(now + Duration{static_cast<std::int64_t>(random.exponential() * 1e9)});
        }
      }
      const auto first = std::min_element(answers.begin(), answers.end());
      now = std::min(*first, hedging.next_timer());
      end = now;
      actions = now == *first
                    ? copied(hedging.on_result(
                          now, static_cast<std::uint32_t>(first - answers.begin()), kSuccess))
                    : copied(hedging.on_timer(now));
    }
    extra += hedging.attempts_sent() == 2 ? 1 : 0;
    slow += static_cast<double>(nanoseconds_of(end)) / 1e9 > delay + 1 ? 1 : 0;
  }
  const auto expect_share = [](int count, double share) {
    EXPECT_NEAR(count / static_cast<double>(kCalls), share,
                4 * std::sqrt(share * (1 - share) / kCalls));
  };
  expect_share(extra, 0.05);
  expect_share(slow, 0.05 * std::exp(-2.0));
}

}  // namespace
}  // namespace windtunnel::retry
