#include "models/proxy/route.hpp"

#include <deque>
#include <map>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include <boost/describe.hpp>
#include <boost/mp11/algorithm.hpp>
#include <gtest/gtest.h>

namespace windtunnel::proxy {
namespace {

using service::CallOutcome;
using namespace std::chrono_literals;

constexpr std::uint32_t kEndpoints = 5;

std::vector<balance::Endpoint> endpoints(std::uint32_t count = kEndpoints) {
  std::vector<balance::Endpoint> all(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    all[i].id = balance::EndpointId{i};
    all[i].address = "10.0.0." + std::to_string(i) + ":80";
    all[i].zone = "a";
  }
  return all;
}

Instant at(Duration since_start) {
  return Instant{since_start};
}

RoutePolicy policy_with(BalanceKind kind) {
  RoutePolicy policy;
  policy.caller = "*";
  policy.callee = "shop";
  policy.balance.kind = kind;
  return policy;
}

class RouteTest : public ::testing::Test {
 protected:
  Route& make(const RoutePolicy& policy) {
    return route_.emplace(RouteInput{"a", 0, RandomStream{1, "route"}}, policy, endpoints(), now_);
  }
  /// One attempt, from its beginning to `outcome`; nothing where it was refused.
  std::optional<balance::EndpointId> attempt(CallOutcome outcome, std::string_view key = "") {
    const auto begun = route_->begin_attempt(now_, {.key = key});
    const auto* const sent = std::get_if<Attempt>(&begun);
    if (sent == nullptr) {
      return std::nullopt;
    }
    now_ += 1ms;
    route_->end_attempt(now_, *sent, outcome);
    return sent->endpoint;
  }
  /// A hundred attempts, of which those at one endpoint end badly.
  void attempt_with_one_bad(std::uint32_t endpoint, CallOutcome how) {
    for (int i = 0; i < 100; ++i) {
      const auto begun = route_->begin_attempt(now_, {});
      const auto& sent = std::get<Attempt>(begun);
      route_->end_attempt(now_, sent, sent.endpoint.value() == endpoint ? how : CallOutcome::ok);
    }
  }
  /// The endpoints that `count` successful attempts went to.
  std::map<std::uint32_t, int> shares(int count) {
    std::map<std::uint32_t, int> counts;
    for (int i = 0; i < count; ++i) {
      const auto endpoint = attempt(CallOutcome::ok, "key-" + std::to_string(i));
      if (endpoint) {
        ++counts[endpoint->value()];
      }
    }
    return counts;
  }

  std::optional<Route> route_;
  Instant now_ = at(1s);
};

TEST_F(RouteTest, ReachesEveryEndpointUnderEveryKindOfBalance) {
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<BalanceKind>>([&](auto kind) {
    make(policy_with(kind.value));
    const auto counts = shares(2000);
    EXPECT_EQ(counts.size(), kEndpoints) << kind.name;
    for (const auto& [endpoint, count] : counts) {
      EXPECT_GT(count, 100) << kind.name << ", endpoint " << endpoint;
    }
  });
}

TEST_F(RouteTest, AdmitsNoMoreThanItsRateAndBurst) {
  RoutePolicy policy = policy_with(BalanceKind::random);
  policy.rate_limit = RateLimitSettings{100, 1s, 10};
  Route& route = make(policy);
  int admitted = 0;
  for (int i = 0; i < 5000; ++i) {
    if (!route.admit(now_ + i * 1ms)) {
      ++admitted;
      route.end_request();
    }
  }
  EXPECT_EQ(admitted, 10 + 499);
  EXPECT_EQ(route.counters().rate_limited, 5000U - 509U);
}

TEST_F(RouteTest, AdmitsAsManyAtOnceAsItMayAndAgainWhenOneEnds) {
  RoutePolicy policy = policy_with(BalanceKind::random);
  policy.concurrency = 2;
  Route& route = make(policy);
  EXPECT_FALSE(route.admit(now_));
  EXPECT_FALSE(route.admit(now_));
  EXPECT_EQ(route.admit(now_), Refused::concurrency);
  route.end_request();
  EXPECT_FALSE(route.admit(now_));
}

TEST_F(RouteTest, LowersItsConcurrencyWithoutLosingCountOfWhatIsUnderWay) {
  RoutePolicy policy = policy_with(BalanceKind::random);
  policy.concurrency = 4;
  Route& route = make(policy);
  for (int i = 0; i < 4; ++i) {
    ASSERT_FALSE(route.admit(now_));
  }
  policy.concurrency = 2;
  route.apply(now_, policy);
  route.end_request();
  route.end_request();
  EXPECT_EQ(route.admit(now_), Refused::concurrency);
  route.end_request();
  EXPECT_FALSE(route.admit(now_));
}

TEST_F(RouteTest, OpensItsBreakerAtTheErrorRatioAndTriesAgainAfterItsTime) {
  RoutePolicy policy = policy_with(BalanceKind::round_robin);
  policy.breaker = BreakerSettings{};
  Route& route = make(policy);
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(attempt(CallOutcome::ok));
    EXPECT_TRUE(attempt(CallOutcome::failed));
  }
  EXPECT_FALSE(attempt(CallOutcome::ok));
  const auto opened = route.take_transition();
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->to, breaker::State::open);
  now_ += 5s;
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(attempt(CallOutcome::ok));
  }
  EXPECT_EQ(route.take_transition()->to, breaker::State::half_open);
  EXPECT_EQ(route.take_transition()->to, breaker::State::closed);
}

TEST_F(RouteTest, KeepsAnOpenBreakerOverAChangeOfAnotherSetting) {
  RoutePolicy policy = policy_with(BalanceKind::round_robin);
  policy.breaker = BreakerSettings{};
  Route& route = make(policy);
  for (int i = 0; i < 20; ++i) {
    attempt(CallOutcome::failed);
  }
  ASSERT_FALSE(attempt(CallOutcome::ok));
  policy.timeout = 300ms;
  route.apply(now_, policy);
  EXPECT_FALSE(attempt(CallOutcome::ok));
  policy.breaker->minimum = 30;
  route.apply(now_, policy);
  EXPECT_TRUE(attempt(CallOutcome::ok));
}

TEST_F(RouteTest, LetsNoAttemptOfAnOldBreakerSettleANewOne) {
  RoutePolicy policy = policy_with(BalanceKind::round_robin);
  policy.breaker = BreakerSettings{};
  Route& route = make(policy);
  std::vector<Attempt> old;
  for (int i = 0; i < 100; ++i) {
    old.push_back(std::get<Attempt>(route.begin_attempt(now_, {})));
  }
  policy.breaker->open_for = 9s;
  route.apply(now_, policy);
  for (const Attempt& sent : old) {
    route.end_attempt(now_, sent, CallOutcome::failed);
  }
  EXPECT_TRUE(attempt(CallOutcome::ok));
}

TEST_F(RouteTest, EjectsAnEndpointThatKeepsFailingAndTakesItBack) {
  RoutePolicy policy = policy_with(BalanceKind::round_robin);
  policy.outlier = OutlierSettings{};
  policy.outlier->max_ejected = 400'000'000;
  Route& route = make(policy);
  attempt_with_one_bad(3, CallOutcome::failed);
  EXPECT_EQ(route.ejected(), 1U);
  EXPECT_FALSE(shares(100).contains(3));
  const auto events = route.take_outlier_events();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].endpoint.value(), 3U);
  EXPECT_EQ(events[0].cause, health::OutlierCause::consecutive_5xx);
  now_ += 41s;
  EXPECT_TRUE(shares(100).contains(3));
}

TEST_F(RouteTest, ForgetsAnEjectionWithItsEndpointOrItsDetectorAndSaysSo) {
  RoutePolicy policy = policy_with(BalanceKind::round_robin);
  policy.outlier = OutlierSettings{};
  policy.outlier->max_ejected = 400'000'000;
  Route& route = make(policy);
  const auto is_forgotten = [&] {
    const auto events = route.take_outlier_events();
    return !events.empty() && events.back().endpoint.value() == 3 &&
           events.back().action == health::OutlierAction::forgotten;
  };
  attempt_with_one_bad(3, CallOutcome::failed);
  std::vector<balance::Endpoint> without = endpoints();
  route.update(now_, without);
  EXPECT_EQ(route.ejected(), 1U);
  EXPECT_FALSE(is_forgotten());
  without.erase(without.begin() + 3);
  route.update(now_, without);
  EXPECT_TRUE(is_forgotten());
  route.update(now_, endpoints());
  EXPECT_TRUE(shares(100).contains(3));
  attempt_with_one_bad(3, CallOutcome::failed);
  ASSERT_EQ(route.ejected(), 1U);
  policy.outlier->interval = 7s;
  route.apply(now_, policy);
  EXPECT_EQ(route.ejected(), 0U);
  EXPECT_TRUE(is_forgotten());
}

// istio/istio#34605: with few endpoints and the default cap nobody is ever ejected, and traffic
// keeps going to the dead.
TEST_F(RouteTest, SaysThatTheCapKeptADeadEndpointInService) {
  RoutePolicy policy = policy_with(BalanceKind::round_robin);
  policy.outlier = OutlierSettings{};
  Route& route = make(policy);
  attempt_with_one_bad(3, CallOutcome::unreachable);
  EXPECT_EQ(route.ejected(), 0U);
  EXPECT_TRUE(shares(100).contains(3));
  const auto events = route.take_outlier_events();
  ASSERT_FALSE(events.empty());
  EXPECT_EQ(events[0].action, health::OutlierAction::prevented_by_cap);
}

TEST_F(RouteTest, SendsARequestForAVersionToItsEndpointsUnderEveryKindOfBalance) {
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<BalanceKind>>([&](auto kind) {
    Route& route = make(policy_with(kind.value));
    std::vector<balance::Endpoint> versioned = endpoints();
    for (balance::Endpoint& endpoint : versioned) {
      endpoint.labels.emplace_back("version", endpoint.id.value() < 3 ? "1" : "2");
    }
    route.update(now_, versioned);
    std::map<std::uint32_t, int> counts;
    for (int i = 0; i < 2000; ++i) {
      const std::string key = "key-" + std::to_string(i);
      const std::uint32_t version = i % 2 == 0 ? 1 : 2;
      const auto begun = route.begin_attempt(now_, {.key = key}, version);
      const auto& sent = std::get<Attempt>(begun);
      EXPECT_EQ(sent.version, version);
      EXPECT_EQ(sent.endpoint.value() < 3, version == 1) << kind.name;
      route.end_attempt(now_, sent, CallOutcome::ok);
      ++counts[sent.endpoint.value()];
    }
    EXPECT_EQ(counts.size(), kEndpoints) << kind.name;
    EXPECT_EQ(std::get<Refused>(route.begin_attempt(now_, {}, 3)), Refused::no_endpoint);
    EXPECT_TRUE(std::holds_alternative<Attempt>(route.begin_attempt(now_, {})));
  });
}

TEST_F(RouteTest, FindsNobodyOfAVersionWhereNoEndpointSaysItsOwn) {
  Route& route = make(policy_with(BalanceKind::round_robin));
  EXPECT_EQ(std::get<Refused>(route.begin_attempt(now_, {}, 2)), Refused::no_endpoint);
  EXPECT_TRUE(std::holds_alternative<Attempt>(route.begin_attempt(now_, {})));
}

TEST_F(RouteTest, UsesASubsetOfEachVersion) {
  RoutePolicy policy = policy_with(BalanceKind::round_robin);
  policy.balance.subset_size = 2;
  Route& route = make(policy);
  std::vector<balance::Endpoint> versioned = endpoints(40);
  for (balance::Endpoint& endpoint : versioned) {
    endpoint.labels.emplace_back("version", endpoint.id.value() < 37 ? "1" : "2");
  }
  route.update(now_, versioned);
  std::map<std::uint32_t, std::map<std::uint32_t, int>> counts;
  for (int i = 0; i < 100; ++i) {
    for (const std::uint32_t version : {1U, 2U}) {
      const auto begun = route.begin_attempt(now_, {}, version);
      const auto& sent = std::get<Attempt>(begun);
      const std::uint32_t instance = route.instance_of(sent.endpoint).value();
      EXPECT_EQ(instance < 37, version == 1);
      ++counts[version][instance];
      route.end_attempt(now_, sent, CallOutcome::ok);
    }
  }
  EXPECT_EQ(counts[1].size(), 2U);
  EXPECT_EQ(counts[2].size(), 2U);
}

TEST_F(RouteTest, CountsAnAttemptThatOutlivesItsBalancerOnlyOnce) {
  RoutePolicy policy = policy_with(BalanceKind::least_request);
  Route& route = make(policy);
  const auto begun = route.begin_attempt(now_, {});
  policy.balance.kind = BalanceKind::nginx_least_conn;
  route.apply(now_, policy);
  route.end_attempt(now_, std::get<Attempt>(begun), CallOutcome::ok);
  EXPECT_EQ(shares(500).size(), kEndpoints);
}

TEST_F(RouteTest, SpreadsOverItsSubsetAloneAndNamesTheInstancesBehindIt) {
  RoutePolicy policy = policy_with(BalanceKind::round_robin);
  policy.balance.subset_size = 2;
  policy.outlier = OutlierSettings{};
  policy.outlier->max_ejected = kWholeInParts;
  std::set<std::uint32_t> reached_by_all;
  for (std::uint32_t number = 0; number < 2; ++number) {
    Route route{RouteInput{"a", number, RandomStream{1, "route"}}, policy, endpoints(), now_};
    std::set<std::uint32_t> reached;
    for (int i = 0; i < 100; ++i) {
      const auto begun = route.begin_attempt(now_, {});
      const auto& sent = std::get<Attempt>(begun);
      reached.insert(route.instance_of(sent.endpoint).value());
      route.end_attempt(now_, sent, CallOutcome::unreachable);
    }
    EXPECT_EQ(reached.size(), 2U);
    for (const health::OutlierEvent& event : route.take_outlier_events()) {
      EXPECT_TRUE(reached.contains(event.endpoint.value()));
    }
    reached_by_all.merge(reached);
  }
  EXPECT_EQ(reached_by_all.size(), 4U) << "the callers of one round share no endpoint";
}

TEST_F(RouteTest, EndsAttemptsOfAnEarlierSubsetWithoutHarmToTheNext) {
  RoutePolicy policy = policy_with(BalanceKind::least_request);
  policy.outlier = OutlierSettings{};
  policy.outlier->consecutive_errors = 1;
  policy.outlier->max_ejected = kWholeInParts;
  Route& route = make(policy);
  std::vector<Attempt> sent;
  for (int i = 0; i < 20; ++i) {
    sent.push_back(std::get<Attempt>(route.begin_attempt(now_, {})));
  }
  policy.balance.subset_size = 2;
  route.apply(now_, policy);
  for (const Attempt& attempt : sent) {
    route.end_attempt(now_, attempt, CallOutcome::unreachable);
  }
  EXPECT_EQ(route.ejected(), 0U) << "who failed had another number";
  EXPECT_EQ(shares(100).size(), 2U);
}

TEST_F(RouteTest, AvoidsWhatARequestTriedThoughTheSubsetIsAnotherByThen) {
  for (std::uint32_t number = 0; number < 20; ++number) {
    RoutePolicy policy = policy_with(BalanceKind::nginx_round_robin);
    policy.balance.subset_size = 4;
    Route route{RouteInput{"a", number, RandomStream{1, "route"}}, policy, endpoints(), now_};
    retry::PreviousHosts tried;
    for (int i = 0; i < 2; ++i) {
      const auto begun = route.begin_attempt(now_, {.tried = tried.tried()});
      tried.add(route.instance_of(std::get<Attempt>(begun).endpoint));
    }
    policy.balance.subset_size = 3;
    route.apply(now_, policy);
    for (int i = 0; i < 10; ++i) {
      const auto begun = route.begin_attempt(now_, {.tried = tried.tried()});
      EXPECT_FALSE(tried.contains(route.instance_of(std::get<Attempt>(begun).endpoint))) << number;
    }
  }
}

TEST_F(RouteTest, NumbersAFewEndpointsWithFewNumbersHoweverManyHaveComeAndGone) {
  RoutePolicy policy = policy_with(BalanceKind::least_request);
  policy.balance.subset_size = 3;
  policy.outlier = OutlierSettings{};
  Route& route = make(policy);
  std::uint32_t highest = 0;
  for (std::uint32_t wave = 0; wave < 500; ++wave) {
    std::vector<balance::Endpoint> all = endpoints();
    for (balance::Endpoint& endpoint : all) {
      endpoint.id = balance::EndpointId{endpoint.id.value() + wave * kEndpoints};
    }
    const auto begun = route.begin_attempt(now_, {});
    route.update(now_, all);
    route.end_attempt(now_, std::get<Attempt>(begun), CallOutcome::unreachable);
    const auto later = route.begin_attempt(now_, {});
    const auto& sent = std::get<Attempt>(later);
    EXPECT_EQ(route.instance_of(sent.endpoint).value() / kEndpoints, wave);
    highest = std::max(highest, sent.endpoint.value());
    route.end_attempt(now_, sent, CallOutcome::ok);
  }
  EXPECT_LT(highest, 100U);
  EXPECT_EQ(route.attempts_under_way(), 0U);
}

TEST_F(RouteTest, GivesItsPlaceBackWhereTheBreakerRefuses) {
  RoutePolicy policy = policy_with(BalanceKind::round_robin);
  policy.breaker = BreakerSettings{};
  policy.adaptive_concurrency =
      AdaptiveConcurrencySettings{.kind = AdaptiveKind::aimd, .initial = 1};
  Route& route = make(policy);
  for (int i = 0; i < 40; ++i) {
    attempt(CallOutcome::failed);
  }
  ASSERT_FALSE(attempt(CallOutcome::ok));
  EXPECT_GT(route.counters().breaker_refused, 0U);
  EXPECT_EQ(route.counters().over_adaptive_concurrency, 0U);
  now_ += 5s;
  EXPECT_TRUE(attempt(CallOutcome::ok));
}

// Of five endpoints four admit nothing but what is most urgent.
TEST_F(RouteTest, TriesOtherEndpointsWhereOneWouldRefuseAsManyAsItIsTold) {
  for (const std::uint32_t others : {0U, 1U, 4U}) {
    RoutePolicy policy = policy_with(BalanceKind::least_request);
    policy.admission = RouteAdmissionSettings{.keep = 1h, .others = others};
    Route& route = make(policy);
    for (int i = 0; i < 200; ++i) {
      const auto begun = route.begin_attempt(now_, {}, 0, {0, 0});
      const auto& sent = std::get<Attempt>(begun);
      const bool is_open = sent.endpoint.value() == 3;
      route.note_admitted(now_, sent, {static_cast<std::uint8_t>(is_open ? 9 : 0), 0});
      route.end_attempt(now_, sent, CallOutcome::ok);
    }
    int served = 0;
    for (int i = 0; i < 1000; ++i) {
      const auto begun = route.begin_attempt(now_, {}, 0, {5, 0});
      if (const auto* const sent = std::get_if<Attempt>(&begun)) {
        EXPECT_EQ(sent->endpoint.value(), 3U);
        route.end_attempt(now_, *sent, CallOutcome::ok);
        ++served;
      }
    }
    if (others == 4) {
      EXPECT_EQ(served, 1000);
    } else {
      EXPECT_NEAR(served, others == 0 ? 200 : 400, 120) << others;
    }
    EXPECT_EQ(route.counters().not_admitted, 1000U - static_cast<unsigned>(served));
    EXPECT_EQ(route.attempts_under_way(), 0U);
  }
}

TEST_F(RouteTest, KeepsWhatARequestUnderWayStillUsesThroughAChangeOfPolicy) {
  RoutePolicy policy = policy_with(BalanceKind::round_robin);
  policy.hedge = HedgeSettings{.budget = 500'000'000};
  Route& route = make(policy);
  ASSERT_FALSE(route.admit(now_));
  Hedge* const used = route.hedge();
  policy.hedge.reset();
  policy.retry = RetrySettings{.budget = 200'000'000};
  route.apply(now_, policy);
  EXPECT_EQ(route.hedge(), nullptr);
  retry::Budget* const budget = route.retry_budget();
  policy.retry.reset();
  route.apply(now_, policy);
  // Under the address sanitizer these would be uses after free.
  used->budget()->attempt_started(now_, retry::AttemptKind::first);
  used->observe_first(now_, 1ms);
  budget->attempt_started(now_, retry::AttemptKind::first);
  route.end_request();
}

TEST_F(RouteTest, SendsNothingToWhatFailedItsChecksUntilTheyPassOrAreForgotten) {
  for (const auto kind :
       {BalanceKind::round_robin, BalanceKind::maglev, BalanceKind::haproxy_random}) {
    Route& route = make(policy_with(kind));
    route.set_health(now_, balance::EndpointId{3}, false);
    route.set_health(now_, balance::EndpointId{1}, false);
    EXPECT_FALSE(shares(300).contains(3));
    EXPECT_FALSE(shares(300).contains(1));
    route.set_health(now_, balance::EndpointId{3}, true);
    EXPECT_TRUE(shares(300).contains(3));
    route.forget_health();
    EXPECT_TRUE(shares(300).contains(1));
  }
}

TEST_F(RouteTest, TakesAnEjectedEndpointBackThatPassesItsChecks) {
  RoutePolicy policy = policy_with(BalanceKind::round_robin);
  policy.outlier = OutlierSettings{};
  policy.outlier->max_ejected = 400'000'000;
  Route& route = make(policy);
  attempt_with_one_bad(3, CallOutcome::failed);
  ASSERT_EQ(route.ejected(), 1U);
  route.set_health(now_, balance::EndpointId{3}, true);
  EXPECT_EQ(route.ejected(), 0U);
  EXPECT_TRUE(shares(100).contains(3));
}

TEST_F(RouteTest, TakesAnEjectedEndpointBackThatGoesOnPassingItsChecks) {
  RoutePolicy policy = policy_with(BalanceKind::round_robin);
  policy.outlier = OutlierSettings{};
  policy.outlier->max_ejected = 400'000'000;
  Route& route = make(policy);
  attempt_with_one_bad(3, CallOutcome::failed);
  ASSERT_EQ(route.ejected(), 1U);
  route.note_passed_check(now_, balance::EndpointId{2});
  EXPECT_EQ(route.ejected(), 1U);
  route.note_passed_check(now_, balance::EndpointId{3});
  EXPECT_EQ(route.ejected(), 0U);
  EXPECT_EQ(route.take_outlier_events().back().action, health::OutlierAction::returned_by_check);
  EXPECT_TRUE(shares(100).contains(3));
}

TEST_F(RouteTest, LetsNothingThroughWithoutALeaseOnItsQuotaAndWhatTheLeaseAllowsWithIt) {
  RoutePolicy policy = policy_with(BalanceKind::round_robin);
  policy.quota = QuotaSettings{1000, 1s};
  Route& route = make(policy);
  EXPECT_EQ(route.admit(now_), Refused::quota);
  const auto request = route.quota()->poll(now_);
  ASSERT_TRUE(request);
  route.quota()->step(now_, {.client = request->client,
                             .incarnation = request->incarnation,
                             .epoch = 1,
                             .lease = 1,
                             .quota = 50'000,
                             .length = 10s,
                             .refresh_after = 3s,
                             .request_sent_at = request->sent_at});
  int admitted = 0;
  for (int i = 0; i < 2000; ++i) {
    if (!route.admit(now_ + i * 5ms)) {
      ++admitted;
      route.end_request();
    }
  }
  // Fifty a second for the ten seconds of the lease.
  EXPECT_NEAR(admitted, 500, 5);
  EXPECT_EQ(route.admit(now_ + 10s), Refused::quota);
  EXPECT_GT(route.quota()->poll(now_ + 10s)->wants, 200'000U);
}

TEST_F(RouteTest, StartsAQuotaOfAnotherNameAnew) {
  RoutePolicy policy = policy_with(BalanceKind::round_robin);
  policy.quota = QuotaSettings{1000, 1s};
  Route& route = make(policy);
  const auto incarnation = route.quota()->poll(now_)->incarnation;
  policy.quota->events = 2000;
  route.apply(now_ + 1s, policy);
  EXPECT_EQ(route.quota()->poll(now_ + 1s)->incarnation, incarnation);
  policy.caller = "front";
  route.apply(now_ + 2s, policy);
  EXPECT_GT(route.quota()->poll(now_ + 2s)->incarnation, incarnation);
  policy.quota.reset();
  route.apply(now_ + 3s, policy);
  EXPECT_EQ(route.quota(), nullptr);
  EXPECT_FALSE(route.admit(now_ + 3s));
}

TEST_F(RouteTest, OpensItsBreakerAtErrorsInARowOrInTheWindowWhateverTheirShare) {
  RoutePolicy policy = policy_with(BalanceKind::round_robin);
  policy.breaker = BreakerSettings{};
  policy.breaker->counts = BreakerCounts{.consecutive_errors = 3};
  Route* route = &make(policy);
  for (const CallOutcome outcome : {CallOutcome::failed, CallOutcome::failed, CallOutcome::ok,
                                    CallOutcome::failed, CallOutcome::failed}) {
    ASSERT_TRUE(attempt(outcome));
  }
  ASSERT_TRUE(attempt(CallOutcome::failed));
  EXPECT_FALSE(attempt(CallOutcome::ok));
  EXPECT_EQ(route->take_transition()->cause, breaker::Cause::consecutive_errors);
  policy.breaker->counts = BreakerCounts{.error_count = 7};
  route = &make(policy);
  for (int i = 0; i < 7; ++i) {
    ASSERT_TRUE(attempt(CallOutcome::failed));
    for (int good = 0; good < 10 && i < 6; ++good) {
      ASSERT_TRUE(attempt(CallOutcome::ok));
    }
  }
  EXPECT_FALSE(attempt(CallOutcome::ok));
  EXPECT_EQ(route->take_transition()->cause, breaker::Cause::error_count);
}

TEST_F(RouteTest, LeavesItsZoneAsItsEndpointsFallIll) {
  RoutePolicy policy = policy_with(BalanceKind::round_robin);
  policy.locality = LocalitySettings{};
  std::vector<balance::Endpoint> all = endpoints(8);
  for (std::uint32_t i = 4; i < 8; ++i) {
    all[i].zone = "b";
  }
  Route& route = route_.emplace(RouteInput{"a", 0, RandomStream{1, "route"}}, policy, all, now_);
  const auto away = [&] {
    int count = 0;
    for (const auto& [endpoint, picks] : shares(10'000)) {
      count += endpoint >= 4 ? picks : 0;
    }
    return count;
  };
  EXPECT_EQ(away(), 0);
  route.set_health(now_, balance::EndpointId{0}, false);
  EXPECT_EQ(away(), 0);
  // Envoy's arithmetic: half of the zone, times 1.4, carries 70 %.
  route.set_health(now_, balance::EndpointId{1}, false);
  EXPECT_NEAR(away(), 3000, 150);
  route.set_health(now_, balance::EndpointId{2}, false);
  route.set_health(now_, balance::EndpointId{3}, false);
  EXPECT_EQ(away(), 10'000);
  policy.locality.reset();
  route.apply(now_, policy);
  route.forget_health();
  EXPECT_NEAR(away(), 5000, 250);
}

TEST_F(RouteTest, HasOnePriorityWhereNobodyIsOfItsZone) {
  RoutePolicy policy = policy_with(BalanceKind::round_robin);
  policy.locality = LocalitySettings{};
  route_.emplace(RouteInput{"elsewhere", 0, RandomStream{1, "route"}}, policy, endpoints(), now_);
  EXPECT_EQ(shares(100).size(), kEndpoints);
}

TEST_F(RouteTest, LimitsRetriesByTheQuotaOfItsPolicy) {
  const auto retries_while_all_fails = [&](RetryQuotaKind kind) {
    RoutePolicy policy = policy_with(BalanceKind::round_robin);
    policy.retry = RetrySettings{};
    policy.retry_quota = RetryQuotaSettings{kind};
    retry::Budget& budget = *make(policy).retry_budget();
    int retries = 0;
    for (int call = 0; call < 200; ++call) {
      budget.attempt_started(now_, retry::AttemptKind::first);
      budget.attempt_ended(now_, {.outcome = retry::AttemptOutcome::timed_out},
                           retry::Retryable::yes, {});
      const auto spent = budget.try_withdraw(now_, retry::AttemptOutcome::timed_out);
      if (spent) {
        ++retries;
        budget.attempt_started(now_, retry::AttemptKind::retry);
        budget.attempt_ended(now_, {.outcome = retry::AttemptOutcome::timed_out},
                             retry::Retryable::yes, spent);
      }
    }
    return retries;
  };
  // Ten tokens, one for each failure, and retries while more than five are left.
  EXPECT_EQ(retries_while_all_fails(RetryQuotaKind::grpc), 2);
  // 500 tokens at 10 a timeout, and at 14.
  EXPECT_EQ(retries_while_all_fails(RetryQuotaKind::aws), 50);
  EXPECT_EQ(retries_while_all_fails(RetryQuotaKind::aws_2026), 35);
  // A tenth of the requests.
  EXPECT_EQ(retries_while_all_fails(RetryQuotaKind::sre), 20);
  // A fifth, and ten a second over ten seconds.
  EXPECT_EQ(retries_while_all_fails(RetryQuotaKind::finagle), 140);
}

TEST_F(RouteTest, GivesUpAnAttemptWithoutLearningFromIt) {
  RoutePolicy policy = policy_with(BalanceKind::round_robin);
  policy.breaker = BreakerSettings{};
  policy.outlier = OutlierSettings{};
  Route& route = make(policy);
  for (int i = 0; i < 200; ++i) {
    const auto begun = route.begin_attempt(now_, {});
    route.abandon_attempt(now_, std::get<Attempt>(begun));
  }
  EXPECT_FALSE(route.take_transition());
  EXPECT_TRUE(route.take_outlier_events().empty());
}

// Whatever comes, waits, gives up and ends, and however the policy changes meanwhile.
TEST_F(RouteTest, LeavesNobodyWaitingWhileABulkheadHasAPlace) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    RandomStream random{seed, "bulkhead"};
    RoutePolicy policy = policy_with(BalanceKind::random);
    policy.bulkhead = BulkheadSettings{3, 5};
    Route& route = make(policy);
    std::deque<PlaceSeeker> seekers;
    std::vector<PlaceSeeker*> waiting;
    std::uint32_t inside = 0;
    const auto settle = [&] {
      std::erase_if(waiting, [&](const PlaceSeeker* seeker) {
        if (seeker->has_place()) {
          ++inside;
        }
        return seeker->has_place();
      });
      EXPECT_EQ(route.requests_under_way(), inside) << "seed " << seed;
      EXPECT_TRUE(waiting.empty() || route.is_full()) << "seed " << seed;
    };
    for (int i = 0; i < 300; ++i) {
      const std::uint64_t what = random.below(10);
      if (what < 5 && route.is_full()) {
        PlaceSeeker& seeker = seekers.emplace_back([] {});
        if (route.queue_up(seeker)) {
          waiting.push_back(&seeker);
        }
        EXPECT_LE(waiting.size(), 5U);
      } else if (what < 5) {
        ASSERT_FALSE(route.come_in(now_));
        ++inside;
      } else if (what < 9 && inside > 0) {
        --inside;
        route.end_request();
      } else if (what == 9) {
        policy.bulkhead->concurrency = static_cast<std::uint32_t>(1 + random.below(5));
        route.apply(now_, policy);
      }
      settle();
    }
    policy.bulkhead.reset();
    route.apply(now_, policy);
    settle();
    EXPECT_TRUE(waiting.empty());
  }
}

}  // namespace
}  // namespace windtunnel::proxy
