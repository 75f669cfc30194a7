#include "models/config/members.hpp"

#include <map>

#include <gtest/gtest.h>

#include "runtime/random.hpp"

namespace windtunnel::config {
namespace {

Member member(std::uint64_t process) {
  return {SubscriberId{1}, process, Instant{}, 0};
}

std::vector<HostId> all_of(const Members& members) {
  return members.select([](const Member&) { return true; });
}

TEST(Members, AreThoseOfAMap) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    RandomStream random{seed, "members"};
    Members members;
    std::map<HostId, std::uint64_t> map;
    for (std::uint64_t step = 1; step <= 200; ++step) {
      const HostId host{static_cast<HostId::rep>(random.below(40))};
      if (random.below(2) == 0) {
        members.remove(host);
        map.erase(host);
      } else if (members.find(host) == nullptr) {
        members.add(host, member(step));
        map.emplace(host, step);
      }
      ASSERT_EQ(members.size(), map.size()) << "seed " << seed;
      ASSERT_EQ(members.find(host) != nullptr, map.contains(host)) << "seed " << seed;
    }
    std::vector<HostId> hosts;
    for (const auto& [host, process] : map) {
      hosts.push_back(host);
      ASSERT_EQ(members.find(host)->process, process) << "seed " << seed;
    }
    EXPECT_EQ(all_of(members), hosts) << "seed " << seed;
  }
}

TEST(Members, SelectsSomeInTheOrderOfTheirHosts) {
  Members members;
  for (const HostId::rep host : {9U, 2U, 5U}) {
    members.add(HostId{host}, member(host));
  }

  const std::vector<HostId> chosen =
      members.select([](const Member& one) { return one.process != 5; });

  EXPECT_EQ(chosen, (std::vector{HostId{2}, HostId{9}}));
}

}  // namespace
}  // namespace windtunnel::config
