// Service nodes in a simulated world: queueing theory through messages and timers, call graphs,
// deadlines, cancellation, held workers, versions, admission and the facts they state.
#include "models/service/node.hpp"

#include <algorithm>
#include <array>
#include <iostream>
#include <map>
#include <memory>

#include <boost/asio/as_tuple.hpp>
#include <gtest/gtest.h>

#include "models/client/load_client.hpp"
#include "models/service/direct_caller.hpp"
#include "tests/models/service/batch_means.hpp"
#include "tests/sim/small_world.hpp"

namespace windtunnel::service {
namespace {

using namespace std::chrono_literals;
using sim::Bundle;
using sim::SmallWorld;

/// Keeps every record, in the order that the calls ended.
class Records final : public client::CallSink {
 public:
  std::uint64_t begin(Instant /*due*/) override { return begun++; }
  void end(const client::CallRecord& record) override { all.push_back(record); }

  [[nodiscard]] std::size_t count(CallOutcome outcome) const {
    return static_cast<std::size_t>(
        std::count_if(all.begin(), all.end(),
                      [&](const client::CallRecord& one) { return one.outcome == outcome; }));
  }

  std::uint64_t begun = 0;
  std::vector<client::CallRecord> all;
};

/// Host 0 loads; the services stand on the hosts from 1, in the order that they are added.
class Services {
 public:
  explicit Services(std::size_t hosts, std::uint64_t seed = 1)
      : world_({.hosts = hosts, .world = {.seed = seed}}), nodes_(hosts) {}

  /// `callees` tells where each service that this one calls is.
  void add(std::uint32_t host, ServiceOptions options, std::vector<Route> callees = {}) {
    world_.start(host, [this, host, options, callees](Host& port, Bundle& bundle) {
      DirectCallerOptions routes;
      routes.routes = callees;
      routes.after_timeout = after_timeout;
      auto caller = std::make_shared<DirectCaller>(port, routes);
      auto node = std::make_shared<ServiceNode>(port, options, *caller);
      nodes_[host] = node.get();
      bundle.kept.push_back(caller);
      bundle.kept.push_back(node);
    });
  }

  void load(std::string service, std::vector<HostId> hosts, double rate, Duration lasts,
            Duration timeout = 60s, std::vector<std::uint32_t> business_weights = {1}) {
    client::OpenLoopOptions options;
    options.requests.service = service;
    options.requests.timeout = timeout;
    options.requests.business_weights = std::move(business_weights);
    options.arrivals = client::PoissonArrivals{client::RateProfile{rate}};
    options.lasts = lasts;
    DirectCallerOptions routes;
    routes.routes.push_back({service, std::move(hosts)});
    routes.after_timeout = after_timeout;
    world_.start(0, [this, options, routes](Host& port, Bundle& bundle) {
      auto caller = std::make_shared<DirectCaller>(port, routes);
      bundle.kept.push_back(caller);
      bundle.kept.push_back(std::make_shared<client::LoadClient>(port, options, *caller, records));
    });
  }

  void run_for(Duration span) { world_.run_for(span); }
  SmallWorld& world() { return world_; }
  ServiceNode& node(std::uint32_t host) { return *nodes_[host]; }

  Records records;
  AfterTimeout after_timeout = AfterTimeout::cancel;

 private:
  SmallWorld world_;
  std::vector<ServiceNode*> nodes_;
};

ServiceOptions named(std::string name, DurationDistribution work = Constant{1ms},
                     std::uint32_t workers = 1) {
  ServiceOptions options;
  options.service = std::move(name);
  options.station.work = std::move(work);
  options.station.workers = workers;
  options.station.queue_max = 1'000'000;
  return options;
}

DownstreamCall calling(std::string service, Duration timeout = 1s) {
  DownstreamCall call;
  call.service = std::move(service);
  call.timeout = timeout;
  return call;
}

TEST(ServiceNode, IsAnMM1QueueBehindTwoLinks) {
  Services services{2};
  services.add(1, named("shop", Exponential{1ms}));
  services.load("shop", {HostId{1}}, 700, 500s);
  services.run_for(520s);
  std::vector<double> latencies;
  for (const client::CallRecord& one : services.records.all) {
    EXPECT_EQ(one.outcome, CallOutcome::ok);
    latencies.push_back(static_cast<double>(one.latency().count()) / 1e9);
  }
  const Interval interval = batch_means(latencies);
  const double expected = 0.002 + 1.0 / (1000 - 700);
  std::cout << "mean " << interval.mean << " +- " << interval.half_width << " s, expected "
            << expected << " s over " << latencies.size() << " calls\n";
  EXPECT_TRUE(interval.contains(expected));
  EXPECT_LT(interval.half_width, 0.05 * expected);
}

/// One call of "front", which calls "left" and "right"; how long it took.
Duration time_of_one_call(FanOut fan_out) {
  Services services{4};
  ServiceOptions front = named("front", Constant{3ms});
  front.downstream = {calling("left"), calling("right")};
  front.fan_out = fan_out;
  services.add(1, front, {{"left", {HostId{2}}}, {"right", {HostId{3}}}});
  services.add(2, named("left", Constant{10ms}));
  services.add(3, named("right", Constant{20ms}));
  services.load("front", {HostId{1}}, 0.5, 10s);
  services.run_for(20s);
  EXPECT_FALSE(services.records.all.empty());
  EXPECT_EQ(services.records.all.front().outcome, CallOutcome::ok);
  return services.records.all.front().latency();
}

TEST(ServiceNode, CallsInTurnAddUpAndCallsInParallelTakeTheLongest) {
  // Links of 1 ms each way: 2 + 3 + (2 + 10) + (2 + 20), against 2 + 3 + (2 + 20).
  EXPECT_EQ(time_of_one_call(FanOut::sequential), 39ms);
  EXPECT_EQ(time_of_one_call(FanOut::parallel), 27ms);
}

TEST(ServiceNode, FailsWithARequiredCalleeAndWithoutAnOptionalOneGoesOn) {
  for (const FanOut fan_out : {FanOut::sequential, FanOut::parallel}) {
    for (const Need need : {Need::required, Need::optional}) {
      Services services{4};
      ServiceOptions front = named("front");
      front.downstream = {calling("bad"), calling("good")};
      front.downstream[0].need = need;
      front.fan_out = fan_out;
      services.add(1, front, {{"bad", {HostId{2}}}, {"good", {HostId{3}}}});
      ServiceOptions bad = named("bad");
      bad.errors = Probability::of_ratio(1);
      services.add(2, bad);
      services.add(3, named("good"));
      services.load("front", {HostId{1}}, 10, 10s);
      services.run_for(20s);
      const CallOutcome expected = need == Need::required ? CallOutcome::failed : CallOutcome::ok;
      EXPECT_EQ(services.records.count(expected), services.records.begun);
      const bool asks_good = need == Need::optional || fan_out == FanOut::parallel;
      EXPECT_EQ(services.node(3).counters().received, asks_good ? services.records.begun : 0U);
    }
  }
}

TEST(ServiceNode, PassesItsDeadlineOnSoThatNobodyWorksForTheDead) {
  // 150 a second on a leaf good for 100, and callers who wait for 300 ms.
  const auto late_work = [](Deadlines deadlines) {
    Services services{3};
    services.after_timeout = AfterTimeout::abandon;
    ServiceOptions front = named("front", Constant{1ms}, 8);
    front.downstream = {calling("leaf", 100s)};
    front.deadlines = deadlines;
    services.add(1, front, {{"leaf", {HostId{2}}}});
    services.add(2, named("leaf", Constant{10ms}));
    services.load("front", {HostId{1}}, 150, 30s, 300ms);
    services.run_for(60s);
    return std::pair{services.records.count(CallOutcome::ok), services.node(2).counters().expired};
  };
  const auto [ok, dropped] = late_work(Deadlines::propagate);
  EXPECT_GT(ok, 500U);
  EXPECT_GT(dropped, 1'000U);
  const auto [ok_ignoring, dropped_ignoring] = late_work(Deadlines::ignore);
  EXPECT_LT(ok_ignoring, 200U);
  EXPECT_EQ(dropped_ignoring, 0U);
}

TEST(ServiceNode, DropsWorkWhoseCallerSaysThatItGaveUp) {
  for (const AfterTimeout after : {AfterTimeout::cancel, AfterTimeout::abandon}) {
    Services services{2};
    services.after_timeout = after;
    ServiceOptions shop = named("shop", Constant{10ms});
    shop.station.expired = Expired::serve;
    services.add(1, shop);
    services.load("shop", {HostId{1}}, 150, 20s, 200ms);
    services.run_for(100s);
    const ServiceCounters& counters = services.node(1).counters();
    if (after == AfterTimeout::cancel) {
      EXPECT_GT(counters.cancelled, 500U);
      EXPECT_EQ(counters.cancelled + counters.ok, counters.received);
    } else {
      EXPECT_EQ(counters.cancelled, 0U);
      EXPECT_EQ(counters.ok, counters.received);
    }
    EXPECT_EQ(services.node(1).station().present(), 0U);
  }
}

TEST(ServiceNode, WithHeldWorkersIsNoFasterThanWhatItWaitsFor) {
  // Little's law: ten workers that are held for 102 ms serve 98 a second.
  for (const WorkerHold workers : {WorkerHold::until_released, WorkerHold::until_served}) {
    Services services{3};
    ServiceOptions front = named("front", Constant{Duration{}}, 10);
    front.workers = workers;
    front.downstream = {calling("slow", 10s)};
    services.add(1, front, {{"slow", {HostId{2}}}});
    services.add(2, named("slow", Constant{100ms}, 1000));
    services.load("front", {HostId{1}}, 200, 60s);
    services.run_for(30s);
    const double rate = static_cast<double>(services.node(1).counters().ok) / 30;
    EXPECT_NEAR(rate, workers == WorkerHold::until_released ? 98 : 200, 6);
  }
}

TEST(ServiceNode, RefusesWhatIsMeantForAnother) {
  Services services{2};
  services.add(1, named("newcomer"));
  services.load("predecessor", {HostId{1}}, 100, 1s);
  services.run_for(2s);
  EXPECT_EQ(services.records.count(CallOutcome::unreachable), services.records.begun);
  EXPECT_EQ(services.node(1).counters().wrong_service, services.records.begun);
}

TEST(ServiceNode, ABadVersionFailsAtItsRateAndSaysWhichItIs) {
  Services services{3};
  services.add(1, named("shop"));
  ServiceOptions bad = named("shop");
  bad.version = 2;
  bad.errors = Probability::of_ratio(0.2);
  services.add(2, bad);
  services.load("shop", {HostId{1}, HostId{2}}, 200, 100s);
  services.run_for(110s);
  std::map<std::uint32_t, std::pair<double, double>> failed_of_all;
  for (const client::CallRecord& one : services.records.all) {
    auto& [failed, all] = failed_of_all[one.version];
    failed += one.outcome == CallOutcome::failed ? 1 : 0;
    all += 1;
  }
  ASSERT_EQ(failed_of_all.size(), 2U);
  EXPECT_EQ(failed_of_all[1].first, 0);
  EXPECT_NEAR(failed_of_all[2].first / failed_of_all[2].second, 0.2, 0.015);
}

TEST(ServiceNode, StatesWhenSheddingStartedAndWhenItEndedAndNothingElse) {
  Services services{2};
  ServiceOptions shop = named("shop", Constant{1ms});
  shop.station.queue_max = 10;
  services.add(1, shop);
  services.load("shop", {HostId{1}}, 200, 60s);
  services.world().at(20s, [&] { services.node(1).stall(2s); });
  services.run_for(70s);
  std::vector<std::string> facts;
  const sim::FactLog& log = services.world()->facts();
  for (std::size_t i = 0; i < log.size(); ++i) {
    facts.emplace_back(log[i].type->name);
  }
  EXPECT_EQ(facts, (std::vector<std::string>{"service.started", "service.shedding_started",
                                             "service.shedding_ended"}));
  EXPECT_EQ(log[1].as<SheddingStarted>().first, JobOutcome::refused);
  EXPECT_NEAR(static_cast<double>(log[2].as<SheddingEnded>().turned_away), 390, 60);
}

TEST(ServiceNode, WithAdmissionServesTheImportantAndStopsTheRestAtTheirCallers) {
  // 2000 a second of four businesses on a service good for 1000.
  Services services{2};
  ServiceOptions shop = named("shop", Exponential{10ms}, 10);
  shop.admission = DagorOptions{};
  services.add(1, shop);
  services.load("shop", {HostId{1}}, 2000, 180s, 1s, {1, 1, 1, 1});
  services.run_for(190s);
  std::array<double, 4> ok{};
  std::array<double, 4> all{};
  for (const client::CallRecord& one : services.records.all) {
    if (one.due > Instant{90s}) {
      ok[one.business] += one.outcome == CallOutcome::ok ? 1 : 0;
      all[one.business] += 1;
    }
  }
  EXPECT_GT(ok[0] / all[0], 0.99);
  EXPECT_GT(ok[1] / all[1], 0.8);
  EXPECT_LT(ok[3] / all[3], 0.01);
  // Most of what would be refused never leaves its host.
  EXPECT_GT(services.records.count(CallOutcome::rejected),
            2 * services.records.count(CallOutcome::overloaded));
}

TEST(ServiceNode, GetsNothingDoneWhileItsHostIsPaused) {
  Services services{2};
  services.add(1, named("shop", Constant{100ms}));
  services.load("shop", {HostId{1}}, 1000, 100ms);
  services.run_for(1s);
  const std::uint64_t before = services.node(1).counters().ok;
  services.world().host(1).pause();
  services.run_for(5s);
  services.world().host(1).resume();
  services.run_for(50ms);
  // What was due next counts as done; everything else still takes its time.
  EXPECT_LE(services.node(1).counters().ok, before + 1);
  services.run_for(1s);
  EXPECT_NEAR(static_cast<double>(services.node(1).counters().ok - before), 11, 1);
}

/// Fills the one worker of host 1, and keeps what the next one who asks is told.
asio::awaitable<void> ask_twice(Host& host, std::vector<Response>& responses) {
  for (const Duration timeout : {Duration{10ms}, Duration{1min}}) {
    Request request;
    request.service = "shop";
    auto [error, response] = co_await host.messages().async_call<Response>(
        HostId{1}, std::move(request), timeout, asio::as_tuple(asio::deferred));
    if (!error) {
      responses.push_back(response);
    }
  }
}

TEST(ServiceNode, TellsThoseItTurnsAwayWhenToComeBack) {
  Services services{2};
  ServiceOptions shop = named("shop", Constant{1s});
  shop.station.queue_max = 0;
  shop.pushback = 250ms;
  services.add(1, shop);
  std::vector<Response> responses;
  services.world().start(0, [&](Host& host, Bundle&) { spawn(host, ask_twice(host, responses)); });
  services.run_for(2s);
  ASSERT_EQ(responses.size(), 1U);
  EXPECT_EQ(responses[0].status, Status::overloaded);
  EXPECT_EQ(responses[0].pushback, Duration{250ms});
}

template <typename Message>
void expect_same_after_the_wire(const Message& message,
                                void (*same)(const Message&, const Message&)) {
  ByteBuffer buffer;
  ByteWriter out{buffer};
  encode(out, message);
  const auto back = decoded<Message>(buffer.view());
  ASSERT_TRUE(back.has_value());
  same(message, *back);
}

TEST(ServiceMessages, SurviveTheWire) {
  expect_same_after_the_wire<Request>({"shop", "u1", 7, 30ms, 2, {3, 127}},
                                      [](const Request& a, const Request& b) {
                                        EXPECT_EQ(a.service, b.service);
                                        EXPECT_EQ(a.key, b.key);
                                        EXPECT_EQ(a.id, b.id);
                                        EXPECT_EQ(a.remaining, b.remaining);
                                        EXPECT_EQ(a.attempt, b.attempt);
                                        EXPECT_EQ(a.priority, b.priority);
                                      });
  expect_same_after_the_wire<Response>({Status::overloaded, 3, {1, 2}, 5ms},
                                       [](const Response& a, const Response& b) {
                                         EXPECT_EQ(a.status, b.status);
                                         EXPECT_EQ(a.version, b.version);
                                         EXPECT_EQ(a.admitted, b.admitted);
                                         EXPECT_EQ(a.pushback, b.pushback);
                                       });
}

TEST(ServiceNode, SurvivesCrashesWithCallsUnderWay) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Services services{4, seed};
    ServiceOptions front = named("front", Exponential{2ms}, 4);
    front.downstream = {calling("left"), calling("right")};
    front.fan_out = seed % 2 == 0 ? FanOut::sequential : FanOut::parallel;
    front.workers = seed % 3 == 0 ? WorkerHold::until_released : WorkerHold::until_served;
    services.add(1, front, {{"left", {HostId{2}}}, {"right", {HostId{3}}}});
    services.add(2, named("left", Exponential{5ms}));
    services.add(3, named("right", Exponential{5ms}));
    services.load("front", {HostId{1}}, 100, 30s, 500ms);
    RandomStream random{seed, "crashes"};
    for (int i = 0; i < 20; ++i) {
      const auto host = static_cast<std::uint32_t>(1 + random.below(3));
      const Duration when = random.uniform(1s, 20s);
      services.world().at(when, [&services, host] { services.world().host(host).crash(); });
      services.world().at(when + 300ms, [&services, host] {
        if (!services.world().host(host).is_running()) {
          services.world().host(host).start();
        }
      });
    }
    services.run_for(60s);
    EXPECT_EQ(services.records.all.size(), services.records.begun);
    EXPECT_TRUE(std::all_of(services.records.all.begin(), services.records.all.end(),
                            [](const client::CallRecord& one) {
                              return one.due < Instant{25s} || one.outcome == CallOutcome::ok;
                            }));
  }
}

}  // namespace
}  // namespace windtunnel::service
