// Loads in a simulated world: when they send, what they see of a service that stalls, and what they
// report.
#include "models/client/load_client.hpp"

#include <iostream>
#include <memory>

#include <gtest/gtest.h>

#include "models/client/call_recorder.hpp"
#include "models/service/direct_caller.hpp"
#include "models/service/node.hpp"
#include "tests/sim/small_world.hpp"

namespace windtunnel::client {
namespace {

using namespace std::chrono_literals;
using sim::Bundle;
using sim::SmallWorld;

/// A service on host 1 and loads on host 0, a link of 1 ms between them.
class LoadedWorld {
 public:
  explicit LoadedWorld(service::StationOptions station, std::uint64_t seed = 1)
      : world_({.hosts = 2, .world = {.seed = seed}}) {
    world_.start(1, [this, station](Host& host, Bundle& bundle) {
      service::ServiceOptions options;
      options.service = "shop";
      options.station = station;
      auto caller = std::make_shared<service::DirectCaller>(host, service::DirectCallerOptions{});
      auto node = std::make_shared<service::ServiceNode>(host, options, *caller);
      node_ = node.get();
      bundle.kept.push_back(caller);
      bundle.kept.push_back(node);
    });
  }

  void start_open_loop(Arrivals arrivals, Duration lasts, Duration timeout) {
    world_.start(0, [=, this](Host& host, Bundle& bundle) {
      OpenLoopOptions options;
      options.requests.service = "shop";
      options.requests.timeout = timeout;
      options.arrivals = arrivals;
      options.lasts = lasts;
      bundle.kept.push_back(
          std::make_shared<LoadClient>(host, options, keep_caller(host, bundle), recorder));
    });
  }

  void start_closed_loop(std::uint32_t users, Duration think, Duration lasts, Duration timeout) {
    world_.start(0, [=, this](Host& host, Bundle& bundle) {
      ClosedLoopOptions options;
      options.requests.service = "shop";
      options.requests.timeout = timeout;
      options.concurrent = users;
      options.think = Exponential{think};
      options.lasts = lasts;
      bundle.kept.push_back(
          std::make_shared<ClosedLoopClient>(host, options, keep_caller(host, bundle), recorder));
    });
  }

  SmallWorld& world() { return world_; }
  service::ServiceNode& node() { return *node_; }

  CallRecorder recorder{Instant{}};

 private:
  static service::Caller& keep_caller(Host& host, Bundle& bundle) {
    service::DirectCallerOptions options;
    options.routes.push_back({"shop", {HostId{1}}});
    auto caller = std::make_shared<service::DirectCaller>(host, options);
    bundle.kept.push_back(caller);
    return *caller;
  }

  SmallWorld world_;
  service::ServiceNode* node_ = nullptr;
};

service::StationOptions station_of(std::uint32_t workers, DurationDistribution work) {
  service::StationOptions options;
  options.workers = workers;
  options.queue_max = 1'000'000;
  options.work = std::move(work);
  return options;
}

TEST(LoadClient, SendsWhenDueWhetherOrNotEarlierRequestsHaveEnded) {
  LoadedWorld loaded{station_of(1, Constant{1ms})};
  loaded.start_open_loop(ConstantArrivals{RateProfile{100}}, 10s, 60s);
  loaded.world().run_for(1ms);
  loaded.node().stall(1h);
  loaded.world().run_for(5s);
  EXPECT_EQ(loaded.node().counters().received, 500U);
  EXPECT_EQ(loaded.recorder.latencies().count(), 0U);
}

TEST(LoadClient, AnOpenLoopSeesTheStallThatAClosedLoopOmits) {
  // Both ask 100 times a second for 100 s; the service stands still for ten of them.
  const auto run = [](bool is_open) {
    LoadedWorld loaded{station_of(10, Constant{1ms})};
    if (is_open) {
      loaded.start_open_loop(PoissonArrivals{RateProfile{100}}, 100s, 60s);
    } else {
      loaded.start_closed_loop(10, 97ms, 100s, 60s);
    }
    loaded.world().run_for(50s);
    loaded.node().stall(10s);
    loaded.world().run_for(100s);
    std::cout << (is_open ? "open" : "closed") << " loop: " << loaded.recorder.latencies().count()
              << " requests, p99 "
              << static_cast<double>(loaded.recorder.latencies().quantile(0.99).count()) / 1e6
              << " ms, max " << static_cast<double>(loaded.recorder.latencies().max().count()) / 1e6
              << " ms\n";
    return loaded.recorder.latencies();
  };
  const LatencyHistogram open = run(true);
  const LatencyHistogram closed = run(false);
  // A tenth of all arrivals meets the stall and waits 0 to 10 s: the p99 is a tenth below its end.
  EXPECT_NEAR(static_cast<double>(open.quantile(0.99).count()) / 1e9, 9.0, 0.3);
  EXPECT_LT(closed.quantile(0.99), 5ms);
  EXPECT_NEAR(static_cast<double>(closed.max().count()) / 1e9, 10.0, 0.3);
}

TEST(LoadClient, CountsEveryRequestOnceHoweverItEnds) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    service::StationOptions station = station_of(1, Exponential{12ms});
    station.queue_max = 20;
    LoadedWorld loaded{station, seed};
    loaded.start_open_loop(PoissonArrivals{RateProfile{100}}, 60s, 150ms);
    loaded.world().at(20s, [&] { loaded.world().host(1).crash(); });
    loaded.world().at(25s, [&] { loaded.world().host(1).start(); });
    loaded.world().run_for(120s);
    const CallWindow total = loaded.recorder.total();
    std::uint32_t ended = 0;
    for (const std::uint32_t count : total.ended) {
      ended += count;
    }
    EXPECT_EQ(ended, total.due);
    EXPECT_NEAR(total.due, 6'000, 400);
    for (const auto outcome :
         {service::CallOutcome::ok, service::CallOutcome::overloaded,
          service::CallOutcome::timed_out, service::CallOutcome::unreachable}) {
      EXPECT_GT(total.of(outcome), 10U) << static_cast<int>(outcome) << " seed " << seed;
    }
    // While the process is down nobody succeeds; afterwards they do again.
    EXPECT_EQ(loaded.recorder.total(20'100ms, 25s).of(service::CallOutcome::ok), 0U);
    EXPECT_GT(loaded.recorder.total(26s, 60s).of(service::CallOutcome::ok), 1'000U);
  }
}

TEST(LoadClient, RunsAlikeForTheSameSeedAndDifferentlyForAnother) {
  const auto windows = [](std::uint64_t seed) {
    LoadedWorld loaded{station_of(2, Lognormal{5ms, 50ms}), seed};
    loaded.start_open_loop(BurstyArrivals{300, 20, 500ms, 500ms}, 30s, 200ms);
    loaded.world().run_for(40s);
    return loaded.recorder.windows();
  };
  EXPECT_EQ(windows(1), windows(1));
  EXPECT_NE(windows(1), windows(2));
}

/// Throughput and response time of `users` with exponential think time at one exponential server,
/// exactly, by mean value analysis (Reiser and Lavenberg, 1980).
struct ClosedNetwork {
  double throughput = 0;
  double response = 0;
};

ClosedNetwork mean_values(std::uint32_t users, double think, double work) {
  ClosedNetwork network;
  double queue = 0;
  for (std::uint32_t n = 1; n <= users; ++n) {
    network.response = work * (1 + queue);
    network.throughput = n / (think + network.response);
    queue = network.throughput * network.response;
  }
  return network;
}

TEST(ClosedLoopClient, HasTheThroughputThatMeanValueAnalysisGives) {
  for (const std::uint32_t users : {1U, 5U, 20U, 50U}) {
    LoadedWorld loaded{station_of(1, Exponential{10ms})};
    loaded.start_closed_loop(users, 200ms, 1000s, 60s);
    loaded.world().run_for(1010s);
    const LatencyHistogram& latencies = loaded.recorder.latencies();
    // To the server, the links of 1 ms each way are thought.
    const ClosedNetwork expected = mean_values(users, 0.202, 0.01);
    const double throughput = static_cast<double>(latencies.count()) / 1000;
    const double response = static_cast<double>(latencies.mean().count()) / 1e9 - 0.002;
    std::cout << users << " users: " << throughput << " a second (expected " << expected.throughput
              << "), response " << response << " s (expected " << expected.response << ")\n";
    EXPECT_NEAR(throughput, expected.throughput, 0.02 * expected.throughput) << users;
    EXPECT_NEAR(response, expected.response, 0.05 * expected.response) << users;
  }
}

}  // namespace
}  // namespace windtunnel::client
