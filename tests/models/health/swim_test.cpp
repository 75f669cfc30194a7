#include "models/health/swim.hpp"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "tests/models/health/swim_network.hpp"

namespace windtunnel::health {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// The failure detector alone: nothing is passed on, so that each member knows what it found
/// itself.
SwimOptions detector_only(ProbeOrder order) {
  return {.probe_order = order,
          .gossip_interval = seconds{3600},
          .rumors_per_message_max = 0,
          .push_pull_interval = Duration::zero()};
}

/// In which period after `crash` a probe began whose verdict fell at `verdict`; from one.
double period_of(Instant verdict, Instant crash, Duration period) {
  const auto since = static_cast<double>((verdict - period - crash).count());
  return std::max(1.0, std::ceil(since / static_cast<double>(period.count())));
}

// SWIM §3.1: with uniform probing 1/(1 − (1 − 1/(n−1))^(n−1)) periods, and 1/(1 − 1/e) = 1.58 for
// large n.
TEST(Swim, TheFirstOfManyNoticesACrashAfter158PeriodsOnAverage) {
  constexpr std::uint32_t kMembers = 50;
  constexpr int kRuns = 600;
  const SwimOptions options = detector_only(ProbeOrder::uniform);
  double sum = 0;
  for (int run = 0; run < kRuns; ++run) {
    SwimNetwork network(kMembers, options, static_cast<std::uint64_t>(run));
    network.run_for(milliseconds{2500});
    network.crash(0);
    const Instant crash = network.now();
    network.run_for(seconds{20});
    const auto verdict = network.first(0, MemberState::suspect);
    ASSERT_TRUE(verdict) << "seed " << run;
    sum += period_of(*verdict, crash, options.probe_interval);
  }
  const double others = kMembers - 1;
  const double missed = std::pow(1 - 1 / others, others);
  const double expected = 1 / (1 - missed);
  const double deviation = std::sqrt(missed) / (1 - missed);
  EXPECT_NEAR(expected, 1.58, 0.02);
  EXPECT_NEAR(sum / kRuns, expected, 4 * deviation / std::sqrt(kRuns));
  RecordProperty("mean_periods", std::to_string(sum / kRuns));
}

// SWIM §4.3: a member that comes first in one round and last in the next is probed again after
// 2(n−1) − 1 periods, never later.
TEST(Swim, WithRoundRobinEveryMemberNoticesItselfWithinTwoRounds) {
  const SwimOptions options = detector_only(ProbeOrder::round_robin);
  double latest = 0;
  for (const std::uint32_t members : {3U, 8U, 20U}) {
    const double bound = 2 * (members - 1) - 1;
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
      SwimNetwork network(members, options, seed);
      network.run_for(milliseconds{static_cast<std::int64_t>(5000 + 37 * seed)});
      network.crash(0);
      const Instant crash = network.now();
      network.run_for(seconds{2 * members + 5});
      std::uint32_t noticed = 0;
      for (const auto& belief : network.beliefs()) {
        if (belief.change.state == MemberState::suspect) {
          ++noticed;
          const double period = period_of(belief.change.at, crash, options.probe_interval);
          EXPECT_LE(period, bound) << members << " members, seed " << seed;
          latest = std::max(latest, period / bound);
        }
      }
      EXPECT_EQ(noticed, members - 1);
    }
  }
  // And the bound is not idle.
  EXPECT_GT(latest, 0.9);
}

TEST(Swim, NobodyIsEverSuspectedWhereNothingIsLost) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    SwimNetwork network(16, {}, seed);
    network.run_for(seconds{120});
    EXPECT_TRUE(network.beliefs().empty()) << "seed " << seed;
    EXPECT_EQ(network.sent(SwimMessageType::indirect_ping), 0U);
  }
}

TEST(Swim, EveryCrashIsFoundByEverySurvivorDespiteLoss) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    SwimNetwork network(16, {}, seed);
    network.set_loss(0.1);
    network.run_for(seconds{10});
    network.crash(3);
    network.crash(7);
    network.run_for(seconds{60});
    // Dead, or dead and forgotten.
    for (const std::uint32_t crashed : {3U, 7U}) {
      EXPECT_EQ(network.count_believing(crashed, MemberState::alive), 0U) << "seed " << seed;
      EXPECT_EQ(network.count_believing(crashed, MemberState::suspect), 0U) << "seed " << seed;
    }
    for (const std::uint32_t living : {0U, 1U, 2U, 4U, 15U}) {
      EXPECT_EQ(network.count_believing(living, MemberState::dead), 0U) << "seed " << seed;
    }
  }
}

TEST(Swim, ADeathIsKnownToAllWithinAFewRoundsOfGossip) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    SwimOptions options;
    options.push_pull_interval = Duration::zero();
    SwimNetwork network(48, options, seed);
    network.run_for(seconds{2});
    network.crash(0);
    network.run_for(seconds{50});
    const auto first = network.first(0, MemberState::dead);
    ASSERT_TRUE(first);
    Instant last{};
    std::uint32_t told = 0;
    for (const auto& belief : network.beliefs()) {
      if (belief.change.state == MemberState::dead) {
        last = std::max(last, belief.change.at);
        ++told;
      }
    }
    EXPECT_EQ(told, 47U) << "seed " << seed;
    // Three members each fifth of a second: 4^3 > 48 after three rounds.
    EXPECT_LT(last - *first, seconds{2}) << "seed " << seed;
  }
}

// Lifeguard: with k confirmations a suspicion among 16 lasts its shortest time, 4 · log10(16)
// intervals = 4.816 s; without any six times that.
TEST(Swim, ASuspicionLastsAsLongAsItsConfirmationsSay) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    SwimNetwork network(16, {}, seed);
    network.run_for(seconds{3});
    network.crash(0);
    network.run_for(seconds{60});
    const Duration shortest = swim_suspicion_timeout(4, 16, seconds{1});
    EXPECT_EQ(shortest, milliseconds{4816});
    const Duration lasted =
        *network.first(0, MemberState::dead) - *network.first(0, MemberState::suspect);
    EXPECT_GE(lasted, shortest);
    // Two confirmations come within a round of probing.
    EXPECT_LT(lasted, 6 * shortest);
  }
}

TEST(Swim, AMemberThatWasSilentForAWhileContradictsAndLives) {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    SwimNetwork network(16, {}, seed);
    network.run_for(seconds{3});
    bool is_cut = true;
    network.set_cut(
        [&](HostId from, HostId to) { return is_cut && (from == HostId{5} || to == HostId{5}); });
    while (!network.first(5, MemberState::suspect)) {
      network.run_for(milliseconds{100});
    }
    is_cut = false;
    network.run_for(seconds{30});
    EXPECT_FALSE(network.first(5, MemberState::dead)) << "seed " << seed;
    EXPECT_EQ(network.count_believing(5, MemberState::alive), 15U) << "seed " << seed;
    EXPECT_GT(network.member(5).incarnation(), 1U);
  }
}

TEST(Swim, ARestartedMemberLearnsOfItsDeathAndContradictsIt) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    SwimNetwork network(8, {}, seed);
    network.run_for(seconds{3});
    network.crash(2);
    network.run_for(seconds{25});
    ASSERT_TRUE(network.first(2, MemberState::dead));
    network.restart(2, 6);
    network.run_for(seconds{20});
    EXPECT_EQ(network.count_believing(2, MemberState::alive), 7U) << "seed " << seed;
    EXPECT_EQ(network.member(2).member_count(), 8U);
    EXPECT_GT(network.member(2).incarnation(), 1U);
  }
}

TEST(Swim, WhoLeavesIsGoneWithoutSuspicion) {
  SwimNetwork network(8, {}, 1);
  network.run_for(seconds{3});
  network.leave(4);
  network.run_for(seconds{3});
  EXPECT_EQ(network.count_believing(4, MemberState::left), 7U);
  EXPECT_FALSE(network.first(4, MemberState::suspect));
  EXPECT_TRUE(network.member(4).is_quiet());
}

TEST(Swim, OthersReachWhomALossyLinkHides) {
  SwimNetwork network(8, {}, 1);
  // 0 and 1 cannot talk; everybody else reaches both.
  network.set_cut([](HostId from, HostId to) { return from.value() + to.value() == 1; });
  network.run_for(seconds{120});
  EXPECT_GT(network.sent(SwimMessageType::indirect_ping), 0U);
  EXPECT_TRUE(network.beliefs().empty());
}

TEST(Swim, AMemberThatHearsNobodyDoubtsItselfAndProbesFiveTimesLess) {
  SwimNetwork network(8, {}, 1);
  network.set_cut([](HostId, HostId to) { return to == HostId{0}; });
  network.run_for(seconds{60});
  EXPECT_EQ(network.member(0).health_score(), 7U);
  // Its probes take 1, 4, 7 and then 8 intervals.
  EXPECT_LT(5 * network.pings_from(0), network.pings_from(1));
  // All that it accuses contradict, since their answers only fail to reach it.
  for (std::uint32_t accused = 1; accused < 8; ++accused) {
    for (std::uint32_t witness = 1; witness < 8; ++witness) {
      if (witness != accused) {
        EXPECT_EQ(network.member(witness).state_of(HostId{accused}), MemberState::alive);
      }
    }
  }
}

// The nacks of three helpers show that the fault is the target's. memberlist sends them one probe
// timeout after the request, itself sent one probe timeout after the ping: past the verdict, which
// falls after two. At the Lifeguard paper's 80 % they arrive.
TEST(Swim, MemberlistsNacksComeTooLateToSpareTheProbersHealth) {
  for (const auto nack_after : {milliseconds{400}, milliseconds{500}}) {
    SwimOptions options = detector_only(ProbeOrder::round_robin);
    options.nack_after = nack_after;
    SwimNetwork network(8, options, 1);
    network.crash(7);
    std::uint32_t worst = 0;
    for (int step = 0; step < 200; ++step) {
      network.run_for(milliseconds{50});
      for (std::uint32_t index = 0; index < 7; ++index) {
        worst = std::max(worst, network.member(index).health_score());
      }
    }
    EXPECT_EQ(worst > 0, nack_after == milliseconds{500});
  }
}

// What memberlist leaves to its user: it forgets the dead and stops talking to them.
TEST(Swim, HalvesThatWereApartForLongNeedAJoin) {
  SwimNetwork network(8, {}, 3);
  bool is_cut = true;
  network.set_cut(
      [&](HostId from, HostId to) { return is_cut && (from.value() < 4) != (to.value() < 4); });
  network.run_for(seconds{120});
  is_cut = false;
  network.run_for(seconds{120});
  EXPECT_EQ(network.member(0).member_count(), 4U);
  network.member(0).join(HostId{7});
  network.run_for(seconds{60});
  for (std::uint32_t index = 0; index < 8; ++index) {
    EXPECT_EQ(network.count_believing(index, MemberState::alive), 7U);
  }
}

// Safety is the detector's never: it may be wrong. But once the network is whole and everybody is
// up, all agree that everybody is alive.
TEST(Swim, AfterFaultsAreHealedAllAgreeThatAllAreAlive) {
  constexpr std::uint32_t kMembers = 12;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    RandomStream faults(seed, "faults");
    SwimNetwork network(kMembers, {}, seed);
    network.set_loss(0.2);
    std::uint64_t side = 0;  // By bits; a cut between zeroes and ones.
    network.set_cut([&](HostId from, HostId to) {
      return ((side >> from.value()) & 1) != ((side >> to.value()) & 1);
    });
    for (int fault = 0; fault < 15; ++fault) {
      const auto victim = static_cast<std::uint32_t>(faults.below(kMembers - 1)) + 1;
      if (!network.is_up(victim)) {
        network.restart(victim, 0);
      } else if (faults.below(3) == 0) {
        network.crash(victim);
      } else {
        side = faults.below(2) == 0 ? 0 : faults.below(1U << kMembers);
      }
      network.run_for(faults.uniform(seconds{1}, seconds{8}));
    }
    side = 0;
    network.set_loss(0);
    for (std::uint32_t index = 1; index < kMembers; ++index) {
      if (network.is_up(index)) {
        network.member(index).join(HostId{0});
      } else {
        network.restart(index, 0);
      }
    }
    network.run_for(seconds{120});
    for (std::uint32_t index = 0; index < kMembers; ++index) {
      EXPECT_EQ(network.count_believing(index, MemberState::alive), kMembers - 1)
          << "member " << index << ", seed " << seed;
    }
  }
}

TEST(Swim, EqualSeedsGiveEqualTraces) {
  const auto trace = [](std::uint64_t seed) {
    SwimNetwork network(16, {}, seed);
    network.set_loss(0.05);
    network.run_for(seconds{20});
    network.crash(1);
    network.run_for(seconds{20});
    return network.digest();
  };
  EXPECT_EQ(trace(1), trace(1));
  EXPECT_NE(trace(1), trace(2));
}

}  // namespace
}  // namespace windtunnel::health
