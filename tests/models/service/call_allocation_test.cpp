// This program replaces the global operator new to count what a call costs from its due time to its
// record, through two simulated hosts.
#include <iostream>
#include <memory>

#include <gtest/gtest.h>

#include "models/client/call_recorder.hpp"
#include "models/client/load_client.hpp"
#include "models/service/direct_caller.hpp"
#include "models/service/node.hpp"
#include "tests/sim/counted_allocations.hpp"
#include "tests/sim/small_world.hpp"

namespace windtunnel::service {
namespace {

using namespace std::chrono_literals;
using sim::Bundle;

void start_service(sim::SmallWorld& world) {
  world.start(1, [](Host& host, Bundle& bundle) {
    ServiceOptions options;
    options.service = "shop";
    options.station.workers = 4;
    auto caller = std::make_shared<DirectCaller>(host, DirectCallerOptions{});
    bundle.kept.push_back(std::make_shared<ServiceNode>(host, options, *caller));
    bundle.kept.push_back(caller);
  });
}

void start_load(sim::SmallWorld& world, client::CallSink& sink) {
  world.start(0, [&sink](Host& host, Bundle& bundle) {
    DirectCallerOptions routes;
    routes.routes.push_back({"shop", {HostId{1}}});
    auto caller = std::make_shared<DirectCaller>(host, routes);
    client::OpenLoopOptions options;
    options.requests.service = "shop";
    options.arrivals = client::PoissonArrivals{client::RateProfile{2000}};
    bundle.kept.push_back(std::make_shared<client::LoadClient>(host, options, *caller, sink));
    bundle.kept.push_back(caller);
  });
}

TEST(CallAllocation, IsTheRequestOnTheWireAlone) {
  sim::SmallWorld world{};
  client::CallRecorder recorder{Instant{}};
  start_service(world);
  start_load(world, recorder);
  world.run_for(10s);
  const std::uint64_t calls_before = recorder.latencies().count();
  const std::uint64_t before = counted_allocations();
  world.run_for(10s);
  const auto calls = static_cast<double>(recorder.latencies().count() - calls_before);
  const double per_call = static_cast<double>(counted_allocations() - before) / calls;
  std::cout << per_call << " allocations a call over " << calls << " calls\n";
  EXPECT_GT(calls, 19'000);
  EXPECT_LE(per_call, 1.01);
}

}  // namespace
}  // namespace windtunnel::service
