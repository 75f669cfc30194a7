#include "chaos/scenario/target.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "chaos/scenario/host_pattern.hpp"
#include "runtime/random.hpp"

namespace windtunnel::chaos {
namespace {

/// cp-a, cp-b, cp-c, cp-d, cp-e in zones a to e (a and b east, the others west), then web-1 and
/// web-2 in zone a.
HostDirectory hosts_of_seven() {
  HostDirectory hosts;
  std::vector<HostId> members;
  for (const std::string zone : {"a", "b", "c", "d", "e"}) {
    EXPECT_TRUE(hosts.add({"cp-" + zone, zone, zone < "c" ? "east" : "west"}));
    members.push_back(HostId{static_cast<std::uint32_t>(hosts.size() - 1)});
  }
  EXPECT_TRUE(hosts.add({"web-1", "a", "east"}));
  EXPECT_TRUE(hosts.add({"web-2", "a", "east"}));
  hosts.set_control_plane(members);
  return hosts;
}

Target target(std::string_view text) {
  return std::get<Target>(parse_target(text));
}

std::string names(const std::vector<HostId>& ids, const HostDirectory& hosts) {
  std::string text;
  for (const HostId id : ids) {
    text += (text.empty() ? "" : " ") + hosts[id].name;
  }
  return text;
}

/// What `text` means while cp-b leads and cp-c is down.
std::string meaning(std::string_view text, std::uint64_t seed = 1) {
  const HostDirectory hosts = hosts_of_seven();
  RandomStream random{seed, "test"};
  const TargetContext context{
      hosts, HostId{1}, {HostId{2}}, [&](std::uint64_t bound) { return random.below(bound); }};
  return names(resolve(target(text), context), hosts);
}

TEST(Target, FindsHostsByNameGlobAndBraces) {
  EXPECT_EQ(meaning("cp-c"), "cp-c");
  EXPECT_EQ(meaning("web-*"), "web-1 web-2");
  EXPECT_EQ(meaning("*-?"), "cp-a cp-b cp-c cp-d cp-e web-1 web-2");
  EXPECT_EQ(meaning("cp-{e,a}"), "cp-a cp-e");
  EXPECT_EQ(meaning("{cp,web}-{1..2}"), "web-1 web-2");
}

TEST(Target, FindsHostsByZoneAndRegion) {
  EXPECT_EQ(meaning("zone:a"), "cp-a web-1 web-2");
  EXPECT_EQ(meaning("region:west"), "cp-c cp-d cp-e");
}

TEST(Target, BindsNotTighterThanAndTighterThanOr) {
  EXPECT_EQ(meaning("cp-c | zone:a & !cp-*"), "cp-c web-1 web-2");
  EXPECT_EQ(meaning("(cp-c | zone:a) & cp-*"), "cp-a cp-c");
  EXPECT_EQ(meaning("!(cp-* | web-1)"), "web-2");
  EXPECT_EQ(meaning("!!cp-a"), "cp-a");
}

TEST(Target, BindsRolesToTheMoment) {
  EXPECT_EQ(meaning("leader"), "cp-b");
  EXPECT_EQ(meaning("followers"), "cp-a cp-c cp-d cp-e");
  EXPECT_EQ(meaning("!leader & cp-*"), "cp-a cp-c cp-d cp-e");
}

TEST(Target, ChoosesAFollowerThatIsUp) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const std::string chosen = meaning("a follower", seed);
    EXPECT_TRUE(chosen == "cp-a" || chosen == "cp-d" || chosen == "cp-e") << chosen;
  }
}

TEST(Target, SplitsTheControlPlaneIntoMinorityAndMajority) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    EXPECT_EQ(meaning("minority & majority", seed), "");
    EXPECT_EQ(meaning("minority | majority", seed), "cp-a cp-b cp-c cp-d cp-e");
    EXPECT_EQ(std::ranges::count(meaning("minority", seed), ' '), 1);
  }
}

TEST(Target, MeansNobodyByLeaderWhenNobodyLeads) {
  const HostDirectory hosts = hosts_of_seven();
  const TargetContext context{hosts, std::nullopt, {}, [](std::uint64_t) { return 0U; }};
  EXPECT_TRUE(resolve(target("leader"), context).empty());
  EXPECT_EQ(resolve(target("followers"), context).size(), 5U);
}

TEST(Target, RefusesWhatIsNoExpression) {
  for (const std::string_view text : {"", " ", "&", "a &", "| a", "(a", "a)", "!", "a b", "a !b",
                                      "zone:", "zone:a b", "role:x", "a;b", "{a", "ä", "()"}) {
    EXPECT_TRUE(std::holds_alternative<Complaint>(parse_target(text))) << text;
  }
  EXPECT_TRUE(std::holds_alternative<Complaint>(parse_target(std::string(100'000, '('))));
  EXPECT_TRUE(std::holds_alternative<Complaint>(parse_target(std::string(100'000, '!') + "a")));
}

TEST(Target, FindsWhatCanMatchNothing) {
  const HostDirectory hosts = hosts_of_seven();
  for (const std::string_view text : {"web-3", "db-*", "cp-{a,z}", "zone:z", "region:north",
                                      "zone:a & zone:b", "leader & web-1", "!*", "cp-a & !cp-*"}) {
    EXPECT_FALSE(check_target(target(text), hosts).empty()) << text;
  }
  for (const std::string_view text :
       {"leader & zone:a", "!leader", "cp-a & !leader", "minority & leader", "a follower | web-1",
        "!(cp-* & zone:b)"}) {
    EXPECT_TRUE(check_target(target(text), hosts).empty()) << text;
  }
}

TEST(Target, NeedsEnoughMembersForARole) {
  HostDirectory hosts;
  ASSERT_TRUE(hosts.add({"solo", "a", "east"}));
  hosts.set_control_plane({HostId{0}});
  EXPECT_TRUE(check_target(target("leader"), hosts).empty());
  EXPECT_FALSE(check_target(target("a follower"), hosts).empty());
  EXPECT_FALSE(check_target(target("minority"), hosts).empty());
}

rc::Gen<std::string> any_expression(int depth) {
  const auto leaf = rc::gen::element<std::string>("leader", "a follower", "minority", "cp-*",
                                                  "cp-{a,b}", "zone:a", "region:west", "web-1");
  if (depth == 0) {
    return leaf;
  }
  return rc::gen::oneOf(
      leaf, rc::gen::map(any_expression(depth - 1), [](std::string a) { return "!(" + a + ")"; }),
      rc::gen::apply(
          [](std::string a, std::string sign, std::string b) { return "(" + a + ")" + sign + b; },
          any_expression(depth - 1), rc::gen::element<std::string>("&", "|"),
          any_expression(depth - 1)));
}

TEST(Target, MeansTheSameAfterPrintingAndReading) {
  EXPECT_TRUE(rc::check([] {
    const std::string text = *any_expression(4);
    const Target once = target(text);
    const Target twice = target(target_text(once));
    RC_ASSERT(once == twice);
    RC_ASSERT(meaning(text) == meaning(target_text(once)));
  }));
}

TEST(Target, IsRefusedOnlyWhereItIsEmptyWhoeverLeads) {
  EXPECT_TRUE(rc::check([] {
    const std::string text = *any_expression(3);
    const HostDirectory hosts = hosts_of_seven();
    if (!check_target(target(text), hosts).empty()) {
      for (std::uint64_t seed = 0; seed < 8; ++seed) {
        RC_ASSERT(meaning(text, seed).empty());
      }
    }
  }));
}

TEST(HostPattern, RunsTheLastBracesFastest) {
  const auto names_of = std::get<std::vector<ExpandedName>>(expand_braces("{a,b}-{1..2}"));
  ASSERT_EQ(names_of.size(), 4U);
  EXPECT_EQ(names_of[1].name, "a-2");
  EXPECT_EQ(names_of[2].name, "b-1");
  EXPECT_EQ(names_of[2].item, "b");
}

TEST(HostPattern, MatchesGlobsAsASlowMatcherDoes) {
  const auto slow = [](auto& self, std::string_view glob, std::string_view name) -> bool {
    if (glob.empty()) {
      return name.empty();
    }
    if (glob[0] == '*') {
      return self(self, glob.substr(1), name) ||
             (!name.empty() && self(self, glob, name.substr(1)));
    }
    return !name.empty() && (glob[0] == '?' || glob[0] == name[0]) &&
           self(self, glob.substr(1), name.substr(1));
  };
  EXPECT_TRUE(rc::check([&] {
    using rc::gen::container, rc::gen::element, rc::gen::resize;
    const auto glob = *resize(9, container<std::string>(element('a', 'b', '*', '?')));
    const auto name = *resize(11, container<std::string>(element('a', 'b')));
    RC_ASSERT(glob_matches(glob, name) == slow(slow, glob, name));
  }));
}

}  // namespace
}  // namespace windtunnel::chaos
