#include "models/health/virtual_addresses.hpp"

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "models/health/facts.hpp"
#include "tests/sim/small_world.hpp"

namespace windtunnel::health {
namespace {

using namespace std::chrono_literals;
using sim::Bundle;
using sim::SmallWorld;

struct Held {
  Duration at{};
  std::uint32_t host = 0;
  bool is_held = false;
  friend bool operator==(const Held&, const Held&) = default;
};

/// Two routers, of priority 150 and 100, and a host that asks; one millisecond between them.
class VirtualAddressesTest : public ::testing::Test {
 protected:
  VirtualAddressesTest() {
    world_->facts().observe([this](const sim::FreshFact& fact) {
      const bool is_taken = fact.is<AddressTaken>();
      if (is_taken || fact.is<AddressYielded>()) {
        held_.push_back({fact.at.time_since_epoch(), fact.host.value(), is_taken});
      }
    });
  }

  void start(VrrpOptions options = {}) {
    for (std::uint32_t i = 0; i < 3; ++i) {
      world_.start(i, [this, options, i](Host& host, Bundle& bundle) mutable {
        VirtualAddress address{.name = "gw", .options = options};
        address.options.priority = i == 0 ? 150 : 100;
        address.is_shared = i < 2;
        address.audience = {HostId{0}, HostId{1}, HostId{2}};
        bundle.kept.push_back(std::make_shared<VirtualAddresses>(
            host, std::vector{address}, [this, i](std::string_view, HostId holder) {
              if (i == 2) {
                asked_.push_back(holder.value());
              }
            }));
      });
    }
  }

  SmallWorld world_{{.hosts = 3}};
  std::vector<Held> held_;
  std::vector<std::uint32_t> asked_;  ///< Whom the third host took for the holder, in turn.
};

constexpr Duration kFirst = 3s + Duration{1s} * (256 - 150) / 256;  // The better one hears nobody.
constexpr Duration kDown = 3s + Duration{1s} * (256 - 100) / 256;   // 3.609375 s.

TEST_F(VirtualAddressesTest, AreTakenByTheBetterRouterAndFoundByWhoHearsIt) {
  start();
  world_.run_for(60s);
  EXPECT_EQ(held_, (std::vector<Held>{{kFirst, 0, true}}));
  EXPECT_EQ(asked_, (std::vector<std::uint32_t>{0}));
}

// Whenever it is lost, the other counts from the last advertisement that it heard.
TEST_F(VirtualAddressesTest, MoveThreeIntervalsAndASkewAfterTheLastAdvertisement) {
  start();
  world_.run_for(kFirst + 10s + 417ms);
  world_.host(0).lose_power();
  world_.run_for(10s);
  ASSERT_EQ(held_.size(), 2U);
  EXPECT_EQ(held_[1], (Held{kFirst + 10s + 1ms + kDown, 1, true}));
  EXPECT_EQ(asked_, (std::vector<std::uint32_t>{0, 1}));
}

TEST_F(VirtualAddressesTest, GoBackToTheBetterRouterUnlessItMayNotPreempt) {
  for (const VrrpPreemption preemption : {VrrpPreemption::allowed, VrrpPreemption::disabled}) {
    held_.clear();
    asked_.clear();
    start({.preemption = preemption});
    world_.run_for(10s);
    world_.host(0).lose_power();
    world_.run_for(10s);
    world_.host(0).start();
    world_.run_for(20s);
    const bool is_back = preemption == VrrpPreemption::allowed;
    EXPECT_EQ(asked_.back(), is_back ? 0U : 1U);
    EXPECT_EQ(held_.back().is_held, !is_back) << "the worse one yields last";
    for (std::uint32_t i = 0; i < 3; ++i) {
      world_.host(i).lose_power();
    }
  }
}

// The better one is not heard by the other: both hold the address until the link is mended.
TEST_F(VirtualAddressesTest, AreHeldTwiceWhereTheBetterRouterIsNotHeard) {
  start();
  world_.run_for(20s);
  const sim::ConditionId cut = world_.impose(0, 1, sim::Block{});
  world_.run_for(20s);
  ASSERT_EQ(held_.size(), 2U);
  EXPECT_EQ(held_[1].host, 1U);
  EXPECT_TRUE(held_[1].is_held);
  // The better one answers each of the other's advertisements, so that who hears both believes it.
  EXPECT_GT(asked_.size(), 20U);
  EXPECT_EQ(asked_.back(), 0U);
  world_->network().lift(cut);
  world_.run_for(5s);
  ASSERT_EQ(held_.size(), 3U);
  EXPECT_EQ(held_[2].host, 1U);
  EXPECT_FALSE(held_[2].is_held);
}

}  // namespace
}  // namespace windtunnel::health
