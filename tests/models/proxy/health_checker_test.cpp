#include "models/proxy/health_checker.hpp"

#include <map>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "models/service/health_responder.hpp"
#include "tests/sim/small_world.hpp"

namespace windtunnel::proxy {
namespace {

using namespace std::chrono_literals;
using balance::EndpointId;
using sim::Bundle;
using sim::SmallWorld;

struct Reported {
  std::uint32_t endpoint = 0;
  bool is_healthy = false;
  friend bool operator==(const Reported&, const Reported&) = default;
};

/// A proxy on the first host, and instances of "shop" on the three others.
class HealthCheckerTest : public ::testing::Test {
 protected:
  HealthCheckerTest() {
    for (std::uint32_t i = 1; i <= 3; ++i) {
      world_.start(i, [](Host& host, Bundle& bundle) {
        bundle.kept.push_back(std::make_shared<service::HealthResponder>(host, "shop"));
      });
    }
    world_.start(0, [this](Host& host, Bundle& bundle) {
      auto checker = std::make_shared<HealthChecker>(
          host, "shop",
          [this](const HealthChange& c) {
            reported_.push_back({c.endpoint.value(), c.is_healthy});
          },
          [this](EndpointId passed) { ++passes_[passed.value()]; });
      checker_ = checker.get();
      bundle.kept.push_back(checker);
    });
    settings_ = {.interval = 1s, .timeout = 100ms, .unhealthy = 2, .healthy = 2};
  }

  static std::vector<CheckedEndpoint> all() {
    return {{EndpointId{0}, HostId{1}}, {EndpointId{1}, HostId{2}}, {EndpointId{2}, HostId{3}}};
  }

  SmallWorld world_{{.hosts = 4}};
  HealthCheckSettings settings_;
  HealthChecker* checker_ = nullptr;
  std::vector<Reported> reported_;
  std::map<std::uint32_t, int> passes_;
};

TEST_F(HealthCheckerTest, ReportsNothingWhileAllAnswerAndProbesEachOnceAnInterval) {
  checker_->start(settings_, all());
  world_.run_for(60s);
  EXPECT_TRUE(reported_.empty());
  // Three endpoints, and intervals that jitter makes five hundredths longer on average.
  EXPECT_NEAR(static_cast<double>(checker_->probes()), 3 * 60 / 1.05, 8);
}

TEST_F(HealthCheckerTest, ReportsTheLossAndTheReturnOfAnEndpoint) {
  checker_->start(settings_, all());
  world_.run_for(5s);
  world_.host(2).crash();
  world_.run_for(5s);
  EXPECT_EQ(reported_, (std::vector<Reported>{{1, false}}));
  world_.host(2).start();
  world_.run_for(5s);
  EXPECT_EQ(reported_, (std::vector<Reported>{{1, false}, {1, true}}));
}

TEST_F(HealthCheckerTest, ReportsEveryCheckThatAHealthyEndpointPasses) {
  checker_->start(settings_, all());
  world_.run_for(5s);
  EXPECT_GE(passes_[0], 4);
  world_.host(1).crash();
  world_.run_for(4s);
  passes_.clear();
  world_.run_for(5s);
  EXPECT_EQ(passes_[0], 0);
  EXPECT_GE(passes_[1], 4);
  world_.host(1).start();
  world_.run_for(900ms);
  EXPECT_EQ(passes_[0], 0) << "one success of two";
  world_.run_for(2500ms);
  EXPECT_GE(passes_[0], 1);
}

TEST_F(HealthCheckerTest, KeepsWhatItKnowsOfThoseThatStayAndForgetsTheOthers) {
  checker_->start(settings_, all());
  world_.host(1).crash();
  world_.host(2).crash();
  world_.run_for(5s);
  EXPECT_EQ(reported_.size(), 2U);
  // The first is gone for good; the second stays, and comes back; the third's id moves to a host
  // that is down.
  const std::vector<CheckedEndpoint> later{{EndpointId{1}, HostId{2}}, {EndpointId{2}, HostId{1}}};
  checker_->update(later);
  EXPECT_EQ(checker_->unhealthy(), (std::vector<EndpointId>{EndpointId{1}}));
  reported_.clear();
  world_.host(2).start();
  world_.run_for(5s);
  ASSERT_EQ(reported_.size(), 2U);
  EXPECT_TRUE(reported_[0] == (Reported{2, false}) || reported_[1] == (Reported{2, false}));
  EXPECT_TRUE(reported_[0] == (Reported{1, true}) || reported_[1] == (Reported{1, true}));
}

TEST_F(HealthCheckerTest, HearsNothingOfProbesFromBeforeItWasStopped) {
  for (int i = 1; i <= 50; ++i) {
    checker_->start(settings_, all());
    world_.run_for(i * 37ms);
    // A millisecond away an answer is on its way often enough.
    checker_->stop();
    reported_.clear();
    const std::uint64_t probes = checker_->probes();
    world_.host(1 + static_cast<std::uint32_t>(i % 3)).crash();
    world_.run_for(3s);
    EXPECT_TRUE(reported_.empty()) << i;
    EXPECT_EQ(checker_->probes(), probes) << i;
    world_.host(1 + static_cast<std::uint32_t>(i % 3)).start();
  }
}

TEST_F(HealthCheckerTest, TakesAnotherServiceInItsPlaceForAFailure) {
  checker_->start(settings_, all());
  world_.run_for(3s);
  world_.host(3).crash();
  world_.start(3, [](Host& host, Bundle& bundle) {
    bundle.kept.push_back(std::make_shared<service::HealthResponder>(host, "other"));
  });
  world_.run_for(3s);
  EXPECT_EQ(reported_, (std::vector<Reported>{{2, false}}));
}

}  // namespace
}  // namespace windtunnel::proxy
