// Requests that wait at the entrance of a route, through a whole sidecar over a simulated network.
#include "models/proxy/entrance.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "models/proxy/sidecar.hpp"
#include "tests/sim/small_world.hpp"

namespace windtunnel::proxy {
namespace {

using namespace std::chrono_literals;
using service::CallOutcome;
using sim::Bundle;
using sim::SmallWorld;

constexpr std::uint32_t kCaller = 0;
constexpr std::uint32_t kEndpoint = 1;

/// A caller, and an endpoint that answers each request after `work_`.
class EntranceTest : public ::testing::Test {
 protected:
  EntranceTest() {
    policy_.caller = "*";
    policy_.callee = "shop";
    policy_.deadline = 10s;
  }

  void start() {
    auto service = std::make_shared<KnownService>();
    service->name = "shop";
    service->add(HostId{kEndpoint}, {"10.0.0.1", "z1"});
    world_.start(kEndpoint, [this](Host& host, Bundle& bundle) {
      bundle.subscriptions.push_back(host.messages().serve<service::Request>(
          [this, &host](HostId, const service::Request& request, const ReplyTo& reply) {
            arrived_.push_back(host.now());
            order_.push_back(request.key);
            ++under_way_;
            most_under_way_ = std::max(most_under_way_, under_way_);
            spawn(host, answer(host, reply));
          }));
    });
    world_.start(kCaller, [this, service](Host& host, Bundle& bundle) {
      SidecarOptions options;
      options.zone = "z1";
      options.services = {service};
      options.bootstrap = std::make_shared<const std::vector<RoutePolicy>>(1, policy_);
      auto sidecar = std::make_shared<Sidecar>(host, std::move(options));
      sidecar_ = sidecar.get();
      bundle.kept.push_back(sidecar);
    });
    world_.run_for(10ms);
  }

  asio::awaitable<void> answer(Host& host, ReplyTo reply) {
    co_await sleep_for(host, work_);
    --under_way_;
    service::Response response;
    response.status = service::Status::ok;
    response.admitted = admitted_;
    host.messages().reply(reply, response);
  }

  asio::awaitable<void> make_call(Host& host, service::CallRequest request) {
    const Instant began = host.now();
    const service::CallResult result = co_await sidecar_->call("shop", std::move(request));
    ++outcomes_[result.outcome];
    longest_ = std::max(longest_, host.now() - began);
  }

  /// Requests "0", "1", ... at one instant.
  void call(int count, Duration timeout = 5s) {
    Host& host = world_.host(kCaller);
    for (int i = 0; i < count; ++i) {
      service::CallRequest request;
      request.timeout = timeout;
      request.key = std::to_string(i);
      spawn(host, make_call(host, std::move(request)));
    }
  }
  /// One of such a priority, until its end.
  void call_as(service::DagorLevel priority) {
    service::CallRequest request;
    request.priority = priority;
    spawn(world_.host(kCaller), make_call(world_.host(kCaller), std::move(request)));
    world_.run_for(10ms);
  }

  const RouteCounters& counters() const { return sidecar_->find_route("shop")->counters(); }

  SmallWorld world_;
  RoutePolicy policy_;
  Duration work_ = 1ms;
  service::DagorLevel admitted_{255, 255};
  Sidecar* sidecar_ = nullptr;
  std::vector<Instant> arrived_;
  std::vector<std::string> order_;
  int under_way_ = 0;
  int most_under_way_ = 0;
  std::map<CallOutcome, int> outcomes_;
  Duration longest_{};
};

TEST_F(EntranceTest, SpacesABurstByPacingAndTurnsAwayWhatWouldWaitTooLong) {
  policy_.rate_limit = RateLimitSettings{100, 1s};
  policy_.rate_limit->form = {.kind = RateLimitKind::pacing, .max_wait = 100ms};
  start();
  call(30);
  world_.run_for(1s);
  EXPECT_EQ(outcomes_[CallOutcome::ok], 11);
  EXPECT_EQ(outcomes_[CallOutcome::rejected], 19);
  EXPECT_EQ(counters().rate_limited, 19U);
  ASSERT_EQ(arrived_.size(), 11U);
  for (std::size_t i = 1; i < arrived_.size(); ++i) {
    EXPECT_EQ(arrived_[i] - arrived_[i - 1], 10ms);
  }
}

TEST_F(EntranceTest, GivesNoTurnToRequestsThatWillHaveGivenUp) {
  policy_.rate_limit = RateLimitSettings{100, 1s};
  policy_.rate_limit->form = {.kind = RateLimitKind::pacing, .max_wait = 100ms};
  start();
  call(30, 25ms);
  world_.run_for(1s);
  EXPECT_EQ(arrived_.size(), 3U);
  EXPECT_EQ(counters().rate_limited, 27U);
  EXPECT_LE(longest_, 25ms);
}

// ---- bulkhead ----

TEST_F(EntranceTest, LetsRequestsInByTheirOrderAsPlacesBecomeFree) {
  policy_.bulkhead = BulkheadSettings{4, 100, 1s};
  work_ = 20ms;
  start();
  call(20);
  world_.run_for(1s);
  EXPECT_EQ(outcomes_[CallOutcome::ok], 20);
  EXPECT_EQ(most_under_way_, 4);
  for (std::size_t i = 0; i < order_.size(); ++i) {
    EXPECT_EQ(order_[i], std::to_string(i));
  }
}

TEST_F(EntranceTest, TurnsAwayWhoHasWaitedLongEnough) {
  policy_.bulkhead = BulkheadSettings{4, 100, 50ms};
  work_ = 20ms;
  start();
  call(20);
  world_.run_for(1s);
  EXPECT_EQ(outcomes_[CallOutcome::ok], 12);  // Those of 0, 22 and 44 ms.
  EXPECT_EQ(outcomes_[CallOutcome::rejected], 8);
  EXPECT_EQ(counters().over_concurrency, 8U);
  EXPECT_EQ(sidecar_->find_route("shop")->requests_under_way(), 0U);
}

TEST_F(EntranceTest, TurnsAwayAtOnceWhoFindsTheQueueFull) {
  policy_.bulkhead = BulkheadSettings{4, 3, 1s};
  work_ = 20ms;
  start();
  call(20);
  world_.run_for(5ms);
  EXPECT_EQ(outcomes_[CallOutcome::rejected], 13);
  world_.run_for(1s);
  EXPECT_EQ(outcomes_[CallOutcome::ok], 7);
}

TEST_F(EntranceTest, HoldsNobodyForLongerThanItsCallerWaits) {
  policy_.bulkhead = BulkheadSettings{4, 100, 1s};
  work_ = 20ms;
  start();
  call(20, 30ms);
  world_.run_for(1s);
  EXPECT_LE(longest_, 30ms);
  EXPECT_EQ(arrived_.size(), 8U);  // The second four are begun, and given up.
}

TEST_F(EntranceTest, SpacesRequestsThenHoldsThemForAPlace) {
  policy_.rate_limit = RateLimitSettings{1000, 1s};
  policy_.rate_limit->form = {.kind = RateLimitKind::pacing};
  policy_.bulkhead = BulkheadSettings{1, 100, 1s};
  work_ = 10ms;
  start();
  call(10);
  world_.run_for(1s);
  EXPECT_EQ(outcomes_[CallOutcome::ok], 10);
  EXPECT_EQ(most_under_way_, 1);
}

// ---- a caller that is gone ----

TEST_F(EntranceTest, IsGoneWithItsHostWhileRequestsWaitForTurnsAndPlaces) {
  policy_.rate_limit = RateLimitSettings{1000, 1s};
  policy_.rate_limit->form = {.kind = RateLimitKind::pacing, .max_wait = 1s};
  policy_.bulkhead = BulkheadSettings{2, 100, 1s};
  work_ = 50ms;
  start();
  call(30);
  world_.run_for(10ms);
  // Two are under way, some wait for a place and the others for their turns.
  EXPECT_EQ(sidecar_->find_route("shop")->requests_under_way(), 2U);
  EXPECT_EQ(outcomes_.size(), 0U);
  world_.host(kCaller).crash();
  world_.run_for(3s);
  EXPECT_EQ(outcomes_.size(), 0U) << "nobody is left to be told";
  EXPECT_EQ(arrived_.size(), 2U) << "who waited is never let in";
  world_.host(kCaller).start();
  world_.run_for(10ms);
  call(30);
  world_.run_for(2s);
  EXPECT_EQ(outcomes_[CallOutcome::ok], 30) << "the next process begins with an empty queue";
}

TEST_F(EntranceTest, IsGoneWithItsHostJustAfterAPlaceWasGiven) {
  policy_.bulkhead = BulkheadSettings{1, 100, 1s};
  work_ = 20ms;
  start();
  call(3);
  // The first is answered after 22 ms, and the second has its place at that instant.
  for (const Duration more : {21999us, 1us, 1us, 1us}) {
    world_.run_for(more);
  }
  world_.host(kCaller).crash();
  world_.run_for(3s);
  world_.host(kCaller).start();
  world_.run_for(10ms);
  call(3);
  world_.run_for(1s);
  EXPECT_GE(outcomes_[CallOutcome::ok], 3);
}

// ---- what endpoints admit ----

TEST_F(EntranceTest, SendsNothingThatTheEndpointSaidItRefuses) {
  policy_.admission = RouteAdmissionSettings{.keep = 1s};
  admitted_ = {1, 64};
  start();
  call_as({2, 0});  // Nobody knows yet.
  call_as({1, 64});
  call_as({1, 65});
  EXPECT_EQ(arrived_.size(), 2U);
  EXPECT_EQ(outcomes_[CallOutcome::rejected], 1);
  EXPECT_EQ(counters().not_admitted, 1U);
  world_.run_for(1s);
  call_as({1, 65});  // It may have risen.
  EXPECT_EQ(arrived_.size(), 3U);
}

TEST_F(EntranceTest, SendsNoHedgeEitherThatTheEndpointSaidItRefuses) {
  policy_.admission = RouteAdmissionSettings{};
  policy_.hedge = HedgeSettings{.after = 5ms};
  admitted_ = {1, 64};
  start();
  call_as({2, 0});
  call_as({2, 0});
  EXPECT_EQ(arrived_.size(), 1U);
  EXPECT_EQ(outcomes_[CallOutcome::rejected], 1);
}

TEST_F(EntranceTest, SendsEverythingWhereThePolicyDoesNotSayOtherwise) {
  admitted_ = {0, 0};
  start();
  call_as({2, 0});
  call_as({2, 0});
  EXPECT_EQ(arrived_.size(), 2U);
}

}  // namespace
}  // namespace windtunnel::proxy
