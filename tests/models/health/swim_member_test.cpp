#include "models/health/swim_member.hpp"

#include <map>
#include <memory>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "models/health/facts.hpp"
#include "tests/sim/small_world.hpp"

namespace windtunnel::health {
namespace {

using namespace std::chrono_literals;
using sim::Bundle;
using sim::SmallWorld;

constexpr std::uint32_t kHosts = 12;

/// Twelve members; each keeps in mind whom it was told to be dead.
class SwimMemberTest : public ::testing::Test {
 protected:
  SwimMemberTest() {
    SwimMemberOptions options;
    for (std::uint32_t i = 0; i < kHosts; ++i) {
      options.group.push_back(HostId{i});
    }
    for (std::uint32_t i = 0; i < kHosts; ++i) {
      world_.start(i, [this, options, i](Host& host, Bundle& bundle) {
        dead_[i].clear();
        bundle.kept.push_back(
            std::make_shared<SwimMember>(host, options, [this, i](HostId member, bool is_alive) {
              if (is_alive) {
                dead_[i].erase(member.value());
              } else {
                dead_[i].insert(member.value());
              }
            }));
      });
    }
  }

  /// How many of the others take the host for dead.
  int mourners_of(std::uint32_t host) {
    int mourners = 0;
    for (std::uint32_t i = 0; i < kHosts; ++i) {
      mourners += i != host && dead_[i].contains(host) ? 1 : 0;
    }
    return mourners;
  }

  SmallWorld world_{{.hosts = kHosts}};
  std::map<std::uint32_t, std::set<std::uint32_t>> dead_;
};

TEST_F(SwimMemberTest, TakesNobodyForDeadWhoRuns) {
  world_.run_for(300s);
  for (std::uint32_t i = 0; i < kHosts; ++i) {
    EXPECT_EQ(mourners_of(i), 0) << i;
  }
}

TEST_F(SwimMemberTest, TellsAllOfALossAfterASuspicionsTime) {
  world_.run_for(20s);
  world_.host(3).lose_power();
  // No suspicion is shorter: 4 intervals times the logarithm of twelve.
  world_.run_for(4300ms);
  EXPECT_EQ(mourners_of(3), 0);
  world_.run_for(15s);
  EXPECT_EQ(mourners_of(3), static_cast<int>(kHosts) - 1);
}

// Away for longer than its death is remembered: the others have forgotten it, and it has to ask.
TEST_F(SwimMemberTest, IsAliveToAllSoonAfterItIsBack) {
  for (const Duration away : {20s, 25s, 100s}) {
    world_.run_for(20s);
    world_.host(5).lose_power();
    world_.run_for(away);
    EXPECT_EQ(mourners_of(5), static_cast<int>(kHosts) - 1);
    world_.host(5).start();
    world_.run_for(3s);
    EXPECT_EQ(mourners_of(5), 0) << away.count();
    EXPECT_TRUE(dead_[5].empty());
  }
}

}  // namespace
}  // namespace windtunnel::health
