#include "models/proxy/quota_keeper.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/sim/small_world.hpp"

namespace windtunnel::proxy {
namespace {

using namespace std::chrono_literals;
using sim::Bundle;
using sim::SmallWorld;

RoutePolicy policy_of_caller(const std::string& caller) {
  RoutePolicy policy;
  policy.caller = caller;
  policy.callee = "shop";
  policy.quota = QuotaSettings{1000, 1s};
  return policy;
}

/// A proxy, and two nodes of the control plane of which the second leads.
struct KeeperWorld {
  KeeperWorld() {
    for (std::uint32_t i = 1; i <= 2; ++i) {
      world.start(i, [this, i](Host& host, Bundle& bundle) {
        bundle.subscriptions.push_back(host.messages().serve<QuotaAsk>(
            [this, i, &host](HostId, const QuotaAsk& ask, const ReplyTo& reply) {
              heard[i].push_back(ask);
              host.messages().reply(reply, QuotaAnswer{HostId{2}, {}});
            }));
      });
    }
    world.start(0, [this](Host& host, Bundle& bundle) {
      route.emplace(RouteInput{"a", 0, RandomStream{1, "route"}}, policy_of_caller("*"),
                    std::vector<balance::Endpoint>(1), host.now());
      auto made = std::make_shared<QuotaKeeper>(host, *route, "shop",
                                                std::vector<HostId>{HostId{1}, HostId{2}});
      keeper = made.get();
      bundle.kept.push_back(made);
      keeper->run();
    });
  }

  SmallWorld world{{.hosts = 3}};
  std::optional<Route> route;
  QuotaKeeper* keeper = nullptr;
  std::vector<QuotaAsk> heard[3];
};

TEST(QuotaKeeper, AsksTheLeaderForTheSameQuotaThoughTheRouteHasAnotherByThen) {
  KeeperWorld keeper;
  keeper.world.run_for(1500us);
  ASSERT_EQ(keeper.heard[1].size(), 1U);
  keeper.route->apply(keeper.world.host(0).now(), policy_of_caller("front"));
  keeper.world.run_for(5ms);
  ASSERT_EQ(keeper.heard[2].size(), 1U);
  EXPECT_EQ(keeper.heard[2][0].quota, keeper.heard[1][0].quota);
  EXPECT_EQ(keeper.heard[2][0].request.incarnation, keeper.heard[1][0].request.incarnation);
}

}  // namespace
}  // namespace windtunnel::proxy
