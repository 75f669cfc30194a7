#include "chaos/measure/recovery.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "chaos/measure/measures.hpp"
#include "runtime/random.hpp"
#include "tests/chaos/made_record.hpp"

namespace windtunnel::chaos {
namespace {

MeasureValue recovery_of(const RunRecord& record, const RecoveryOptions& options = {}) {
  const Measures measures{record, {.recovery = options}};
  return measures.faults().front().recovery_time;
}

RunRecord struck_record(Duration length) {
  RunRecord record = steady_record(length);
  record.faults.push_back(strike("blow", 20s));
  return record;
}

TEST(Recovery, IsZeroWhereNoOperationSuffered) {
  const MeasureValue value = recovery_of(struck_record(30s));

  EXPECT_EQ(value, measured(Duration::zero(), 1000));
}

TEST(Recovery, BeginsOneNanosecondAfterTheLastFailedInvocation) {
  RunRecord record = struck_record(30s);
  disturb(record, 20400ms, 21600ms, 5ms, OperationOutcome::failed);

  EXPECT_EQ(recovery_of(record), measured(Duration{1590ms + 1ns}, 1000));
}

TEST(Recovery, CountsFromTheFaultEvenIfTheDamageComesLater) {
  RunRecord record = struck_record(30s);
  disturb(record, 23s, 23010ms, 5ms, OperationOutcome::failed);

  EXPECT_EQ(recovery_of(record), measured(Duration{3s + 1ns}, 1000));
}

TEST(Recovery, AcceptsDamageThatComesAfterTheSustainedStretch) {
  RunRecord record = struck_record(30s);
  disturb(record, 20s, 20010ms, 5ms, OperationOutcome::failed);
  disturb(record, 25010ms, 25020ms, 5ms, OperationOutcome::failed);

  EXPECT_EQ(recovery_of(record), measured(Duration{1ns}, 1000));
}

TEST(Recovery, AllowsLatencyUpToTwoBaselines) {
  RunRecord record = struck_record(30s);
  disturb(record, 20s, 21s, 4ms, OperationOutcome::ok);
  EXPECT_EQ(recovery_of(record), measured(Duration::zero(), 1000));

  disturb(record, 20s, 21s, Duration{4ms + 1ns}, OperationOutcome::ok);
  EXPECT_EQ(recovery_of(record), measured(Duration{990ms + 1ns}, 1000));
}

TEST(Recovery, AllowsOneSlowOperationInAHundredOfAWindow) {
  RunRecord record = struck_record(30s);
  disturb(record, 22s, 22010ms, 5ms, OperationOutcome::ok);

  EXPECT_EQ(recovery_of(record, {.window = 1s}), measured(Duration::zero(), 1000));
  EXPECT_EQ(recovery_of(record, {.window = 990ms}), measured(Duration{2s + 1ns}, 1000));
}

TEST(Recovery, AllowsOneFailureInAHundredOfAWindow) {
  RunRecord record = struck_record(30s);
  disturb(record, 22s, 22010ms, 5ms, OperationOutcome::failed);

  EXPECT_EQ(recovery_of(record, {.window = 1s}), measured(Duration::zero(), 1000));
  EXPECT_EQ(recovery_of(record, {.window = 990ms}), measured(Duration{2s + 1ns}, 1000));
}

TEST(Recovery, IsCensoredWhereTheServiceStaysBad) {
  RunRecord record = struck_record(30s);
  disturb(record, 21s, 30s, 5ms, OperationOutcome::failed);

  const MeasureValue value = recovery_of(record);

  ASSERT_TRUE(value.is_censored());
  EXPECT_EQ(std::get<Censored>(value.what).at_least, Amount{Duration{10s}});
}

TEST(Recovery, IsUnknownWhereTheRunEndsBeforeItIsSustained) {
  RunRecord record = struck_record(30s);
  disturb(record, 20s, 25010ms, 5ms, OperationOutcome::failed);

  const MeasureValue value = recovery_of(record);

  ASSERT_TRUE(std::holds_alternative<NoEvidence>(value.what));
  EXPECT_EQ(std::get<NoEvidence>(value.what).at_least, Amount{Duration{5s + 1ns}});
}

TEST(Recovery, IsKnownWhereTheRunEndsExactlyWhenItIsSustained) {
  RunRecord record = struck_record(30s);
  disturb(record, 20s, 25s, 5ms, OperationOutcome::failed);

  record.operations.push_back(operation(25s - 1ns, 5ms, OperationOutcome::failed));

  EXPECT_EQ(recovery_of(record), measured(Duration{5s}, 1001));
}

TEST(Recovery, IsUnknownWhereTheNextFaultStrikesTooSoon) {
  RunRecord record = struck_record(30s);
  record.faults.push_back(strike("next", 24s));

  const MeasureValue value = recovery_of(record);

  EXPECT_TRUE(std::holds_alternative<NoEvidence>(value.what)) << to_text(value);
}

TEST(Recovery, TakesTheWorstWindowOfTheSteadyStretchForItsBaseline) {
  RunRecord record = steady_record(20s);
  disturb(record, 12s, 12010ms, 9ms, OperationOutcome::ok);
  disturb(record, 13s, 13010ms, 90ms, OperationOutcome::failed);
  disturb(record, 19990ms, 20s, 90ms, OperationOutcome::ok);
  const OperationsByTime operations{record.operations};

  EXPECT_EQ(baseline_latency(operations, {at(10s), at(20s)}, 100ms), Duration{9ms});
  EXPECT_EQ(baseline_latency(operations, {at(13s), at(20s)}, 100ms), Duration{2ms});
  EXPECT_EQ(baseline_latency(operations, {at(0s), at(500ms)}, 100ms), std::nullopt);
}

TEST(Recovery, IsZeroForAServiceWhoseLatencyOnlyVaries) {
  int zero = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    RandomStream stream{seed, "latency"};
    RunRecord record = struck_record(60s);
    for (OperationRecord& op : record.operations) {
      // Lognormal with the median 1 ms and the p99 8 ms, as a disk's fsync.
      const double factor = std::exp(std::log(8.0) / 2.326 * stream.normal());
      op.ended_at = op.invoked_at + Duration{static_cast<std::int64_t>(1e6 * (2 + factor))};
    }
    zero += recovery_of(record) == measured(Duration::zero(), 4000) ? 1 : 0;
  }
  EXPECT_GE(zero, 18);
}

TEST(Recovery, IsUnknownWithoutABaseline) {
  RunRecord record = struck_record(30s);
  disturb(record, 0s, 20s, 5ms, OperationOutcome::failed);

  EXPECT_TRUE(std::holds_alternative<NoEvidence>(recovery_of(record).what));
}

TEST(Recovery, IsUnknownWhereSilenceDecides) {
  RunRecord record = struck_record(30s);
  disturb(record, 20s, 21s, 5ms, OperationOutcome::failed);
  std::erase_if(record.operations, [](const OperationRecord& op) {
    return at(22s) <= op.invoked_at && op.invoked_at < at(22200ms);
  });

  const MeasureValue value = recovery_of(record);

  ASSERT_TRUE(std::holds_alternative<NoEvidence>(value.what));
  EXPECT_EQ(std::get<NoEvidence>(value.what).at_least, Amount{Duration{990ms + 1ns}});
}

TEST(Recovery, IsUnknownWithoutAnyOperation) {
  RunRecord record = struck_record(30s);
  std::erase_if(record.operations,
                [](const OperationRecord& op) { return op.invoked_at >= at(20s); });

  EXPECT_TRUE(std::holds_alternative<NoEvidence>(recovery_of(record).what));
}

TEST(Recovery, TakesAHungOperationForAFailureOnceItIsTooOld) {
  RunRecord record = struck_record(30s);
  OperationRecord& hung = record.operations[2000];
  hung.outcome = OperationOutcome::unfinished;
  hung.ended_at = record.ended_at;
  ASSERT_EQ(hung.invoked_at, at(21s));

  EXPECT_EQ(recovery_of(record), measured(Duration{1s + 1ns}, 1000));
}

TEST(Recovery, LeavesOutOperationsThatTheEndOfTheRunCutShort) {
  RunRecord record = struck_record(30s);
  OperationRecord& cut = record.operations.back();
  cut.outcome = OperationOutcome::unfinished;
  cut.ended_at = cut.invoked_at + 1ms;

  EXPECT_EQ(recovery_of(record), measured(Duration::zero(), 999));
}

TEST(Recovery, DoesNotDependOnTheOrderOfTheRecord) {
  RunRecord record = leader_loss_record();
  const MeasureValue in_order = recovery_of(record);
  std::ranges::reverse(record.operations);

  EXPECT_EQ(recovery_of(record), in_order);
}

// The definition, word for word, for every t and every s: quadratic in the length of the run.
class DumbRecovery {
 public:
  DumbRecovery(const RunRecord& record, TimeWindow within, Duration latency_max,
               const RecoveryOptions& options)
      : record_(record), within_(within), latency_max_(latency_max), options_(options) {}

  MeasureValue answer() const {
    const auto without_bad = first_t([](char state) { return state != 'b'; });
    const auto without_gaps = first_t([](char state) { return state == 'g'; });
    if (without_bad && without_bad == without_gaps) {
      return measured(*without_bad, 0);
    }
    if (without_bad) {
      return no_evidence("", 0, *without_bad);
    }
    return state_of(within_.length() - options_.window) == 'b' ? censored("", 0, within_.length())
                                                               : no_evidence("", 0, calm_since());
  }

 private:
  char state_of(Duration start) const {
    int fast = 0;
    int slow = 0;
    int failed = 0;
    for (const OperationRecord& op : record_.operations) {
      const Duration invoked = op.invoked_at - within_.from;
      if (invoked < start || invoked >= start + options_.window) {
        continue;
      }
      const bool late = op.ended_at - op.invoked_at > latency_max_;
      if (op.outcome == OperationOutcome::ok) {
        ++(late ? slow : fast);
      } else if (late || op.outcome != OperationOutcome::unfinished) {
        ++failed;
      }
    }
    const int succeeded = fast + slow;
    if (succeeded + failed == 0) {
      return 's';
    }
    const bool few = succeeded * 100 < 90 * (succeeded + failed);
    return few || slow * 100 > succeeded || succeeded == 0 ? 'b' : 'g';
  }

  template <typename Accepts>
  std::optional<Duration> first_t(Accepts accepts) const {
    for (Duration t{}; t + options_.sustain <= within_.length(); ++t) {
      bool all = true;
      for (Duration s = t; all && s + options_.window <= t + options_.sustain; ++s) {
        all = accepts(state_of(s));
      }
      if (all) {
        return t;
      }
    }
    return std::nullopt;
  }

  Duration calm_since() const {
    Duration start = within_.length() - options_.window;
    while (start > Duration::zero() && state_of(start - 1ns) != 'b') {
      --start;
    }
    return start;
  }

  const RunRecord& record_;
  TimeWindow within_;
  Duration latency_max_;
  RecoveryOptions options_;
};

RunRecord random_record() {
  const auto count = *rc::gen::inRange(1, 400);
  const auto bad_until = *rc::gen::oneOf(rc::gen::inRange(0, 200), rc::gen::just(200));
  const auto bad_share = *rc::gen::element(0, 2, 10, 60, 100);
  RunRecord record;
  record.ended_at = at(200ns);
  for (int i = 0; i < count; ++i) {
    const auto invoked = *rc::gen::resize(100, rc::gen::inRange(0, 200));
    const bool is_bad =
        invoked < bad_until && *rc::gen::resize(100, rc::gen::inRange(0, 100)) < bad_share;
    const auto outcome =
        is_bad ? *rc::gen::element(OperationOutcome::ok, OperationOutcome::failed,
                                   OperationOutcome::indeterminate, OperationOutcome::unfinished)
               : OperationOutcome::ok;
    const Duration latency{is_bad ? *rc::gen::resize(100, rc::gen::inRange(0, 12)) : 3};
    record.operations.push_back(operation(Duration{invoked}, latency, outcome));
  }
  return record;
}

MeasureValue without_words(MeasureValue value) {
  value.n = 0;
  if (auto* absent = std::get_if<Censored>(&value.what)) {
    absent->why.clear();
  }
  if (auto* absent = std::get_if<NoEvidence>(&value.what)) {
    absent->why.clear();
  }
  return value;
}

RC_GTEST_PROP(RecoveryProperty, AgreesWithTheDefinitionWordForWord, ()) {
  const RunRecord record = random_record();
  const Duration window{*rc::gen::resize(100, rc::gen::inRange(1, 40))};
  const Duration sustain = window + Duration{*rc::gen::inRange(0, 60)};
  const RecoveryOptions options{.success_ratio = Ratio::of(90, 100),
                                .latency_factor = 2,
                                .window = window,
                                .sustain = sustain};
  const TimeWindow within{.from = at(10ns), .to = at(190ns)};

  const OperationsByTime operations{record.operations};
  const MeasureValue fast = recovery_time(operations, within, Duration{3}, options);
  RC_PRE(!operations.invoked_in(within).empty());
  const MeasureValue dumb = DumbRecovery{record, within, Duration{6}, options}.answer();

  RC_CLASSIFY(fast.amount() != nullptr, "recovered");
  RC_CLASSIFY(fast.amount() != nullptr && *fast.amount() != Amount{Duration{}}, "recovered later");
  RC_CLASSIFY(fast.is_censored(), "censored");
  RC_CLASSIFY(std::holds_alternative<NoEvidence>(fast.what), "unknown");
  const bool only_unknown_fates = fast.n == 0;
  if (!only_unknown_fates) {
    RC_ASSERT(without_words(fast) == without_words(dumb));
  }
}

RC_GTEST_PROP(RecoveryChainProperty, AddsUpToTheRecoveryTimeExactly, ()) {
  RunRecord record = random_record();
  record.faults.push_back(strike("blow", Duration{*rc::gen::inRange(1, 100)}));
  record.operations.push_back(operation(Duration{0}, Duration{0}));
  for (int i = *rc::gen::inRange(0, 4); i > 0; --i) {
    const Duration stood{*rc::gen::inRange(0, 200)};
    const auto term = static_cast<std::uint64_t>(*rc::gen::inRange(1, 5));
    record.candidacies.push_back({.at = at(stood), .host = cp_a, .term = term, .pre_vote = false});
    record.leaders.push_back({.at = at(stood + Duration{5}), .host = cp_a, .term = term});
    record.commits.push_back(
        {.at = at(stood + Duration{9}), .host = cp_a, .term = term, .index = 1});
  }
  const RecoveryOptions options{.success_ratio = Ratio::of(1, 2),
                                .latency_factor = 1e9,
                                .window = Duration{10},
                                .sustain = Duration{*rc::gen::inRange(10, 30)}};

  const Measures measures{record, {.recovery = options, .client_timeout = Duration{8}}};
  const FaultMeasures& fault = measures.faults().front();

  RC_CLASSIFY(fault.chain.recovered, "recovered");
  for (const ChainPart& part : fault.chain.parts) {
    RC_ASSERT(part.length >= Duration::zero());
  }
  const Duration expected = fault.chain.recovered
                                ? std::get<Duration>(*fault.recovery_time.amount())
                                : fault.group.window.length();
  RC_ASSERT(fault.chain.total() == expected);
}

TEST(RecoveryChain, NamesWhatHappenedBetweenFaultAndRecovery) {
  const RunRecord record = leader_loss_record();
  const Measures measures{record, {}};
  const RecoveryChain& chain = measures.faults().front().chain;

  EXPECT_TRUE(chain.recovered);
  EXPECT_EQ(chain.parts[0].length, Duration{1s});
  EXPECT_EQ(chain.parts[1].length, Duration{50ms});
  EXPECT_EQ(chain.parts[2].length, Duration{40ms + 1ns});
  EXPECT_EQ(chain.parts[2].note, ChainNote::came_later);
  EXPECT_EQ(chain.parts[3].length, Duration::zero());
  EXPECT_EQ(chain.parts[4].length, Duration::zero());
  EXPECT_EQ(chain.total(), Duration{1090ms + 1ns});
}

TEST(RecoveryChain, HasNoElectionWhereTheLeaderKeptItsOffice) {
  RunRecord record = struck_record(30s);
  disturb(record, 20s, 20500ms, 5ms, OperationOutcome::failed);
  record.faults.front().targets = {cp_c};
  const Measures measures{record, {}};
  const RecoveryChain& chain = measures.faults().front().chain;

  EXPECT_EQ(chain.parts[0].note, ChainNote::did_not_occur);
  EXPECT_EQ(chain.parts[1].note, ChainNote::did_not_occur);
  EXPECT_EQ(chain.parts[2].note, ChainNote::did_not_occur);
  EXPECT_EQ(chain.parts[3].note, ChainNote::came_later);
  EXPECT_EQ(chain.total(), Duration{490ms + 1ns});
}

TEST(SteadyWindow, BeginsWithTheFirstCommitWhereTheClusterIsStillStarting) {
  RunRecord record = steady_record(20s);
  record.faults.push_back(strike("f", 5s, 6s));
  const TimeWindow steady = steady_window(record, fault_groups(record), 10s);
  EXPECT_EQ(steady.from, record.commits.front().at);
  EXPECT_EQ(steady.to, at(5s));

  record.commits.clear();
  EXPECT_EQ(steady_window(record, fault_groups(record), 10s).from, at(0s));
}

}  // namespace
}  // namespace windtunnel::chaos
