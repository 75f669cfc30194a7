#include "chaos/measure/balance_measures.hpp"

#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "chaos/measure/measures.hpp"
#include "tests/chaos/made_record.hpp"

namespace windtunnel::chaos {
namespace {

const std::vector<HostId> kShops{HostId{10}, HostId{11}, HostId{12}, HostId{13}};

OperationRecord picked(Duration invoked, HostId instance) {
  OperationRecord made = operation(invoked, 1ms);
  made.picked = instance;
  return made;
}

/// A shop of four that is asked once a millisecond; `pick` says which instance the n-th request
/// goes to.
template <typename PickOf>
RunRecord shop_record(Duration length, const PickOf& pick) {
  RunRecord record = steady_record(length);
  ServiceRecord shop{"shop", 1s, {}, kShops};
  for (std::size_t n = 0; static_cast<std::int64_t>(n) * 1ms < length; ++n) {
    shop.requests.push_back(picked(static_cast<std::int64_t>(n) * 1ms, pick(n)));
  }
  record.services.push_back(std::move(shop));
  return record;
}

HostId in_turn(std::size_t n) {
  return kShops[n % kShops.size()];
}

FaultRecord crash_of(HostId host, Duration injected, std::optional<Duration> ended) {
  FaultRecord fault = strike("crash", injected, ended);
  fault.targets = {host};
  return fault;
}

MeasureValue value_of(const RunRecord& record, std::string_view measure, std::string_view window) {
  const MeasureTable table = Measures{record, {}}.table();
  const MeasureValue* const value = table.find("shop." + std::string{measure}, window);
  EXPECT_NE(value, nullptr) << measure << "@" << window;
  return value == nullptr ? no_evidence("no such row") : *value;
}

double ratio_of(const MeasureValue& value) {
  return std::get<Ratio>(*value.amount()).value;
}

Duration duration_of(const MeasureValue& value) {
  EXPECT_NE(value.amount(), nullptr) << why_absent(value);
  return value.amount() == nullptr ? Duration::max() : std::get<Duration>(*value.amount());
}

TEST(Balance, IsOneWhereAllHaveAsMuch) {
  const RunRecord record = shop_record(8s, in_turn);
  EXPECT_EQ(ratio_of(value_of(record, "balance", "")), 1.0);
  EXPECT_EQ(ratio_of(value_of(record, "balance.jain", "")), 1.0);
}

TEST(Balance, IsTheLargestShareOverTheFairOne) {
  // Half of the requests go to the first, the other half to the other three in turn.
  const RunRecord record = shop_record(
      6s, [](std::size_t n) { return n % 2 == 0 ? kShops[0] : in_turn(1 + n / 2 % 3); });
  EXPECT_EQ(ratio_of(value_of(record, "balance", "")), 2.0);
  // (3 + 1 + 1 + 1)² / 4 (3² + 1 + 1 + 1)
  EXPECT_NEAR(ratio_of(value_of(record, "balance.jain", "")), 36.0 / 48, 1e-12);
}

TEST(Balance, JainsIndexIsTheShareOfThoseThatHaveEverything) {
  const RunRecord record = shop_record(6s, [](std::size_t n) { return kShops[n % 2]; });
  EXPECT_NEAR(ratio_of(value_of(record, "balance.jain", "")), 2.0 / 4, 1e-12);
}

TEST(Balance, ExpectsNothingOfAnInstanceThatIsDown) {
  RunRecord record =
      shop_record(20s, [](std::size_t n) { return n < 10'000 ? in_turn(n) : kShops[n % 3]; });
  record.faults.push_back(crash_of(kShops[3], 10s, std::nullopt));
  EXPECT_NEAR(ratio_of(value_of(record, "balance", "")), 1.0, 1e-3);
  EXPECT_NEAR(ratio_of(value_of(record, "balance", "crash")), 1.0, 1e-3);
  record.faults.front().kind = "delay";
  EXPECT_NEAR(ratio_of(value_of(record, "balance", "crash")), 4.0 / 3, 1e-3);
}

TEST(Balance, HasNoEvidenceWhereNobodyWasPicked) {
  const RunRecord record = shop_record(5s, [](std::size_t) { return kNobody; });
  EXPECT_TRUE(std::holds_alternative<NoEvidence>(value_of(record, "balance", "").what));
  EXPECT_TRUE(std::holds_alternative<NoEvidence>(value_of(record, "balance.jain", "").what));
}

TEST(BalanceConvergence, EndsWhenAWindowWithTheLastOfTheOldPicksIsNearEnough) {
  // The dead instance gets its quarter for two seconds more. A window of a second is within 10 % of
  // the target once no more than a tenth of its picks go there: 0.25 (1 - x) <= 0.1, x = 0.6 s.
  RunRecord record =
      shop_record(30s, [](std::size_t n) { return n < 12'000 ? in_turn(n) : kShops[n % 3]; });
  record.faults.push_back(crash_of(kShops[3], 10s, std::nullopt));
  EXPECT_NEAR(seconds_of(duration_of(value_of(record, "balance_convergence", "crash"))), 1.6, 0.01);
}

TEST(BalanceConvergence, IsZeroWhereThePicksWereNeverDisturbed) {
  RunRecord record = shop_record(30s, in_turn);
  record.faults.push_back(strike("elsewhere", 10s, 12s));
  EXPECT_EQ(duration_of(value_of(record, "balance_convergence", "elsewhere")), Duration::zero());
}

TEST(BalanceConvergence, IsCensoredWhereItDoesNotHappen) {
  RunRecord record = shop_record(30s, in_turn);
  record.faults.push_back(crash_of(kShops[3], 10s, std::nullopt));
  EXPECT_TRUE(value_of(record, "balance_convergence", "crash").is_censored());
}

TEST(BalanceConvergence, IsUnknownWhereTheRunEndsBeforeItWasSustained) {
  RunRecord record =
      shop_record(16s, [](std::size_t n) { return n < 12'000 ? in_turn(n) : kShops[n % 3]; });
  record.faults.push_back(crash_of(kShops[3], 10s, std::nullopt));
  EXPECT_TRUE(
      std::holds_alternative<NoEvidence>(value_of(record, "balance_convergence", "crash").what));
}

TEST(BalanceConvergence, IsUnknownWhereSoFewAreAskedThatChanceExplainsAnything) {
  RunRecord record = shop_record(30s, [](std::size_t n) {
    const bool asks = n < 10'000 || n % 500 == 0;
    return asks ? kShops[n % 4 == 0 ? 0 : 1] : kNobody;
  });
  record.faults.push_back(strike("f", 10s, 12s));
  EXPECT_TRUE(
      std::holds_alternative<NoEvidence>(value_of(record, "balance_convergence", "f").what));
}

TEST(Reversion, CountsFromTheFaultsEndToTheSharesBeforeIt) {
  // Before the fault three of the four are asked: that is what comes back three seconds after it.
  RunRecord record = shop_record(
      40s, [](std::size_t n) { return n < 20'000 || n >= 28'000 ? kShops[n % 3] : kShops[n % 2]; });
  record.faults.push_back(strike("f", 20s, 25s));
  // 1/3 of a window's picks must come down to 1/10: 0.7 of the window behind 28 s.
  EXPECT_NEAR(seconds_of(duration_of(value_of(record, "reversion", "f"))), 2.7, 0.01);
  EXPECT_EQ(duration_of(value_of(record, "reversion.outage", "f")), Duration::zero());
  for (OperationRecord& request : record.services[0].requests) {
    const bool is_bad = request.invoked_at >= at(26s) && request.invoked_at < at(27s);
    request.outcome = is_bad ? OperationOutcome::failed : request.outcome;
  }
  EXPECT_EQ(duration_of(value_of(record, "reversion.outage", "f")), 1000ms);
}

TEST(Reversion, DoesNotApplyToAFaultThatDidNotEnd) {
  RunRecord record = shop_record(30s, in_turn);
  record.faults.push_back(strike("f", 10s));
  EXPECT_TRUE(std::holds_alternative<NotApplicable>(value_of(record, "reversion", "f").what));
}

TEST(PickTarget, FollowsHostsThatStopAndStart) {
  std::vector<FaultRecord> faults{crash_of(kShops[0], 10s, 20s), crash_of(kShops[1], 15s, 30s)};
  faults.push_back(crash_of(kShops[0], 12s, 25s));
  const PickTarget target = even_target(kShops, faults);
  std::vector<std::pair<Duration, double>> first;
  for (const PickShares& stretch : target.stretches()) {
    first.emplace_back(stretch.since.time_since_epoch(), stretch.of_instance[0]);
  }
  const std::vector<std::pair<Duration, double>> expected{
      {0s, 0.25}, {10s, 0}, {12s, 0}, {15s, 0}, {20s, 0}, {25s, 1.0 / 3}, {30s, 0.25}};
  EXPECT_EQ(first, expected);
}

// ---- the definition, word for word ----

double distance_in(const std::vector<OperationRecord>& operations, const PickTarget& target,
                   TimeWindow window, std::uint64_t& picks) {
  std::vector<double> off(target.instances().size());
  picks = 0;
  for (const OperationRecord& operation : operations) {
    const std::size_t place = target.place_of(operation.picked);
    if (place == off.size() || !window.contains(operation.invoked_at)) {
      continue;
    }
    ++picks;
    off[place] += 1;
    const PickShares* shares = &target.stretches().front();
    for (const PickShares& stretch : target.stretches()) {
      shares = stretch.since <= operation.invoked_at ? &stretch : shares;
    }
    for (std::size_t i = 0; i < off.size(); ++i) {
      off[i] -= shares->of_instance[i];
    }
  }
  double sum = 0;
  for (const double difference : off) {
    sum += std::abs(difference);
  }
  return picks == 0 ? 0 : sum / 2 / static_cast<double>(picks);
}

/// Every window of every nanosecond.
std::optional<Duration> dumb_convergence(const std::vector<OperationRecord>& operations,
                                         const PickTarget& target, TimeWindow within,
                                         const BalanceOptions& options, bool silent_is_good) {
  const double needed =
      static_cast<double>(target.instances().size()) /
      (2 * 3.14159265358979323846 * options.distance.value * options.distance.value);
  std::optional<TrueInstant> since;
  for (TrueInstant s = within.from; s + options.window <= within.to; s += 1ns) {
    std::uint64_t picks = 0;
    const double distance =
        distance_in(operations, target, {.from = s, .to = s + options.window}, picks);
    const bool near = picks > 0 && distance <= options.distance.value;
    const bool silent = !near && static_cast<double>(picks) < needed;
    if (!near && !(silent && silent_is_good)) {
      since.reset();
      continue;
    }
    since = since.value_or(s);
    if (s - *since >= options.sustain - options.window) {
      return *since - within.from;
    }
  }
  return std::nullopt;
}

RC_GTEST_PROP(BalanceConvergenceProperty, AgreesWithTheDefinitionWordForWord, ()) {
  std::vector<OperationRecord> operations;
  Duration invoked{};
  const int skew = *rc::gen::inRange(0, 3);
  for (int i = *rc::gen::inRange(1, 150); i > 0; --i) {
    invoked += Duration{*rc::gen::inRange(0, 3)};
    const int drawn = *rc::gen::inRange(0, 5 + skew);
    operations.push_back(picked(invoked, drawn < 4 ? kShops[static_cast<std::size_t>(drawn)]
                                                   : (drawn == 4 ? kNobody : kShops[1])));
  }
  std::vector<FaultRecord> faults;
  if (*rc::gen::arbitrary<bool>()) {
    const Duration began{*rc::gen::inRange(0, 100)};
    faults.push_back(crash_of(kShops[0], began, began + Duration{*rc::gen::inRange(1, 60)}));
  }
  const PickTarget target = even_target(kShops, faults);
  const Duration window{*rc::gen::inRange(1, 30)};
  const BalanceOptions options{.distance = Ratio::of(*rc::gen::element(17U, 33U, 47U), 100),
                               .window = window,
                               .sustain = window + Duration{*rc::gen::inRange(0, 40)}};
  const TimeWindow within{.from = at(Duration{*rc::gen::inRange(0, 20)}), .to = at(120ns)};

  const OperationsByTime by_time{operations};
  const MeasureValue fast = balance_convergence(by_time, target, within, options);
  RC_PRE(tally_of(by_time.invoked_in(within), target).all() > 0);
  const auto optimistic = dumb_convergence(operations, target, within, options, true);
  const auto pessimistic = dumb_convergence(operations, target, within, options, false);

  RC_CLASSIFY(fast.amount() != nullptr, "measured");
  RC_CLASSIFY(fast.is_censored(), "censored");
  RC_ASSERT((fast.amount() != nullptr) == (optimistic && optimistic == pessimistic));
  if (fast.amount() != nullptr) {
    RC_ASSERT(std::get<Duration>(*fast.amount()) == *optimistic);
  }
}

}  // namespace
}  // namespace windtunnel::chaos
