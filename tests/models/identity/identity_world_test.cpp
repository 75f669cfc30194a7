// Certificates in whole worlds: clocks that differ, an authority that is away, and rotations while
// the control plane loses its leaders.
#include "tests/models/identity/identity_world.hpp"

#include <algorithm>
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace windtunnel::identity {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class IdentityBySeed : public testing::TestWithParam<std::uint64_t> {};
INSTANTIATE_TEST_SUITE_P(Seeds, IdentityBySeed, testing::Range<std::uint64_t>(1, 41));

/// With certificates of ten seconds, that are renewed when 4.9 to 5.1 are left and are valid from
/// one second before they were made: what any two clocks may differ by.
constexpr Duration kSkewForward = 4900ms;
constexpr Duration kSkewBackward = 1s;
/// Until a certificate that was asked for is there.
constexpr Duration kAnswer = 300ms;

TEST_P(IdentityBySeed, NoHandshakeFailsWhereClocksDifferByLessThanTheBound) {
  IdentityWorld identity{{.seed = GetParam()}};
  const Duration bound = std::min(kSkewBackward, kSkewForward - kAnswer);
  for (std::uint32_t i = 0; i < IdentityWorld::kNodes + 4; ++i) {
    identity.world.host(i).step_wall_clock(identity.random.uniform(Duration::zero(), bound));
  }
  identity.start();
  identity.world.run_for(40s);
  EXPECT_THAT(identity.refused, IsEmpty());
  EXPECT_THAT(identity.expired, IsEmpty());
  EXPECT_GT(identity.accepted, 3000U);
}

TEST_P(IdentityBySeed, OnlyClocksThatAreAheadMayDifferByMore) {
  // Nobody's clock is behind that of an authority, so nothing is not valid yet.
  IdentityWorld identity{{.seed = GetParam()}};
  for (std::uint32_t i = IdentityWorld::kNodes; i < IdentityWorld::kNodes + 4; ++i) {
    identity.world.host(i).step_wall_clock(
        identity.random.uniform(Duration::zero(), kSkewForward - kAnswer));
  }
  identity.start();
  identity.world.run_for(40s);
  EXPECT_THAT(identity.refused, IsEmpty());
}

TEST(Identity, HandshakesFailBeyondTheBound) {
  IdentityWorld ahead{{}};
  ahead.world.host(IdentityWorld::kNodes).step_wall_clock(kSkewForward + 500ms);
  ahead.start();
  ahead.world.run_for(40s);
  EXPECT_THAT(ahead.refused, SizeIs(1));
  EXPECT_GT(ahead.refused["expired"], 0U);

  IdentityWorld behind{{}};
  behind.world.host(IdentityWorld::kNodes).step_wall_clock(-kSkewBackward - 500ms);
  behind.start();
  behind.world.run_for(40s);
  EXPECT_THAT(behind.refused, SizeIs(1));
  EXPECT_GT(behind.refused["not_yet_valid"], 0U);
}

TEST_P(IdentityBySeed, AnOutageShorterThanTheSlackIsNotNoticed) {
  const IdentityWorldOptions options{.seed = GetParam()};
  IdentityWorld identity{options};
  const Duration slack = options.renewal.slack(options.issuing.ttl, options.patience + 3 * kAnswer);
  ASSERT_GT(slack, 3s);
  identity.cut_off(identity.random.uniform(15s, 25s), slack);
  identity.start();
  identity.world.run_for(45s);
  EXPECT_THAT(identity.expired, IsEmpty());
  EXPECT_THAT(identity.refused, IsEmpty());
}

TEST(Identity, ALongOutageCostsTheShareOfItsClosedForm) {
  // See Renewal.TheShareThatALongOutageCostsHasAClosedForm; here with a network, so that what comes
  // after the outage takes between nothing and two seconds more.
  constexpr std::uint64_t kSeeds = 60;
  constexpr std::uint32_t kWorkloads = 8;
  const Duration lasts = 75s;
  std::size_t expired = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    IdentityWorldOptions options{.seed = seed, .workloads = kWorkloads};
    options.issuing.ttl = 100s;
    options.greeting = Duration::zero();
    IdentityWorld identity{options};
    identity.cut_off(identity.random.uniform(100s, 150s), lasts);
    identity.start();
    identity.world.run_for(240s);
    expired += identity.expired.size();
  }
  const double share = static_cast<double>(expired) / (kSeeds * kWorkloads);
  // Workloads that began together are at the same point, so that the sample is one for each seed.
  const double deviation = std::sqrt(0.5 * 0.5 / kSeeds);
  EXPECT_GE(share, 0.50 - 3 * deviation);
  EXPECT_LE(share, 0.54 + 3 * deviation);
}

TEST(Identity, EverybodyIsServedAgainAfterALongOutage) {
  IdentityWorld identity{{}};
  identity.cut_off(15s, 20s);
  identity.start();
  identity.world.run_for(34s);
  EXPECT_THAT(identity.expired, SizeIs(4));
  EXPECT_GT(identity.refused["expired"], 0U);
  identity.world.run_for(4s);
  identity.refused.clear();
  identity.world.run_for(20s);
  EXPECT_THAT(identity.refused, IsEmpty());
}

TEST(Identity, EverybodyIsServedWhereOneNodeIsGone) {
  for (std::uint32_t gone = 0; gone < IdentityWorld::kNodes; ++gone) {
    IdentityWorld identity{{}};
    identity.start();
    identity.world.host(gone).lose_power();
    identity.world.run_for(30s);
    EXPECT_THAT(identity.installed, SizeIs(4)) << gone;
    EXPECT_THAT(identity.expired, IsEmpty()) << gone;
  }
}

TEST(Identity, SerialsAreNeverGivenTwice) {
  IdentityWorld identity{{}};
  std::map<std::uint64_t, int> serials;
  identity.world->facts().observe([&](const sim::FreshFact& fact) {
    if (fact.is<CertificateInstalled>()) {
      ++serials[fact.as<CertificateInstalled>().serial];
    }
  });
  identity.start();
  identity.world.run_for(60s);
  EXPECT_GT(serials.size(), 40U);
  EXPECT_TRUE(std::ranges::all_of(serials, [](const auto& entry) { return entry.second == 1; }));
}

TEST(Workload, TakesNoOlderTrustForNewer) {
  IdentityWorld identity{{.workloads = 1}};
  identity.world.host(IdentityWorld::kNodes).start();  // Nobody else is there.
  auto& workload =
      dynamic_cast<WorkloadProgram&>(*identity.world.host(IdentityWorld::kNodes).program())
          .workload;
  const auto apply = [&](std::uint64_t revision) {
    Trust trust = first_trust("cluster.local");
    trust.issuer = KeyId{revision};
    config::Update step;
    step.written.push_back({std::string{kTrustDocument}, trust_content_of(trust), revision});
    workload.apply(step);
  };
  apply(7);
  apply(5);
  EXPECT_EQ(workload.trust().issuer, KeyId{7});
  apply(9);
  EXPECT_EQ(workload.trust().issuer, KeyId{9});
}

/// Loses the leader again and again, in one of three ways, and a workload now and then.
void disturb(IdentityWorld& identity, Duration until) {
  const Duration next = identity.world.now() + identity.random.uniform(300ms, 1500ms);
  if (next > until) {
    return;
  }
  identity.later(next, [&identity, until] {
    const std::optional<std::uint32_t> leader = identity.leader();
    const Duration lasts = identity.random.uniform(50ms, 600ms);
    const std::uint64_t how = identity.random.below(3);
    const std::uint32_t victim =
        how == 2 ? IdentityWorld::kNodes + static_cast<std::uint32_t>(identity.random.below(4))
                 : leader.value_or(0);
    sim::SimulatedHost& host = identity.world.host(victim);
    if (how == 1) {
      host.pause();
    } else {
      host.crash();
    }
    identity.later(identity.world.now() + lasts, [&identity, &host, how, until] {
      if (how == 1) {
        host.resume();
      } else {
        host.start();
      }
      disturb(identity, until);
    });
  });
}

TEST_P(IdentityBySeed, ARotationFailsNoHandshakeWhateverBefallsTheControlPlane) {
  IdentityWorld identity{{.seed = GetParam(), .greeting = 20ms}};
  identity.start();
  identity.rotate_at(5s);
  identity.world.run_for(4s);
  disturb(identity, 25s);
  identity.world.run_for(31s);
  EXPECT_THAT(identity.refused, IsEmpty());
  EXPECT_EQ(identity.finished_steps, 3U);
  for (const auto& [host, issuer] : identity.issuers) {
    EXPECT_EQ(issuer, KeyId{2}) << "host " << host.value();
  }
  EXPECT_GT(identity.accepted, 1000U);
}

TEST(Identity, ARotationIsOverWithinAnIntervalOfRenewalAndThreePushes) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    IdentityWorld identity{{.seed = seed}};
    identity.start();
    identity.rotate_at(identity.random.uniform(10s, 15s));
    identity.world.run_for(15s + 5100ms + 1500ms);
    EXPECT_EQ(identity.finished_steps, 3U) << seed;
  }
}

TEST(Identity, RotationsFollowEachOther) {
  IdentityWorld identity{{}};
  identity.start();
  identity.rotate_at(5s);
  identity.rotate_at(6s);
  identity.world.run_for(40s);
  for (const auto& [host, issuer] : identity.issuers) {
    EXPECT_EQ(issuer, KeyId{3}) << "host " << host.value();
  }
  EXPECT_THAT(identity.refused, IsEmpty());
}

TEST(Identity, OtherOrdersRefuseGoodPeers) {
  std::vector<RotationStep> steps{RotationStep::add, RotationStep::switch_issuer,
                                  RotationStep::drop};
  while (std::next_permutation(steps.begin(), steps.end())) {
    IdentityWorld identity{{.greeting = 10ms}};
    identity.start();
    identity.rotate_at(8s, {steps, RotationWait::for_all});
    identity.world.run_for(40s);
    EXPECT_GT(identity.refused["unknown_issuer"], 0U)
        << name_of(steps[0]) << ", " << name_of(steps[1]) << ", " << name_of(steps[2]);
  }
}

}  // namespace
}  // namespace windtunnel::identity
