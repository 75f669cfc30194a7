// Hedged calls through a whole sidecar, over a simulated network of 1 ms one way.
#include "models/proxy/hedged_call.hpp"

#include <map>
#include <memory>
#include <optional>

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
constexpr Duration kRoundTrip = 2ms;

/// How one endpoint answers.
struct Behaviour {
  std::optional<Duration> after;  ///< Never, where absent.
  service::Status status = service::Status::ok;
};

struct Ended {
  service::CallResult result;
  Duration took{};
};

/// A caller and three endpoints that behave as they are told.
class HedgedCallTest : public ::testing::Test {
 protected:
  HedgedCallTest() {
    policy_.caller = "*";
    policy_.callee = "shop";
    policy_.balance.kind = BalanceKind::nginx_round_robin;
    policy_.timeout = 500ms;
    policy_.deadline = 1s;
    policy_.hedge = HedgeSettings{.after = 50ms, .attempts = 2};
  }

  void start() {
    auto service = std::make_shared<KnownService>();
    service->name = "shop";
    for (std::uint32_t i = 1; i <= 3; ++i) {
      service->add(HostId{i}, {"10.0.0." + std::to_string(i), "z1"});
      world_.start(i, [this, i](Host& host, Bundle& bundle) { answer(host, bundle, i); });
    }
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

  void answer(Host& host, Bundle& bundle, std::uint32_t index) {
    bundle.subscriptions.push_back(host.messages().serve<service::Request>(
        [this, &host, index](HostId, const service::Request&, const ReplyTo& reply) {
          ++requests_[index];
          const Behaviour behaviour = behaviours_[index];
          if (behaviour.after) {
            spawn(host, reply_later(host, reply, behaviour));
          }
        }));
    bundle.subscriptions.push_back(host.messages().on<service::Cancel>(
        [this, index](HostId, const service::Cancel&) { ++cancels_[index]; }));
  }

  static asio::awaitable<void> reply_later(Host& host, ReplyTo reply, Behaviour behaviour) {
    co_await sleep_for(host, *behaviour.after);
    service::Response response;
    response.status = behaviour.status;
    host.messages().reply(reply, response);
  }

  asio::awaitable<void> make_call(Host& host) {
    service::CallRequest request;
    request.timeout = Duration::max();
    const Instant began = host.now();
    const service::CallResult result = co_await sidecar_->call("shop", std::move(request));
    ended_ = Ended{result, host.now() - began};
  }

  Ended call() {
    ended_.reset();
    spawn(world_.host(kCaller), make_call(world_.host(kCaller)));
    world_.run_for(3s);
    EXPECT_TRUE(ended_);
    return ended_.value_or(Ended{});
  }

  const RouteCounters& counters() const { return sidecar_->find_route("shop")->counters(); }
  int sum_of(const std::map<std::uint32_t, int>& counts) const {
    int sum = 0;
    for (const auto& [index, count] : counts) {
      sum += count;
    }
    return sum;
  }

  RoutePolicy policy_;
  SmallWorld world_{{.hosts = 4}};
  Sidecar* sidecar_ = nullptr;
  std::map<std::uint32_t, Behaviour> behaviours_;
  std::map<std::uint32_t, int> requests_;
  std::map<std::uint32_t, int> cancels_;
  std::optional<Ended> ended_;
};

TEST_F(HedgedCallTest, SendsOneCopyWhereItIsAnsweredInTime) {
  for (std::uint32_t i = 1; i <= 3; ++i) {
    behaviours_[i] = {.after = 5ms};
  }
  start();
  const Ended ended = call();
  EXPECT_EQ(ended.result.outcome, CallOutcome::ok);
  EXPECT_EQ(ended.result.attempts, 1U);
  EXPECT_EQ(ended.took, 5ms + kRoundTrip);
  EXPECT_EQ(sum_of(cancels_), 0);
}

TEST_F(HedgedCallTest, TakesTheFasterOfTwoAndCancelsTheOther) {
  behaviours_[1] = {};
  behaviours_[2] = {.after = 5ms};
  behaviours_[3] = {.after = 5ms};
  start();
  // Round robin begins with the silent one for one call in three.
  for (int i = 0; i < 3; ++i) {
    const Ended ended = call();
    EXPECT_EQ(ended.result.outcome, CallOutcome::ok);
    const bool is_hedged = ended.result.attempts == 2;
    EXPECT_EQ(ended.took, (is_hedged ? 50ms : 0ms) + 5ms + kRoundTrip);
  }
  EXPECT_EQ(requests_[1], 1);
  EXPECT_EQ(sum_of(requests_), 4);
  EXPECT_EQ(cancels_[1], 1);
  EXPECT_EQ(sum_of(cancels_), 1);
}

TEST_F(HedgedCallTest, GoesElsewhereAtOnceWhenACopyFails) {
  for (std::uint32_t i = 1; i <= 3; ++i) {
    behaviours_[i] = {.after = 1ms, .status = service::Status::failed};
  }
  policy_.hedge->attempts = 3;
  start();
  const Ended ended = call();
  EXPECT_EQ(ended.result.outcome, CallOutcome::failed);
  EXPECT_EQ(ended.result.attempts, 3U);
  EXPECT_EQ(ended.took, 3 * (1ms + kRoundTrip));
  for (std::uint32_t i = 1; i <= 3; ++i) {
    EXPECT_EQ(requests_[i], 1) << i;
  }
}

TEST_F(HedgedCallTest, EndsByItsDeadlineWhereNobodyAnswers) {
  policy_.timeout = 700ms;
  policy_.deadline = 700ms;
  start();
  const Ended ended = call();
  EXPECT_EQ(ended.result.outcome, CallOutcome::timed_out);
  EXPECT_EQ(ended.result.attempts, 2U);
  EXPECT_EQ(ended.took, 700ms);
  EXPECT_EQ(sum_of(cancels_), 2);
}

TEST_F(HedgedCallTest, EndsEveryAttemptThatItBegan) {
  policy_.concurrency = 1;
  policy_.adaptive_concurrency =
      AdaptiveConcurrencySettings{.kind = AdaptiveKind::aimd, .initial = 2};
  behaviours_[2] = {.after = 5ms};
  behaviours_[3] = {.after = 60ms};
  start();
  for (int i = 0; i < 30; ++i) {
    const Ended ended = call();
    EXPECT_NE(ended.result.outcome, CallOutcome::rejected) << i;
  }
  EXPECT_EQ(counters().over_concurrency, 0U);
  EXPECT_EQ(counters().over_adaptive_concurrency, 0U);
}

TEST_F(HedgedCallTest, SendsNoSecondCopyThatTheBudgetDoesNotGrant) {
  policy_.hedge->budget = 100'000'000;
  for (std::uint32_t i = 1; i <= 3; ++i) {
    behaviours_[i] = {.after = 100ms};
  }
  start();
  std::uint32_t attempts = 0;
  for (int i = 0; i < 3; ++i) {
    attempts += call().result.attempts;
  }
  EXPECT_EQ(attempts, 3U);
}

// Every request is answered by a copy elsewhere, and yet the one that hangs is found out.
TEST_F(HedgedCallTest, EjectsAnEndpointWhoseCopiesAreOutrunAgainAndAgain) {
  policy_.outlier = OutlierSettings{.consecutive_errors = 3, .max_ejected = kWholeInParts};
  behaviours_[1] = {};
  behaviours_[2] = {.after = 5ms};
  behaviours_[3] = {.after = 5ms};
  start();
  int asked = 0;
  for (int i = 0; i < 9; ++i) {
    EXPECT_EQ(call().result.outcome, CallOutcome::ok);
    asked = requests_[1];
  }
  EXPECT_EQ(asked, 3);
  EXPECT_EQ(sidecar_->find_route("shop")->ejected(), 1U);
  for (int i = 0; i < 3; ++i) {
    EXPECT_LT(call().took, 10ms) << "nobody waits for the one that hangs";
  }
  EXPECT_EQ(requests_[1], 3);
}

// A second copy that comes too late says nothing of whom it was sent to.
TEST_F(HedgedCallTest, HoldsNothingAgainstAnEndpointWhoseCopyWasSuperfluous) {
  policy_.outlier = OutlierSettings{.consecutive_errors = 1, .max_ejected = kWholeInParts};
  for (std::uint32_t i = 1; i <= 3; ++i) {
    behaviours_[i] = {.after = 60ms};  // The first copy is answered at 62 ms, a second sent at 50.
  }
  start();
  for (int i = 0; i < 9; ++i) {
    EXPECT_EQ(call().result.attempts, 2U);
  }
  EXPECT_EQ(sidecar_->find_route("shop")->ejected(), 0U);
}

// Whatever the endpoints do: no attempt is forgotten, and no call outlives its deadline.
TEST_F(HedgedCallTest, EndsInTimeWithNothingUnderWayOverManySeeds) {
  RandomStream random{7, "behaviours"};
  policy_.hedge->attempts = 4;
  policy_.hedge->after = 30ms;
  policy_.breaker = BreakerSettings{};
  start();
  const auto draw = [&random](std::uint32_t) -> Behaviour {
    const std::uint64_t kind = random.below(5);
    if (kind == 0) {
      return {};
    }
    const auto status = kind == 1   ? service::Status::failed
                        : kind == 2 ? service::Status::overloaded
                                    : service::Status::ok;
    return {.after = Duration{static_cast<std::int64_t>(random.below(90'000'000))},
            .status = status};
  };
  std::map<CallOutcome, int> outcomes;
  for (int i = 0; i < 500; ++i) {
    for (std::uint32_t endpoint = 1; endpoint <= 3; ++endpoint) {
      behaviours_[endpoint] = draw(endpoint);
    }
    if (random.below(10) == 0) {
      const auto victim = static_cast<std::uint32_t>(1 + random.below(3));
      world_.at(world_.now() + Duration{static_cast<std::int64_t>(random.below(80'000'000))},
                [this, victim] {
                  world_.host(victim).crash();
                  world_.host(victim).start();
                });
    }
    const Ended ended = call();
    ++outcomes[ended.result.outcome];
    ASSERT_LE(ended.took, policy_.deadline) << "call " << i;
    ASSERT_LE(ended.result.attempts, 4U) << "call " << i;
    ASSERT_EQ(sidecar_->find_route("shop")->attempts_under_way(), 0U) << "call " << i;
    ASSERT_EQ(sidecar_->find_route("shop")->requests_under_way(), 0U) << "call " << i;
  }
  EXPECT_GT(outcomes[CallOutcome::ok], 100);
  EXPECT_GT(outcomes.size(), 2U);
}

TEST_F(HedgedCallTest, IsGoneWithItsHostWhileCopiesAreUnderWay) {
  start();
  spawn(world_.host(kCaller), make_call(world_.host(kCaller)));
  world_.run_for(60ms);
  EXPECT_EQ(sum_of(requests_), 2);
  world_.host(kCaller).crash();
  world_.run_for(3s);
  EXPECT_FALSE(ended_);
}

}  // namespace
}  // namespace windtunnel::proxy
